import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { standardNormal } from '@proj/distributions';
import { normal } from '@proj/distributions/random';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  decoderWeights,
  type Edges,
  graphLogLikelihood,
  innerProductLoss,
  sumSoftplusOfPairs,
} from './decoder-loss.ts';

const edgesOf = (pairs: readonly (readonly [number, number])[]): Edges => ({
  from: tf.tensor1d(
    pairs.map(([i]) => i),
    'int32',
  ),
  to: tf.tensor1d(
    pairs.map(([, j]) => j),
    'int32',
  ),
});

/** The definition, on whole matrices. */
function denseLoss(z: tf.Tensor2D, pairs: readonly (readonly [number, number])[]): tf.Scalar {
  const n = z.shape[0];
  const { posWeight, norm } = decoderWeights(n, pairs.length);
  const y = tf.buffer([n, n]);
  for (let i = 0; i < n; i++) y.set(1, i, i);
  for (const [i, j] of pairs) {
    y.set(1, i, j);
    y.set(1, j, i);
  }
  const labels = y.toTensor();
  const logits = tf.matMul(z, z, false, true);
  const negative = tf.mul(tf.sub(1, labels), tf.softplus(logits));
  const positive = tf.mul(tf.mul(posWeight, labels), tf.softplus(tf.neg(logits)));
  return tf.mul(norm, tf.mean(tf.add(negative, positive)));
}

// Golden: 0.5 x log 2 x (N^2 - S - N + posWeight (S + N)) / (N^2 - S) with S = 8976, in float64.
it("at logits 0 is Cora's 0.7975780", () => {
  const edges = edgesOf(Array.from({ length: 4488 }, (_, e) => [e % 2708, (e + (e < 2708 ? 1 : 2)) % 2708]));
  const { posWeight, norm } = decoderWeights(2708, 4488);
  expect(posWeight).toBeCloseTo(815.98574, 5);
  expect(norm).toBeCloseTo(0.50061276, 8);
  const loss = innerProductLoss(tf.zeros([2708, 1]), edges).dataSync()[0]!;
  expect(Math.abs(loss - 0.797578)).toBeLessThan(1e-6);
});

it('equals the dense formula and its gradient, whatever the graph', () => {
  const graph = fc.record({
    n: fc.integer({ min: 2, max: 300 }),
    edges: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 40 }),
    size: fc.integer({ min: 1, max: 5 }),
    scale: fc.constantFrom(0, 0.1, 1, 5),
    seed: fc.nat(),
  });
  const property = fc.property(graph, ({ n, edges, size, scale, seed }) => {
    const keys = new Set(
      edges.map(([a, b]) => [a % n, b % n].sort((i, j) => i - j)).map(([i, j]) => (i === j ? '0,1' : `${i},${j}`)),
    );
    const pairs = [...keys].map((key) => key.split(',').map(Number) as [number, number]);
    if (2 * pairs.length >= n * n) return;
    tf.tidy(() => {
      const z = tf.mul(standardNormal([n, size], seed), scale) as tf.Tensor2D;
      const [got, want] = [
        tf.valueAndGrad((x) => innerProductLoss(x as tf.Tensor2D, edgesOf(pairs)))(z),
        tf.valueAndGrad((x) => denseLoss(x as tf.Tensor2D, pairs))(z),
      ];
      const value = want.value.dataSync()[0]!;
      expect(Math.abs(got.value.dataSync()[0]! - value)).toBeLessThan(1e-5 * value);
      const largest = tf.max(tf.abs(want.grad)).dataSync()[0]!;
      const off = tf.max(tf.abs(tf.sub(got.grad, want.grad))).dataSync()[0]!;
      expect(off).toBeLessThanOrEqual(1e-5 * largest + 1e-7);
    });
  });
  fc.assert(property, { seed: 1, numRuns: 40 });
});

it.each([1, 3, 7, 100])('sums all pairs in blocks of %d rows', (block) => {
  const z = tf.tensor2d(normal(7 * 2, 3), [7, 2]);
  const { value, grad } = tf.valueAndGrad((x) => sumSoftplusOfPairs(x as tf.Tensor2D, block))(z);
  const at = (i: number, j: number, data: ArrayLike<number>) =>
    data[2 * i]! * data[2 * j]! + data[2 * i + 1]! * data[2 * j + 1]!;
  const sum = (data: ArrayLike<number>) => {
    let total = 0;
    for (let i = 0; i < 7; i++) for (let j = 0; j < 7; j++) total += Math.log1p(Math.exp(at(i, j, data)));
    return total;
  };
  const data = Float64Array.from(z.dataSync());
  expect(Math.abs(value.dataSync()[0]! - sum(data))).toBeLessThan(1e-5 * sum(data));
  const step = 1e-5;
  for (const [k, got] of grad.dataSync().entries()) {
    const moved = (by: number) => sum(data.map((x, i) => (i === k ? x + by : x)));
    const slope = (moved(step) - moved(-step)) / (2 * step);
    expect(Math.abs(got - slope)).toBeLessThan(1e-5 * Math.max(1, Math.abs(slope)) + 1e-5);
  }
});

it('leaves nothing behind but its value', () => {
  const z = tf.tensor2d(normal(20, 3), [10, 2]);
  const before = tf.memory().numTensors;
  const { value, grad } = tf.valueAndGrad((x) => sumSoftplusOfPairs(x as tf.Tensor2D, 4))(z);
  sumSoftplusOfPairs(z, 4).dispose();
  tf.dispose([value, grad]);
  expect(tf.memory().numTensors).toBe(before);
});

const EDGES = [
  [0, 1],
  [1, 2],
  [2, 5],
  [0, 9],
] as const;

// 5 standard errors of a mean of 400. With a wrong factor of the diagonal or of the pairs' number it is off by 10 % and more.
it.each([0.5, 1, 8])('with %d sampled pairs an edge it is the same on average, and so is its gradient', (negatives) => {
  const z = tf.mul(standardNormal([10, 2], 4), 1.5) as tf.Tensor2D;
  const edges = edgesOf(EDGES);
  const exact = tf.valueAndGrad((x) => innerProductLoss(x as tf.Tensor2D, edges))(z);
  const want = [exact.value.dataSync()[0]!, ...exact.grad.dataSync()];
  const runs = 400;
  const [sum, squares] = [want.map(() => 0), want.map(() => 0)];
  for (let seed = 0; seed < runs; seed++) {
    const { value, grad } = tf.valueAndGrad((x) => innerProductLoss(x as tf.Tensor2D, edges, { negatives, seed }))(z);
    for (const [k, v] of [value.dataSync()[0]!, ...grad.dataSync()].entries()) {
      sum[k]! += v;
      squares[k]! += v * v;
    }
    tf.dispose([value, grad]);
  }
  for (const [k, expected] of want.entries()) {
    const mean = sum[k]! / runs;
    const error = Math.sqrt((squares[k]! / runs - mean ** 2) / runs);
    expect(Math.abs(mean - expected)).toBeLessThan(5 * error + 1e-6);
    expect(error).toBeLessThan(0.25 * Math.max(1, Math.abs(want[0]!)));
  }
});

it('log p(A | z) is a Bernoulli log-likelihood over the pairs i < j', () => {
  const z = tf.tensor2d(normal(20, 7), [10, 2]);
  const data = z.arraySync();
  const linked = new Set(EDGES.map(([i, j]) => 10 * i + j));
  let expected = 0;
  for (let i = 0; i < 10; i++) {
    for (let j = i + 1; j < 10; j++) {
      const logit = data[i]![0]! * data[j]![0]! + data[i]![1]! * data[j]![1]!;
      expected -= Math.log1p(Math.exp(linked.has(10 * i + j) ? -logit : logit));
    }
  }
  expect(Math.abs(graphLogLikelihood(z, edgesOf(EDGES)).dataSync()[0]! / expected - 1)).toBeLessThan(1e-5);
});
