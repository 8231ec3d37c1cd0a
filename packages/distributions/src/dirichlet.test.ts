import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { Dirichlet } from './dirichlet.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number, relative = 3e-7) =>
  expect(Math.abs(value(got) - golden)).toBeLessThan(relative * Math.abs(golden));

// Goldens: scipy 1.17.1, scipy.stats.dirichlet(a).logpdf(x), .entropy(); KL of TFP 0.25 (numpy), tfd.kl_divergence.
it('logProb, entropy and klDivergence', () => {
  const p = new Dirichlet([2, 3, 1.5]);
  near(p.logProb([0.5, 0.25, 0.25]), 0.931314033572769);
  near(new Dirichlet([512, 1024, 256]).logProb([0.25, 0.625, 0.125]), -3.079976589260241);
  near(p.entropy(), -1.101605452817365);
  near(p.klDivergence(new Dirichlet([1, 1, 4])), 3.375137248527443);
});

it('KL to itself is 0, and so is its gradient', () => {
  const kl = (a: tf.Tensor) => new Dirichlet(a).klDivergence(new Dirichlet([0.5, 700, 3]));
  expect(value(kl(tf.tensor([0.5, 700, 3])))).toBe(0);
  expect([
    ...tf
      .grad(kl)(tf.tensor([0.5, 700, 3]))
      .dataSync(),
  ]).toEqual([0, 0, 0]);
});

it('outside the simplex there is nothing, nor a gradient', () => {
  const p = new Dirichlet([2, 3]);
  const outside = [
    [1.5, -0.5],
    [0.5, 0.25],
    [0.5, 0.5],
  ];
  expect([...p.logProb(outside).dataSync()].map(Number.isFinite)).toEqual([false, false, true]);
  const slope = tf.grads((a, x) => tf.sum(new Dirichlet(a!).logProb(x!)));
  expect(slope([tf.tensor([2, 3]), tf.tensor([1.5, -0.5])]).map((t) => [...t.dataSync()])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

// Central differences in float32, of a batch that broadcasts against the values.
it('gradients by concentration and value', () => {
  const a = tf.tensor([[[0.75, 2, 4]], [[1.5, 3, 0.5]]]); // [2, 1, 3]
  const x = tf.tensor([
    [0.25, 0.5, 0.25],
    [0.125, 0.125, 0.75],
  ]);
  const q = new Dirichlet([1, 2, 3]);
  const functions = [
    (c: tf.Tensor) => new Dirichlet(c).logProb(x),
    (c: tf.Tensor) => new Dirichlet(c).entropy(),
    (c: tf.Tensor) => new Dirichlet(c).klDivergence(q),
    (c: tf.Tensor) => q.klDivergence(new Dirichlet(c)),
  ];
  for (const f of functions) {
    const slope = tf
      .grad((c: tf.Tensor) => tf.sum(f(c)))(a)
      .dataSync();
    slope.forEach((got, i) => {
      const at = (step: number) =>
        value(
          tf.sum(
            f(
              tf.tensor(
                a.dataSync().map((v, j) => (j === i ? v + step : v)),
                a.shape,
              ),
            ),
          ),
        );
      expect(Math.abs(got - (at(1 / 128) - at(-1 / 128)) * 64)).toBeLessThan(2e-3 * (1 + Math.abs(got)));
    });
  }
  const byX = tf.grad((v: tf.Tensor) => tf.sum(new Dirichlet(a).logProb(v)))(x);
  // Closed form: (concentration - 1) / x, summed over the batch.
  const golden = tf.div(tf.sub(tf.sum(a, [0, 1]), 2), x);
  byX.dataSync().forEach((got, i) => {
    expect(got).toBeCloseTo(golden.dataSync()[i]!, 5);
  });
});

// Closed form: E x_1 = a_1 / total, differentiated by each concentration. 5 standard errors.
it.each([[[0.01, 0.02, 0.01]], [[0.05, 0.02, 0.03]], [[2, 0.5, 7]]])('gradients of draws are implicit: %j', (a) => {
  const n = 20_000;
  const first = (as: tf.Tensor) => tf.sum(tf.slice(new Dirichlet(as).sample({ seed: 2 }), [0, 0], [n, 1]));
  const slopes = tf.grad(first)(tf.tile(tf.tensor([a]), [n, 1]));
  const { mean, variance } = tf.moments(slopes, 0);
  const total = a[0]! + a[1]! + a[2]!;
  const golden = [(total - a[0]!) / total ** 2, -a[0]! / total ** 2, -a[0]! / total ** 2];
  golden.forEach((g, i) => {
    const error = Math.sqrt(variance.dataSync()[i]! / n);
    expect(Math.abs(mean.dataSync()[i]! - g)).toBeLessThan(5 * error);
  });
});

it('draws of the smallest concentrations are corners, each as likely as its share', () => {
  const [n, a] = [3000, [1e-3, 2e-3, 1e-3]];
  const p = new Dirichlet(a);
  const x = p.sample({ sampleShape: [n], seed: 3 });
  expect(value(tf.min(x))).toBe(2 ** -126);
  expect(value(tf.max(tf.abs(tf.sub(tf.sum(x, -1), 1))))).toBeLessThan(1e-6);
  const mean = tf.mean(x, 0).dataSync();
  [0.25, 0.5, 0.25].forEach((share, i) => {
    expect(Math.abs(mean[i]! - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / n));
  });
  const slopes = tf.grad((c: tf.Tensor) => tf.sum(tf.square(new Dirichlet(c).sample({ seed: 3 }))))(tf.tensor(a));
  expect([...slopes.dataSync()].every(Number.isFinite)).toBe(true);
});

// A draw of a concentration a near 0 is exp(-E / a) with E exponential, and moves with a as that at fixed probability does, but
// for a part in |log draw|, here about 1000.
it('gradients of draws whose gammas are too small for float64', () => {
  const draw = (a: tf.Tensor) => new Dirichlet(a).sample({ sampleShape: [5000], seed: 3 });
  const first = (a: number) => tf.slice(draw(tf.tensor([a, 1e-3])), [0, 0], [-1, 1]).dataSync();
  const index = first(1e-3).findIndex((x) => x > 0.2 && x < 0.8);
  expect(index).toBeGreaterThan(-1);
  const slopes = tf.grad((a: tf.Tensor) => tf.sum(tf.slice(draw(a), [index, 0], [1, 1])))(tf.tensor([1e-3, 1e-3]));
  const step = 2e-8;
  const difference =
    (first(1e-3 + step)[index]! - first(1e-3 - step)[index]!) / (Math.fround(1e-3 + step) - Math.fround(1e-3 - step));
  expect(Math.abs(value(slopes) / difference - 1)).toBeLessThan(0.02);
});

it('differentiates once, and says so', () => {
  const twice = (f: (a: tf.Tensor) => tf.Tensor) => () => {
    const slope = tf.grad((a: tf.Tensor) => tf.sum(f(a)));
    return tf.grad((a: tf.Tensor) => tf.sum(slope(a)))(tf.tensor([2, 3]));
  };
  expect(twice((a) => new Dirichlet(a).entropy())).toThrow(
    'the gradient of Dirichlet.entropy: there is no derivative by concentration of what you differentiate.',
  );
  expect(twice((a) => tf.square(new Dirichlet(a).sample({ seed: 1 })))).toThrow(
    'the gradient of Dirichlet.sample: there is no derivative by concentration of what you differentiate.',
  );
});

it('leaves nothing behind but its results', () => {
  const p = new Dirichlet([
    [2, 3],
    [1, 4],
  ]);
  const before = tf.memory().numTensors;
  tf.dispose([p.sample({ seed: 1 }), p.logProb([0.5, 0.5]), p.klDivergence(p), p.entropy(), p.covariance()]);
  tf.dispose([p.mean(), p.mode(), p.variance(), p.stddev()]);
  tf.dispose(tf.grad((a: tf.Tensor) => new Dirichlet(a).sample({ seed: 2 }))(p.concentration));
  expect(tf.memory().numTensors).toBe(before);
});
