import { Independent, Normal, standardNormal } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { householderFlow } from './householder-flow.ts';
import { createWeights } from './weights.ts';

const [B, F, Z] = [4, 3, 3];
const make = (count: number, seed = 1) => {
  const plan = householderFlow('q', count, F, Z);
  const weights = createWeights(plan.specs, seed);
  return { plan, weights, reflect: plan.bind(weights) };
};
const base = () => new Independent(new Normal(standardNormal([B, Z], 5), tf.exp(standardNormal([B, Z], 6))), 1);
const features = () => standardNormal([B, F], 7) as tf.Tensor2D;
const close = (a: tf.Tensor, b: tf.Tensor, within = 1e-5) =>
  expect(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!).toBeLessThan(within);

it('stores a linear layer for each reflection, the first from the features', () => {
  const { plan, weights } = make(3);
  expect(plan.specs.map(({ name, kernel }) => [name, kernel])).toEqual([
    ['q/reflection1', [F, Z]],
    ['q/reflection2', [Z, Z]],
    ['q/reflection3', [Z, Z]],
  ]);
  expect(Object.keys(weights)).toHaveLength(6);
});

// Golden: systems.md 9.5. With a zero kernel the vector of reflection 1 is its bias, (1, 2, 2).
it('reflects (3, 0, -1) by (1, 2, 2) into (25, -4, -13) / 9', () => {
  const { weights, reflect } = make(1);
  weights['q/reflection1/kernel']!.assign(tf.zeros([F, Z]));
  weights['q/reflection1/bias']!.assign(tf.tensor1d([1, 2, 2]));
  const point = new Independent(new Normal(tf.tensor1d([3, 0, -1]), tf.fill([3], 1e-9)), 1);
  const z = reflect(point, tf.zeros([1, F])).sample({ seed: 0 });
  close(z, tf.tensor2d([[25 / 9, -4 / 9, -13 / 9]]), 1e-6);
});

/** z_k = z_{k-1} - 2 v_k (v_k . z_{k-1}) / |v_k|^2, v_1 = linear(h), v_{k+1} = linear(v_k), in float64. */
function byHand(weights: Record<string, tf.Variable>, count: number, z: number[][], h: number[][]): number[][] {
  return z.map((row, b) => {
    let [turned, v] = [row, h[b]!];
    for (let k = 1; k <= count; k++) {
      const kernel = weights[`q/reflection${k}/kernel`]!.arraySync() as number[][];
      const bias = weights[`q/reflection${k}/bias`]!.arraySync() as number[];
      const read = v;
      v = bias.map((offset, j) => read.reduce((sum, x, i) => sum + x * kernel[i]![j]!, offset));
      const dot = v.reduce((sum, x, j) => sum + x * turned[j]!, 0);
      const square = v.reduce((sum, x) => sum + x * x, 0);
      turned = turned.map((x, j) => x - (2 * v[j]! * dot) / square);
    }
    return turned;
  });
}

it('turns the draws of the base, and leaves their density', () => {
  const { weights, reflect } = make(3);
  weights['q/reflection2/bias']!.assign(tf.tensor1d([0.3, -0.2, 0.1]));
  const plain = base().sampleAndLogProb({ seed: 2 });
  const turned = reflect(base(), features()).sampleAndLogProb({ seed: 2 });
  const expected = byHand(weights, 3, plain.sample.arraySync() as number[][], features().arraySync());
  close(turned.sample, tf.tensor2d(expected));
  expect(turned.logProb.arraySync()).toEqual(plain.logProb.arraySync()); // log q(z_K) = log q_0(z_0), to the bit
  close(reflect(base(), features()).logProb(turned.sample), plain.logProb, 1e-4); // from z_K alone
});

it('the covariance is that of draws, and has correlations', () => {
  const { reflect } = make(2);
  const q = reflect(base(), features());
  const n = 20_000;
  const draws = q.sample({ sampleShape: [n], seed: 3 });
  const { mean, variance } = tf.moments(draws, 0);
  const sd = q.stddev();
  close(tf.div(tf.sub(mean, q.mean()), sd), tf.zeros([B, Z]), 5 / Math.sqrt(n));
  close(tf.div(variance, tf.square(sd)), tf.ones([B, Z]), 5 * Math.sqrt(2 / n)); // z_K is Gaussian
  const covariance = q.covariance().arraySync() as number[][][];
  expect(Math.max(...covariance.map((c) => Math.abs(c[0]![1]! / Math.sqrt(c[0]![0]! * c[1]![1]!))))).toBeGreaterThan(
    0.1,
  );
});

it('the log-ratio to N(0, I) stays as it is for every draw, and so does the KL', () => {
  const { reflect } = make(4);
  const prior = new Independent(new Normal(tf.zeros([Z]), tf.ones([Z])), 1);
  const [plain, turned] = [base(), reflect(base(), features())].map((q) => {
    const { sample, logProb } = q.sampleAndLogProb({ sampleShape: [100], seed: 4 });
    return tf.sub(logProb, prior.logProb(sample));
  });
  close(plain!, turned!, 2e-5 * tf.max(tf.abs(plain!)).dataSync()[0]!);
});

it('without reflections the base is what comes out', () => {
  const q = base();
  expect(make(0).reflect(q, features())).toBe(q);
});

it('gradients reach features and weights, also where a vector is 0', () => {
  const { weights, reflect } = make(2);
  const loss = (h: tf.Tensor) =>
    tf.sum(tf.mul(reflect(base(), h as tf.Tensor2D).sample({ seed: 0 }), tf.tensor1d([1, 2, -1]))) as tf.Scalar;
  expect(tf.max(tf.abs(tf.grad(loss)(features()))).dataSync()[0]!).toBeGreaterThan(1e-3);
  const { grads } = tf.variableGrads(() => loss(features()), Object.values(weights));
  for (const weight of Object.values(weights)) {
    expect(tf.max(tf.abs(grads[weight.name]!)).dataSync()[0]!).toBeGreaterThan(1e-4);
  }
  const atZero = tf
    .grad(loss)(tf.zeros([B, F]))
    .dataSync(); // biases are 0 too: every vector is
  expect(atZero.every(Number.isFinite)).toBe(true);
});
