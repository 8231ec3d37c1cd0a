import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anywhere, number } from '../../tests/case.ts';
import { numbers, onEngines } from '../../tests/on-engines.ts';
import { type BijectorSpec, buildBijector } from '../../tests/spec.ts';
import {
  type Bijector,
  Chain,
  Exp,
  Householder,
  Invert,
  Permute,
  Scale,
  ScaleTriL,
  Shift,
  Sigmoid,
  SoftmaxCentered,
  Softplus,
  Tanh,
} from '../bijectors.ts';

const spec = (bijector: string, params: Record<string, unknown> = {}): BijectorSpec => ({ bijector, params });
const TRIL = [
  [1.5, 0, 0],
  [-0.5, 0.75, 0],
  [0.25, 1, 2],
];
const mixed = spec('Chain', {
  bijectors: [
    spec('SoftmaxCentered'),
    spec('Permute', { permutation: [2, 0, 1] }),
    spec('ScaleTriL', { scaleTril: TRIL }),
    spec('Shift', { shift: [1, 0.5, -1] }),
  ],
});

/** Each bijector, for vectors of 3. */
const SPECS: readonly (readonly [string, BijectorSpec])[] = (
  [
    spec('Shift', { shift: [1, -2, 0.5] }),
    spec('Scale', { scale: [0.25, -1, 4] }),
    spec('ScaleTriL', { scaleTril: TRIL }),
    spec('Exp'),
    spec('Sigmoid'),
    spec('Tanh'),
    spec('Softplus'),
    spec('SoftmaxCentered'),
    spec('Householder', { v: [1, -2, 2] }),
    spec('Permute', { permutation: [2, 0, 1] }),
    mixed,
    spec('Invert', {
      bijector: spec('Chain', { bijectors: [spec('ScaleTriL', { scaleTril: TRIL }), spec('Scale', { scale: -2 })] }),
    }),
  ] as BijectorSpec[]
).map((s) => [s.bijector, s] as const);

const X = [
  [0.5, -1.5, 2],
  [-3, 0.25, 1],
  [0, 0, 1e-3],
];

const near = (got: number[], expected: number[], relative: number, absolute: number) => {
  expect(got.length).toBe(expected.length);
  for (const [i, v] of got.entries()) {
    expect(Math.abs(v - expected[i]!)).toBeLessThanOrEqual(relative * Math.abs(expected[i]!) + absolute);
  }
};
const tidily = (f: () => void) => tf.tidy(() => void f());

/** log |det| of a matrix given by rows, in float64. */
function logAbsDet(rows: number[][]): number {
  const m = rows.map((row) => [...row]);
  let sum = 0;
  for (let k = 0; k < m.length; k++) {
    const pivot = m.slice(k).reduce((best, row, i) => (Math.abs(row[k]!) > Math.abs(m[best]![k]!) ? k + i : best), k);
    [m[k], m[pivot]] = [m[pivot]!, m[k]!];
    sum += Math.log(Math.abs(m[k]![k]!));
    for (let i = k + 1; i < m.length; i++) {
      const factor = m[i]![k]! / m[k]![k]!;
      m[i] = m[i]!.map((x, j) => x - factor * m[k]![j]!);
    }
  }
  return sum;
}

/** Rows dy_i/dx by automatic differentiation. */
const jacobian = (f: (x: tf.Tensor) => tf.Tensor, x: number[]): number[][] =>
  Array.from({ length: f(tf.tensor(x)).size }, (_, i) =>
    numbers(tf.grad((t: tf.Tensor) => tf.slice(f(t), i, 1))(tf.tensor(x))),
  );

/** log sqrt |det J'J|: log |det J|, or how volume is scaled where the map leads onto a plane in a larger space. */
const logVolume = (rows: number[][]): number => {
  const dot = (a: number, b: number) => rows.reduce((sum, row) => sum + row[a]! * row[b]!, 0);
  return 0.5 * logAbsDet(rows[0]!.map((_, a) => rows[0]!.map((__, b) => dot(a, b))));
};

onEngines(() => {
  describe.each(SPECS)('%s', (_, s) => {
    it('inverse undoes forward, and the log-determinants are opposite', () =>
      tidily(() => {
        const b = buildBijector(s);
        const y = b.forward(X);
        expect(y.shape).toEqual([3, ...b.forwardEventShape([3])]);
        expect(b.inverseEventShape(b.forwardEventShape([3]))).toEqual([3]);
        near(numbers(b.inverse(y)), X.flat(), 2e-5, 2e-6);
        near(numbers(b.inverseLogDetJacobian(y, 1)), numbers(tf.neg(b.forwardLogDetJacobian(X, 1))), 2e-5, 5e-6);
      }));

    it('the log-determinant is that of the Jacobian, forward and back', () =>
      tidily(() => {
        const b = buildBijector(s);
        const got = numbers(b.forwardLogDetJacobian(X, 1));
        near(
          got,
          X.map((x) => logVolume(jacobian((t) => b.forward(t), x))),
          1e-5,
          3e-6,
        );
      }));

    it('the Jacobian is that of finite differences', () =>
      tidily(() => {
        const b = buildBijector(s);
        const [x, h] = [X[0]!, 2 ** -7];
        const at = (j: number, step: number) => numbers(b.forward(x.map((v, i) => (i === j ? v + step : v))));
        jacobian((t) => b.forward(t), x).forEach((row, i) => {
          near(
            row,
            x.map((_, j) => (at(j, h)[i]! - at(j, -h)[i]!) / (2 * h)),
            1e-3,
            1e-4,
          );
        });
      }));

    it('gradients of both log-determinants are those of finite differences', () =>
      tidily(() => {
        const b = buildBijector(s);
        const y = numbers(b.forward(X[0]!));
        const check = (f: (t: tf.Tensor) => tf.Tensor, x: number[], h: number) => {
          const at = (j: number, step: number) => numbers(f(tf.tensor(x.map((v, i) => (i === j ? v + step : v)))))[0]!;
          const gradient = numbers(tf.grad((t: tf.Tensor) => tf.add(f(t), tf.mul(0, tf.sum(t))))(tf.tensor(x)));
          near(
            gradient,
            x.map((_, j) => (at(j, h) - at(j, -h)) / (2 * h)),
            2e-2,
            2e-3,
          );
        };
        check((t) => b.forwardLogDetJacobian(t, 1), X[0]!, 2 ** -6);
        if (b.name.includes('SoftmaxCentered')) return; // a step leaves the simplex
        check((t) => b.inverseLogDetJacobian(t, 1), y, 2 ** -9);
      }));

    it('is the same as itself built again, and leaves nothing behind', () =>
      tidily(() => {
        const [b, again] = [buildBijector(s), buildBijector(s)];
        expect(b.isSame(again)).toBe(true);
        expect(SPECS.filter(([, other]) => other !== s && b.isSame(buildBijector(other)))).toEqual([]);
        const y = b.forward(X);
        const before = tf.memory().numTensors;
        tf.dispose([b.forward(X), b.inverse(y), b.forwardLogDetJacobian(X), b.inverseLogDetJacobian(y)]);
        expect(tf.memory().numTensors).toBe(before);
      }));
  });

  it('log-determinants far out are finite: tanh, sigmoid, softplus, softmax', () => {
    const far = fc.oneof(anywhere, number(-120, 120));
    const property = fc.property(fc.array(far, { minLength: 3, maxLength: 3 }), (x) =>
      tidily(() => {
        for (const b of [
          new Tanh(),
          new Sigmoid(),
          new Softplus(),
          new SoftmaxCentered(),
          new Scale(-3),
          new Shift(2),
        ]) {
          const f = (t: tf.Tensor) => tf.sum(b.forwardLogDetJacobian(t, 1));
          expect(numbers(f(tf.tensor(x))).every(Number.isFinite)).toBe(true);
          const gradient = tf.grad((t: tf.Tensor) => tf.add(f(t), tf.mul(0, tf.sum(t))))(tf.tensor(x));
          expect(numbers(gradient).every(Number.isFinite)).toBe(true);
        }
      }),
    );
    fc.assert(property, { numRuns: 60, seed: 1 });
  });

  // Golden: mpmath, log(1 - tanh(x)^2), -log(1 + exp(-x)) - log(1 + exp(x)), -log(1 + exp(-x)) at 50 digits.
  it('log-determinants in the tails', () =>
    tidily(() => {
      near(
        numbers(new Tanh().forwardLogDetJacobian([-40, 10, 40])),
        [-78.6137056388801, -18.61370564300246, -78.6137056388801],
        1e-6,
        0,
      );
      near(numbers(new Sigmoid().forwardLogDetJacobian([-40, 40])), [-40, -40], 1e-6, 0);
      near(numbers(new Softplus().forwardLogDetJacobian([-40, 40])), [-40, -4.248354255291589e-18], 1e-5, 0);
    }));

  // Golden: closed form, 2 artanh(2 y - 1) in float64, and 1 / (y (1 - y)).
  it('Sigmoid is undone near 1/2 too', () =>
    tidily(() => {
      const y = [0.5 + 2 ** -20, 0.5 - 2 ** -13, 0.25, 0.75, 2 ** -30, 1 - 2 ** -20];
      const golden = y.map((v) => 2 * Math.atanh(2 * v - 1));
      near(numbers(new Sigmoid().inverse(y)), golden, 1e-6, 0);
      const slopes = numbers(tf.grad((t: tf.Tensor) => tf.sum(new Sigmoid().inverse(t)))(tf.tensor(y)));
      near(
        slopes,
        y.map((v) => 1 / (v * (1 - v))),
        1e-6,
        0,
      );
    }));

  it('gradients reach the parameters', () =>
    tidily(() => {
      const x = tf.tensor(X);
      const [dScale] = tf.grads((s) => tf.sum(new Scale(s!).forwardLogDetJacobian(x, 1)))([tf.tensor([2, -4, 0.5])]);
      near(numbers(dScale!), [1.5, -0.75, 6], 1e-6, 0);
      const [dV] = tf.grads((v) => tf.sum(new Householder(v!).forward(x)))([tf.tensor([1, -2, 2])]);
      near([numbers(tf.dot(dV!, tf.tensor([1, -2, 2])))[0]!], [0], 0, 1e-5); // the length of v does not matter
      expect(Math.max(...numbers(tf.abs(dV!)))).toBeGreaterThan(0.1);
    }));
});

describe('what it takes', () => {
  it('Chain goes from right to left, and alone is the identity', () =>
    tidily(() => {
      expect(numbers(new Chain([new Exp(), new Shift(1)]).forward(0))[0]).toBeCloseTo(Math.E, 6);
      expect(numbers(new Chain([new Shift(1), new Exp()]).forward(0))[0]).toBe(2);
      expect(numbers(new Chain([]).forward([1, 2]))).toEqual([1, 2]);
      expect(numbers(new Chain([]).forwardLogDetJacobian([1, 2]))).toEqual([0, 0]);
    }));

  it('a Householder reflection turns v round, and keeps what is orthogonal to it', () =>
    tidily(() => {
      const b = new Householder([3e30, 0, -4e30]);
      near(numbers(b.forward([3, 0, -4])), [-3, 0, 4], 1e-6, 0);
      near(numbers(b.forward([4, 7, 3])), [4, 7, 3], 1e-6, 0);
    }));

  // Golden: closed form, z - 2 v (v . z) / |v|^2 = (3, 0, -1) - (2 / 9) (1, 2, 2); systems.md 9.5.
  it('a Householder reflection of (3, 0, -1) by (1, 2, 2)', () =>
    tidily(() => near(numbers(new Householder([1, 2, 2]).forward([3, 0, -1])), [25 / 9, -4 / 9, -13 / 9], 1e-6, 0)));

  it('a Householder flow is orthogonal, whatever its vectors are; a reflection twice is nothing', () =>
    tidily(() => {
      const vectors = [
        [1, 2, 2],
        [0, 1e-20, -3e-20],
        [0, 0, 0],
        [-4, 0.5, 1e-3],
      ].map((v) => new Householder(v));
      const eye = tf.eye(3);
      for (const reflection of vectors) {
        near(numbers(reflection.forward(reflection.forward(eye))), numbers(eye), 0, 1e-6);
      }
      const flow = new Chain(vectors);
      const matrix = flow.forward(eye) as tf.Tensor2D; // H', since rows are vectors
      near(numbers(tf.matMul(matrix, matrix, false, true)), numbers(eye), 0, 1e-6);
      near(numbers(flow.inverse(matrix)), numbers(eye), 0, 1e-6);
      const [[a, b, c], [d, e, f], [g, h, i]] = matrix.arraySync() as [number[], number[], number[]];
      const det = a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
      expect(det).toBeCloseTo(-1, 5); // three turn space over, the one of 0 does not
      expect(numbers(flow.forwardLogDetJacobian([3, 0, -1]))).toEqual([0]);
    }));

  it('a Householder of 0 leaves vectors as they are, and gradients finite', () =>
    tidily(() => {
      const v = tf.tensor([
        [0, 0, 0],
        [1, -2, 2],
      ]);
      const x = tf.tensor([3, 0, -1]);
      const [first, second] = tf.unstack(new Householder(v).forward(x));
      expect(numbers(first!)).toEqual([3, 0, -1]);
      near(numbers(second!), numbers(new Householder([1, -2, 2]).forward(x)), 1e-6, 0);
      const gradient = numbers(
        tf.grad((t: tf.Tensor) => tf.sum(tf.square(tf.add(new Householder(t).forward(x), 1))))(v),
      );
      expect(gradient.slice(0, 3)).toEqual([0, 0, 0]);
      expect(gradient.every(Number.isFinite)).toBe(true);
    }));

  it('SoftmaxCentered ends with the class whose logit is 0', () =>
    tidily(() => near(numbers(new SoftmaxCentered().forward([Math.log(2), 0])), [0.5, 0.25, 0.25], 1e-6, 0)));

  it('outside of what is reached the log-determinant is NaN', () =>
    tidily(() => {
      expect(numbers(new Exp().inverseLogDetJacobian([-1, 0, 1]))).toEqual([Number.NaN, Number.NaN, -0]);
      expect(
        numbers(
          new SoftmaxCentered().inverseLogDetJacobian([
            [0.5, 0.6],
            [1, 0],
          ]),
        ),
      ).toEqual([Number.NaN, Number.NaN]);
    }));

  it('refuses what does not fit', () =>
    tidily(() => {
      const tril = new ScaleTriL(TRIL);
      expect(() => tril.forward([1, 2])).toThrow(
        new RangeError('ScaleTriL: events must end in [3], as scaleTril does, got [2].'),
      );
      expect(() => new ScaleTriL([[1, 0]])).toThrow('ScaleTriL: scaleTril must end in [N, N], got shape [1, 2].');
      expect(() => tril.forward(1)).toThrow('ScaleTriL.forward: eventRank must be an integer from 1');
      expect(() => tril.forwardLogDetJacobian(X, 0)).toThrow('got eventRank 0 and shape [3, 3]');
      expect(() => new Householder([1, 2]).inverse([1])).toThrow(
        'Householder: events must end in [2], as v does, got [1].',
      );
      expect(() => new Householder([0, 0], { validateArgs: true })).toThrow(
        'Householder: parameter v of shape [2] must be a vector that is not 0, got [0, 0] at [].',
      );
      expect(() => new Scale([1, 0], { validateArgs: true })).toThrow(
        'Scale: parameter scale of shape [2] must be nonzero, got 0 at [1].',
      );
      expect(() => new Permute([0, 2])).toThrow('Permute: permutation must hold each of 0 to 1 once, got [0, 2].');
      expect(() => new Permute([1, 0]).forward([1, 2, 3])).toThrow('Permute: events must end in [2], got [3].');
      expect(() => new SoftmaxCentered().inverse([1])).toThrow('at least 2 numbers, got events of [1]');
      expect(() => new Shift(tf.tensor([1], [1], 'int32'))).toThrow(TypeError);
    }));

  it('two maps of other parameters are not the same', () =>
    tidily(() => {
      const pairs: [Bijector, Bijector][] = [
        [new Scale(2), new Scale(3)],
        [new Scale(2), new Scale([2])],
        [new Permute([0, 1]), new Permute([1, 0])],
        [new Chain([new Exp()]), new Chain([new Exp(), new Exp()])],
        [new Invert(new Shift(1)), new Invert(new Shift(2))],
      ];
      for (const [a, b] of pairs) expect(a.isSame(b)).toBe(false);
    }));

  it('dispose frees what was made of numbers alone', () => {
    const before = tf.memory().numTensors;
    const mine = tf.tensor([1, 2]);
    const b = new Chain([new Scale(2), new Invert(new Shift(mine))]);
    b.dispose();
    expect(mine.isDisposed).toBe(false);
    mine.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
