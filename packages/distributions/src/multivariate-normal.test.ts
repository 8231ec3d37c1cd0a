import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { solveTriangular } from './internal/triangular.ts';
import { MultivariateNormalDiag } from './multivariate-normal-diag.ts';
import { MultivariateNormalTriL } from './multivariate-normal-tril.ts';

beforeAll(() => tf.setBackend('cpu'));
afterAll(() => tf.setBackend('cpu'));

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: number, golden: number) => expect(Math.abs(got - golden)).toBeLessThan(1e-6 * Math.abs(golden));

const M = [1, -2, 0.5];
const L = [
  [1, 0, 0],
  [0.5, 2, 0],
  [-1, 0.25, 0.5],
];
const D = [0.5, 1, 4];
const X = [0.25, 0, -1];

describe.each(['cpu', 'wasm'])('on %s', (engine) => {
  beforeAll(() => tf.setBackend(engine));
  afterAll(() => tf.setBackend('cpu'));

  // Golden: scipy 1.17.1, scipy.stats.multivariate_normal(m, L @ L.T), .logpdf(x) and .entropy(); float64.
  it('logProb and entropy', () => {
    const full = new MultivariateNormalTriL(M, L);
    near(value(full.logProb(X)), -16.716288255863812);
    near(value(full.entropy()), 4.256815599614027);
    const diag = new MultivariateNormalDiag(M, D);
    near(value(diag.logProb(X)), -6.645275280173964);
    near(value(diag.entropy()), 4.949962780173964);
  });

  // Golden: TFP 0.25 (numpy), tfd.kl_divergence, float64; the covariance is L L'.
  it('klDivergence and covariance', () => {
    const q = new MultivariateNormalTriL(
      [0, 0, 0],
      [
        [2, 0, 0],
        [0.25, 1, 0],
        [0.25, 0.25, 0.5],
      ],
    );
    near(value(new MultivariateNormalTriL(M, L).klDivergence(q)), 8.31640625);
    expect(q.covariance().arraySync()).toEqual([
      [4, 0.5, 0.5],
      [0.5, 1.0625, 0.3125],
      [0.5, 0.3125, 0.375],
    ]);
    const unit = new MultivariateNormalDiag([0, 0, 0], [1, 2, 3]);
    near(value(new MultivariateNormalDiag(M, D).klDivergence(unit)), 1.7513900664458872);
  });

  it('KL to itself is 0, and so is its gradient, also by the numbers above the diagonal', () => {
    const kl = (l: tf.Tensor) => new MultivariateNormalTriL(M, l).klDivergence(new MultivariateNormalTriL(M, L));
    expect(value(kl(tf.tensor(L)))).toBe(0);
    tf.grad(kl)(tf.tensor(L))
      .dataSync()
      .forEach((slope) => {
        expect(Math.abs(slope)).toBeLessThan(1e-6);
      });
  });

  it('both classes agree where the matrix is diagonal, over batches that broadcast', () => {
    const loc = tf.randomNormal([4, 1, 3], 0, 1, 'float32', 1);
    const scale = tf.tensor([D, [1, 2, 3]]); // [2, 3]
    const diag = new MultivariateNormalDiag(loc, scale);
    const full = new MultivariateNormalTriL(loc, tf.mul(tf.expandDims(scale, -1), tf.eye(3)));
    expect(full.batchShape).toEqual([4, 2]);
    const x = tf.randomNormal([5, 1, 1, 3], 0, 3, 'float32', 2);
    const apart = (a: tf.Tensor, b: tf.Tensor) => {
      expect(a.shape).toEqual(b.shape);
      return value(tf.max(tf.abs(tf.sub(a, b))));
    };
    expect(diag.logProb(x).shape).toEqual([5, 4, 2]);
    expect(apart(diag.logProb(x), full.logProb(x))).toBeLessThan(1e-4);
    expect(apart(diag.entropy(), full.entropy())).toBeLessThan(1e-6);
    expect(apart(diag.covariance(), full.covariance())).toBe(0);
    expect(apart(diag.variance(), full.variance())).toBe(0);
    const options = { sampleShape: [6, 2], seed: 3 };
    expect(apart(diag.sample(options), full.sample(options))).toBeLessThan(1e-5);
  });

  it('draws have the covariance L L transposed, to 5 standard errors', () => {
    const n = 20_000;
    const p = new MultivariateNormalTriL(M, L);
    const centred = tf.sub(p.sample({ sampleShape: [n], seed: 4 }), tf.tensor(M));
    const got = tf.div(tf.matMul(centred, centred, true), n).arraySync() as number[][];
    const golden = p.covariance().arraySync() as number[][];
    golden.forEach((row, i) => {
      row.forEach((covariance, j) => {
        const error = Math.sqrt((row[i]! * golden[j]![j]! + covariance ** 2) / n); // Wishart
        expect(Math.abs(got[i]![j]! - covariance)).toBeLessThan(5 * error);
      });
    });
  });

  // Central differences of logProb and of a draw, by every number of the lower triangle.
  it('gradients by L', () => {
    const of = (f: (p: MultivariateNormalTriL) => tf.Tensor) => {
      const g = (l: tf.Tensor) => tf.sum(f(new MultivariateNormalTriL(tf.tensor(M), l)));
      const slope = tf.grad(g)(tf.tensor(L)).arraySync() as number[][];
      for (const [i, j] of [
        [0, 0],
        [1, 0],
        [1, 1],
        [2, 0],
        [2, 1],
        [2, 2],
      ] as const) {
        const at = (step: number) =>
          value(g(tf.tensor(L.map((row, r) => row.map((x, c) => (r === i && c === j ? x + step : x))))));
        expect(Math.abs(slope[i]![j]! - (at(1 / 128) - at(-1 / 128)) * 64)).toBeLessThan(
          2e-3 * (1 + Math.abs(slope[i]![j]!)),
        );
      }
      expect(slope[0]![1]).toBe(0);
    };
    of((p) => p.logProb([X, M]));
    of((p) => tf.square(p.sample({ sampleShape: [3], seed: 1 })));
  });
});

// Closed form: the Hessian of logProb by x is -(L L')^-1; here L = [[2, 0], [1, 4]], so [[17, -2], [-2, 4]] / -64.
it('second derivatives pass through the triangular solve', () => {
  const p = new MultivariateNormalTriL(
    [0, 0],
    [
      [2, 0],
      [1, 4],
    ],
  );
  const slope = tf.grad((x: tf.Tensor) => p.logProb(x));
  const row = (i: number) =>
    tf
      .grad((x: tf.Tensor) => tf.slice(slope(x), i, 1))(tf.tensor([3, -1]))
      .dataSync();
  const golden = [
    [17, -2],
    [-2, 4],
  ];
  golden.forEach((numbers, i) => {
    numbers.forEach((n, j) => {
      expect(row(i)[j]!).toBeCloseTo(-n / 64, 6);
    });
  });
});

// Central differences of the squared gradients, by every number of L and b.
it.each([false, true])('the triangular solve has derivatives of second order: transposed %s', (transposed) => {
  const inputs = [
    [2, 0, 1, 4],
    [1, 2, 3, -1],
  ];
  const f = (l: tf.Tensor, b: tf.Tensor) => tf.sum(tf.pow(solveTriangular(l, b, transposed), 3));
  const squared = (...x: tf.Tensor[]) =>
    tf.add(
      ...(tf
        .grads(f)(x)
        .map((g) => tf.sum(tf.square(g))) as [tf.Tensor, tf.Tensor]),
    );
  const tensors = (numbers: number[][]) => numbers.map((x) => tf.tensor(x, [2, 2]));
  const slopes = tf
    .grads(squared)(tensors(inputs))
    .map((t) => t.dataSync());
  expect(slopes[0]![1]! + 0).toBe(0); // or -0: above the diagonal
  for (const [i, j] of [
    [0, 0],
    [0, 2],
    [0, 3],
    [1, 0],
    [1, 1],
    [1, 2],
    [1, 3],
  ] as const) {
    const at = (h: number) =>
      value(squared(...tensors(inputs.map((x, k) => x.map((n, m) => (k === i && m === j ? n + h : n))))));
    const difference = (at(1 / 128) - at(-1 / 128)) * 64;
    expect(Math.abs(slopes[i]![j]! - difference)).toBeLessThan(5e-3 * (Math.abs(difference) + 0.1));
  }
});

it('does not read what stands above the diagonal, but validateArgs refuses it', () => {
  const dirty = [
    [2, 7],
    [1, 4],
  ];
  const clean = [
    [2, 0],
    [1, 4],
  ];
  const [a, b] = [new MultivariateNormalTriL([0, 0], dirty), new MultivariateNormalTriL([0, 0], clean)];
  expect(value(a.logProb([1, 2]))).toBe(value(b.logProb([1, 2])));
  expect([...a.sample({ seed: 1 }).dataSync()]).toEqual([...b.sample({ seed: 1 }).dataSync()]);
  expect([...a.covariance().dataSync()]).toEqual([...b.covariance().dataSync()]);
  expect(() => new MultivariateNormalTriL([0, 0], dirty, { validateArgs: true })).toThrow(
    'parameter scaleTril of shape [2, 2] must be lower triangular with a positive diagonal, got [2, 7, 1, 4] at [].',
  );
});

it('says which shapes do not fit, and keeps nothing', () => {
  const before = tf.memory().numTensors;
  expect(() => new MultivariateNormalTriL([0, 0], L)).toThrow(
    new RangeError(
      'MultivariateNormalTriL: scaleTril must end in [N, N] and loc in [N], got scaleTril [3, 3] and loc [2].',
    ),
  );
  expect(() => new MultivariateNormalDiag([0, 0], [1, 1, 1])).toThrow('event of loc [2] and event of scaleDiag [3]');
  expect(tf.memory().numTensors).toBe(before);
});

it('leaves nothing behind but its results', () => {
  const p = new MultivariateNormalTriL(M, L);
  const before = tf.memory().numTensors;
  tf.dispose([p.sample({ seed: 1 }), p.logProb(X), p.klDivergence(p), p.entropy(), p.covariance(), p.variance()]);
  tf.dispose(tf.grad((x: tf.Tensor) => p.logProb(x))(p.loc));
  expect(tf.memory().numTensors).toBe(before);
});
