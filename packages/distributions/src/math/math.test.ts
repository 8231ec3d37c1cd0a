import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import special from '../../fixtures/special.json' with { type: 'json' };
import * as math from '../math.ts';

type F = (...x: tf.Tensor[]) => tf.Tensor;
const numbers = (t: tf.Tensor) => [...t.dataSync()];
const f32 = Math.fround;

const rowsOf = (x: tf.Tensor) => tf.mul(tf.reshape(x, [-1, 1]), [1, 2, 4]);

// Every exported function: arguments at which gradients are compared, by columns.
// `once` lists the arguments by which there is no second derivative.
const cases: { name: string; f: F; at: number[][]; once?: number[] }[] = [
  { name: 'lgamma', f: math.lgamma, at: [[0.3, 0.7, 3, 40, -1.3]] },
  { name: 'digamma', f: math.digamma, at: [[0.3, 0.7, 3, 40]] },
  { name: 'polygamma', f: (x) => math.polygamma(2, x!), at: [[0.3, 0.7, 3, 4]] },
  { name: 'erfinv', f: math.erfinv, at: [[-0.8, -0.3, 0, 0.7, 0.8]] },
  { name: 'ndtr', f: math.ndtr, at: [[-3, -1, 0, 0.5, 2]] },
  { name: 'ndtri', f: math.ndtri, at: [[0.05, 0.3, 0.5, 0.9]] },
  { name: 'logNdtr', f: math.logNdtr, at: [[-30, -3, 0, 0.5, 2]] },
  {
    name: 'lbeta',
    f: math.lbeta,
    at: [
      [0.2, 3, 30],
      [0.5, 40, 2],
    ],
  },
  {
    name: 'gammainc',
    f: math.gammainc,
    at: [
      [0.2, 3, 30, 8],
      [0.5, 4, 25, 2],
    ],
    once: [0],
  },
  {
    name: 'gammaincc',
    f: math.gammaincc,
    at: [
      [0.2, 3, 30, 8],
      [0.5, 4, 25, 2],
    ],
    once: [0],
  },
  {
    name: 'betainc',
    f: math.betainc,
    at: [
      [0.4, 3, 30],
      [0.5, 4, 3],
      [0.3, 0.2, 0.95],
    ],
    once: [0, 1],
  },
  { name: 'log1p', f: math.log1p, at: [[-0.9, -0.1, 0, 0.3, 8]] },
  { name: 'expm1', f: math.expm1, at: [[-4, -0.1, 0, 0.3, 3]] },
  { name: 'softplus', f: math.softplus, at: [[-8, -0.5, 0, 0.3, 8]] },
  { name: 'softplusInverse', f: math.softplusInverse, at: [[0.1, 0.5, 0.8, 8]] },
  { name: 'log1mexp', f: math.log1mexp, at: [[-3, -0.4, 0.2, 0.8, 5]] },
  {
    name: 'logAddExp',
    f: math.logAddExp,
    at: [
      [-3, 0, 2, 5],
      [1, 0, -2, 7],
    ],
  },
  {
    name: 'xlogy',
    f: math.xlogy,
    at: [
      [-3, 0, 2, 5],
      [1, 0.5, 0.1, 7],
    ],
  },
  {
    name: 'xlog1py',
    f: math.xlog1py,
    at: [
      [-3, 0, 2, 5],
      [1, 0.5, -0.3, 7],
    ],
  },
  { name: 'logSumExp', f: (x) => tf.tidy(() => math.logSumExp(rowsOf(x!), 1)), at: [[-1, 0.2, 0.5]] },
  {
    name: 'logSoftmax',
    f: (x) => tf.tidy(() => tf.reshape(tf.slice(math.logSoftmax(rowsOf(x!)), [0, 1], [-1, 1]), [-1])),
    at: [[-1, 0.2, 0.5]],
  },
];

// Goldens: fixtures/special.py, mpmath 1.4.1; of its rows [argument, ..., value] those with arguments exact in float32, nearly all.
const goldens = special as Record<string, number[][]>;
const onHost = ['lgamma', 'digamma', 'lbeta', 'erfinv', 'ndtr', 'ndtri', 'logNdtr', 'gammainc', 'gammaincc', 'betainc'];

// Points at which first and second derivatives by argument k are compared with central differences of float32 values,
// whose error is about step^2 f''' / 6 + 6e-8 |f| / step.
const column = (at: number[][], k: number, shift: number[]) =>
  at.map((xs, i) => tf.tensor(xs.map((x, j) => (i === k ? x + shift[j]! : x))));
const steps = (xs: number[]) => xs.map((x) => 2 ** Math.round(Math.log2(4e-3 * Math.max(0.5, Math.abs(x)))));
const difference = (f: F, at: number[][], k: number) => {
  const step = steps(at[k]!);
  const up = numbers(f(...column(at, k, step)));
  const down = numbers(
    f(
      ...column(
        at,
        k,
        step.map((h) => -h),
      ),
    ),
  );
  return up.map((value, i) => (value - down[i]!) / (2 * step[i]!));
};
const partial =
  (f: F, k: number): F =>
  (...x) =>
    tf.add(tf.grad((t) => f(...x.map((u, i) => (i === k ? t : u))))(x[k]!), tf.mul(0, x[k]!)); // linear ones have 0 too
const expectClose = (got: number[], expected: number[]) =>
  got.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!), `${value} for ${expected[i]}`).toBeLessThan(
      4e-3 * Math.max(1, Math.abs(value)),
    );
  });

describe.each(['cpu', 'wasm'])('on %s', (engine) => {
  beforeAll(async () => {
    expect(await tf.setBackend(engine)).toBe(true);
  });
  afterAll(() => tf.setBackend('cpu'));

  it.each(onHost)('%s is what mpmath gives, rounded to float32', (name) => {
    const rows = goldens[name]!.filter((row) => row.slice(0, -1).every((x) => f32(x) === x));
    expect(rows.length).toBeGreaterThan(0.7 * goldens[name]!.length);
    const columns = rows[0]!.slice(0, -1).map((_, i) => tf.tensor(rows.map((row) => row[i]!)));
    const f = (math as unknown as Record<string, F>)[name]!;
    const least = ['tensorflow', 'webgpu'].includes(tf.getBackend()) ? 2 ** -126 : 0; // they may take smaller numbers for 0
    const flushed = (x: number) => (Math.abs(x) < least ? 0 : f32(x));
    expect(numbers(f(...columns)).map(flushed)).toEqual(rows.map((row) => flushed(row.at(-1)!)));
  });

  it.each(cases.flatMap((each) => each.at.map((_, k) => ({ ...each, k }))))(
    '$name: first and second derivative by argument $k agree with differences',
    ({ f, at, k, once = [] }) => {
      const first = partial(f, k);
      expectClose(numbers(first(...at.map((xs) => tf.tensor(xs)))), difference(f, at, k));
      const second = () => numbers(partial(first, k)(...at.map((xs) => tf.tensor(xs))));
      if (once.includes(k)) expect(second).toThrow(/no derivative/);
      else expectClose(second(), difference(first, at, k));
    },
  );

  it('log1p, expm1, softplus and log1mexp keep their digits for small numbers', () => {
    const small = [-1e-3, -1e-8, 1e-30, 1e-8, 3e-7, 1e-4, 0.2, 0.4999, 0.5001, 1, 30];
    const exact = (f: (x: number) => number, xs: number[]) => xs.map((x) => f(f32(x)));
    const near = (got: tf.Tensor, expected: number[]) =>
      numbers(got).forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(5e-7 * Math.abs(expected[i]!));
      });
    near(math.log1p(small), exact(Math.log1p, small));
    near(math.expm1(small), exact(Math.expm1, small));
    near(
      math.log1mexp(small),
      exact((x) => (x > 1 ? Math.log1p(-Math.exp(-x)) : Math.log(-Math.expm1(-Math.abs(x)))), small),
    );
    const any = [-80, -20, -3, 0, 2, 20, 200];
    near(
      math.softplus(any),
      exact((x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x))), any),
    );
    const positive = [1e-30, 1e-8, 0.1, 0.69, 0.7, 3, 30, 200];
    const inverse = exact((y) => y + Math.log(-Math.expm1(-y)), positive);
    numbers(math.softplusInverse(positive)).forEach((value, i) => {
      expect(Math.abs(value - inverse[i]!)).toBeLessThanOrEqual(5e-7 * Math.max(1, Math.abs(inverse[i]!)));
    });
  });

  it('infinities and zeros', () => {
    const inf = Infinity;
    expect(numbers(math.log1p([-1, inf, -2, NaN]))).toEqual([-inf, inf, NaN, NaN]);
    expect(numbers(math.expm1([-inf, inf, 0]))).toEqual([-1, inf, 0]);
    expect(numbers(math.log1mexp([0, inf, -inf])).map((x) => x + 0)).toEqual([-inf, 0, 0]);
    expect(numbers(math.softplus([-inf, inf]))).toEqual([0, inf]);
    expect(numbers(math.softplusInverse([0, inf, -1]))).toEqual([-inf, inf, NaN]);
    expect(numbers(math.logAddExp([-inf, inf, -inf, inf, 3], [-inf, inf, 2, -inf, -inf]))).toEqual([
      -inf,
      inf,
      2,
      inf,
      3,
    ]);
    expect(numbers(math.xlogy([0, 0, 0, 2, 0], [0, inf, -1, 0, NaN]))).toEqual([0, 0, 0, -inf, NaN]);
    expect(numbers(math.xlog1py([0, 0, 2], [-1, inf, -1]))).toEqual([0, 0, -inf]);
    expect(numbers(math.ndtri([0, 1, 0.5]))).toEqual([-inf, inf, 0]);
  });

  it('gradients at infinities and zeros are finite where the function has a limit', () => {
    const inf = Infinity;
    const grads = (f: F, ...x: number[][]) =>
      tf
        .grads(f)(x.map((each) => tf.tensor(each)))
        .map(numbers);
    expect(grads(math.logAddExp, [-inf, inf, -inf, inf, 3], [-inf, inf, 2, -inf, -inf])).toEqual([
      [0, 0.5, 0, 1, 1],
      [0, 0.5, 1, 0, 0],
    ]);
    expect(grads(math.xlogy, [0, 0, 2], [0, 1, 1])).toEqual([
      [0, 0, 0],
      [0, 0, 2],
    ]);
    expect(grads(math.xlog1py, [0, 0, 2], [-1, 0, 0])).toEqual([
      [0, 0, 0],
      [0, 0, 2],
    ]);
    expect(grads(math.softplus, [-inf, 0, inf])).toEqual([[0, 0.5, 1]]);
    expect(grads(math.logNdtr, [inf])).toEqual([[0]]);
  });

  describe('logSumExp and logSoftmax', () => {
    const logits = [
      [1, 2, 3],
      [-1000, -1000, -1001],
      [-Infinity, -Infinity, -Infinity],
      [-Infinity, 5, -Infinity],
      [Infinity, 0, Infinity],
    ];
    const rows = () => tf.tensor2d(logits);

    // Golden: scipy 1.17.1, scipy.special.logsumexp of each row.
    it('values, whatever the row', () => {
      const got = numbers(math.logSumExp(rows(), 1));
      expect(got[0]).toBeCloseTo(3.40760596444438, 6);
      expect(got[1]).toBeCloseTo(-999.1380053381347, 3);
      expect(got.slice(2)).toEqual([-Infinity, 5, Infinity]);
    });

    it('gradient: softmax, nothing for nothing, equal shares of infinity', () => {
      const got = tf
        .grad((x) => math.logSumExp(x, 1))(rows())
        .arraySync() as number[][];
      for (const [i, share] of [0.09003057, 0.24472847, 0.66524096].entries()) expect(got[0]![i]).toBeCloseTo(share, 6);
      expect(got.slice(2)).toEqual([
        [0, 0, 0],
        [0, 1, 0],
        [0.5, 0, 0.5],
      ]);
    });

    it('axes', () => {
      const x = tf.zeros([2, 3, 4]);
      expect(math.logSumExp(x).shape).toEqual([]);
      expect(math.logSumExp(x, -1).shape).toEqual([2, 3]);
      expect(math.logSumExp(x, [0, -1]).shape).toEqual([3]);
      expect(math.logSumExp(x, [0, -1], true).shape).toEqual([1, 3, 1]);
      expect(numbers(math.logSumExp(x, [0, -1]))[0]).toBeCloseTo(Math.log(8), 6);
      expect(numbers(math.logSumExp(7))).toEqual([7]);
      expect(math.logSoftmax(x, 1).shape).toEqual([2, 3, 4]);
      expect(numbers(math.logSoftmax(x, 1))[0]).toBeCloseTo(-Math.log(3), 6);
    });

    it('logSoftmax of each row', () => {
      const got = math.logSoftmax(rows()).arraySync() as number[][];
      for (const [i, log] of [-2.40760596, -1.40760596, -0.40760596].entries()) expect(got[0]![i]).toBeCloseTo(log, 6);
      expect(got[2]).toEqual([NaN, NaN, NaN]);
      expect(got[3]).toEqual([-Infinity, 0, -Infinity]);
      expect(got[4]![0]).toBeCloseTo(-Math.LN2, 6);
      const slope = tf
        .grad((x) => tf.slice(math.logSoftmax(x), [0, 1], [-1, 1]))(rows())
        .arraySync() as number[][];
      for (const [i, d] of [-0.09003057, 0.75527153, -0.66524096].entries()) expect(slope[0]![i]).toBeCloseTo(d, 6);
      expect(slope[3]).toEqual([0, 0, 0]);
    });
  });

  it('values and gradients are finite for any finite arguments inside the domain', () => {
    const wide = fc.double({ min: -60, max: 60, noNaN: true });
    const positive = wide.map(Math.exp);
    const inside = fc.double({ min: 1e-30, max: 1 - 2 ** -23, noNaN: true });
    const all: [F, fc.Arbitrary<number>[]][] = [
      [math.lgamma, [positive]],
      [math.digamma, [fc.double({ min: 1e-12, max: 1e30, noNaN: true })]],
      [math.erfinv, [inside]],
      [math.ndtr, [wide]],
      [math.ndtri, [inside]],
      [math.logNdtr, [wide.map((x) => 1e6 * x)]],
      [math.lbeta, [positive, positive]],
      [math.gammainc, [positive, fc.double({ min: 1e-3, max: 1e6, noNaN: true })]],
      [
        math.betainc,
        [fc.double({ min: 1e-2, max: 1e4, noNaN: true }), fc.double({ min: 1e-2, max: 1e4, noNaN: true }), inside],
      ],
      [math.softplus, [wide.map((x) => 1e30 * x)]],
      [math.softplusInverse, [positive]],
      [math.log1mexp, [positive]],
      [math.logAddExp, [wide.map((x) => 1e30 * x), wide]],
      [math.xlogy, [wide, positive]],
      [math.log1p, [positive]],
      [math.expm1, [wide]],
    ];
    for (const [f, ranges] of all) {
      const property = fc.property(fc.tuple(...ranges), (x) => {
        const inputs = x.map((each) => tf.scalar(each));
        const results = [f(...inputs), ...tf.grads(f)(inputs)];
        const values = results.map((t) => numbers(t)[0]!);
        expect(values.filter(Number.isFinite)).toEqual(values);
      });
      fc.assert(property, { seed: 1, numRuns: 60 });
    }
  });

  it.each(cases)('$name leaves nothing but its result', ({ f, at }) => {
    const xs = at.map((each) => tf.tensor(each));
    const before = tf.memory().numTensors;
    tf.dispose([f(...xs), ...tf.grads(f)(xs)]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('takes numbers and lists, and broadcasts', () => {
  expect(numbers(math.gammainc(1, [0, 1])).map((x) => x.toFixed(6))).toEqual(['0.000000', '0.632121']);
  expect(math.lbeta(tf.ones([3, 1]), tf.ones([2])).shape).toEqual([3, 2]);
  const slope = tf.grad((a) => math.lbeta(a, tf.tensor([1, 2])))(tf.tensor([[1], [1]]));
  expect(slope.shape).toEqual([2, 1]);
  expect(numbers(slope)[0]).toBeCloseTo(-1 - 1.5, 6); // digamma(1) - digamma(2) = -1, digamma(1) - digamma(3) = -3/2
});

it('says which order polygamma can take', () => {
  expect(() => math.polygamma(0, 1)).toThrow('polygamma: n must be a whole number from 1, got 0. Order 0 is digamma.');
});
