import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { on, startEngines } from '../../tests/engines.ts';
import { useEngine } from '../index.ts';
import { canRun } from '../wasm/build.ts';
import { wasmFallbacks } from '../wasm/own.ts';

const BUILDS = (['plain', 'fused'] as const).filter(canRun);
const SPECIAL = [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e-8,
  -1e-8,
  1e-40,
  -1e-45,
];

type Unary = (x: tf.Tensor) => tf.Tensor;
/** Exact to the last bit: one rounding or none. */
const EXACT: Record<string, Unary> = {
  abs: tf.abs,
  ceil: tf.ceil,
  addN: (x) => tf.addN([x, x, x]),
  isNaN: tf.isNaN,
  inverse: (x) => tf.pow(x, -1),
  power2: (x) => tf.pow(x, 2),
  clip: (x) => tf.clipByValue(x, -0.5, 0.75),
  floor: tf.floor,
  leakyRelu: (x) => tf.leakyRelu(x, 0.25),
  neg: tf.neg,
  reciprocal: tf.reciprocal,
  relu: tf.relu,
  relu6: tf.relu6,
  round: tf.round,
  sign: tf.sign,
  sqrt: tf.sqrt,
  square: tf.square,
  step: (x) => tf.step(x, 0.25),
};
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
const ARITHMETIC: Record<string, Binary> = {
  add: tf.add,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  mul: tf.mul,
  squaredDifference: tf.squaredDifference,
  sub: tf.sub,
};
const COMPARE: Record<string, Binary> = {
  equal: tf.equal,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  notEqual: tf.notEqual,
};

/** Floats, a few of them special, that depend on nothing but the seed. */
function floats(shape: number[], seed: number, special = SPECIAL): Float32Array {
  let state = (seed >>> 0) + 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    const choice = next() % 32;
    const value = ((next() / 2 ** 23 - 1) * 40) / (1 + (next() % 40));
    return choice === 0 ? special[next() % special.length]! : choice < 4 ? Math.round(value) : value;
  });
}

const int = (x: tf.Tensor) => tf.cast(tf.cast(x, 'bool'), 'int32');

/** 0 and -0 are the same to every test but one. */
const plain = (numbers: readonly number[]) => numbers.map((x) => (x === 0 ? 0 : x));

/** A pair of shapes that broadcast, up to three axes merged and beyond; axes of 0 and 1 among them. */
const pairs = fc
  .array(fc.tuple(fc.constantFrom(0, 1, 2, 3, 5, 19, 37), fc.constantFrom('both', 'both', 'a', 'b')), { maxLength: 4 })
  .chain((axes) => fc.tuple(fc.constant(axes), fc.nat({ max: axes.length }), fc.constantFrom('a', 'b', 'neither')))
  .map(([axes, cut, whose]) => {
    const a = axes.map(([n, where]) => (where === 'b' ? 1 : n));
    const b = axes.map(([n, where]) => (where === 'a' ? 1 : n));
    // A shorter shape: its front axes are left out, where they are 1 for it.
    return { a: whose === 'a' ? a.slice(cut) : a, b: whose === 'b' ? b.slice(cut) : b };
  });

beforeAll(startEngines);

describe.each(BUILDS)('build %s', (build) => {
  beforeAll(async () => {
    await useEngine('wasm', { wasmBuild: build });
  });

  it.each(Object.keys(EXACT))('%s is what the CPU engine gives, NaN, infinities and denormals too', async (name) => {
    const f = EXACT[name]!;
    for (const shape of [[], [0], [1], [3], [17, 5], [2, 3, 67]]) {
      const run = () => f(tf.tensor(floats(shape, 7), shape));
      const [got, expected] = [await on('wasm', run), await on('cpu', run)];
      expect(got.shape).toEqual(expected.shape);
      expect(plain(got.values)).toEqual(plain(expected.values));
    }
  });

  it.each(Object.keys({ ...ARITHMETIC, ...COMPARE }))('%s is what the CPU engine gives, broadcasting', async (name) => {
    const f = { ...ARITHMETIC, ...COMPARE }[name]!;
    const property = fc.asyncProperty(pairs, fc.boolean(), fc.nat(1000), async ({ a, b }, integers, seed) => {
      const make = (shape: number[], s: number) => {
        const numbers = floats(shape, s);
        if (!integers) return tf.tensor(numbers, shape);
        return tf.tensor(
          Int32Array.from(numbers, (x) => (Number.isFinite(x) ? Math.round(x) : 0)),
          shape,
          'int32',
        );
      };
      const run = () => f(make(a, seed), make(b, seed + 1));
      if (integers && name === 'div') return;
      const [got, expected] = [await on('wasm', run), await on('cpu', run)];
      expect([got.shape, got.dtype]).toEqual([expected.shape, expected.dtype]);
      // The CPU engine's difference is a double, ours a float: where it is not the same, it is near.
      for (const [i, x] of expected.values.entries()) {
        const y = got.values[i]!;
        const same = x === y || (Number.isNaN(x) && Number.isNaN(y));
        if (!same && !(name === 'squaredDifference' && Math.abs(y / x - 1) < 3e-7)) throw new Error(`${x}: ${y}`);
      }
    });
    await fc.assert(property, { seed: 3, numRuns: 60 });
  });

  it('where, logical operations, casts and clones are what the CPU engine gives', async () => {
    const property = fc.asyncProperty(fc.array(fc.constantFrom(1, 2, 7, 33), { maxLength: 3 }), async (shape) => {
      const [x, y] = [floats(shape, 1), floats(shape, 2)];
      const ops: ((a: tf.Tensor, b: tf.Tensor) => tf.Tensor)[] = [
        (a, b) => tf.where(tf.greater(a, b), a, b),
        (a, b) => tf.where(tf.greater(a, 0.5), tf.scalar(2), b),
        (a, b) => tf.where(tf.greater(a, b), int(tf.sign(a)), int(tf.onesLike(a))),
        (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)),
        (a, b) => tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0)),
        (a) => tf.logicalNot(tf.greater(a, 0)),
        (a) => tf.cast(tf.greater(a, 0), 'float32'),
        (a) => tf.cast(int(tf.greater(a, 0)), 'float32'),
        (a) => tf.cast(a, 'bool'),
        (a) => tf.cast(a, 'int32'),
        (a) => tf.cast(tf.mul(a, 1e9), 'int32'),
        (a) => tf.cast(tf.mul(a, 1e18), 'int32'),
        (a) => tf.cast(tf.clone(a), 'float32'),
      ];
      for (const op of ops) {
        const run = () => op(tf.tensor(x, shape), tf.tensor(y, shape));
        const [got, expected] = [await on('wasm', run), await on('cpu', run)];
        expect([got.shape, got.dtype]).toEqual([expected.shape, expected.dtype]);
        expect(got.values).toEqual(expected.values);
      }
    });
    await fc.assert(property, { seed: 4, numRuns: 25 });
  });

  it('comparisons of NaN are false, all but notEqual', async () => {
    const got = await on('wasm', () => {
      const x = tf.fill([5], Number.NaN);
      return tf.stack(Object.values(COMPARE).map((f) => tf.cast(f(x, x), 'float32')));
    });
    expect(got.values).toEqual(Object.keys(COMPARE).flatMap((name) => new Array(5).fill(name === 'notEqual' ? 1 : 0)));
  });

  it('an element gives the same wherever it stands', async () => {
    const functions: Unary[] = [tf.exp, tf.log, tf.log1p, tf.expm1, tf.tanh, tf.sigmoid, tf.softplus, tf.erf, tf.rsqrt];
    const numbers = floats([64], 11, [-100, 88.5, 1e-40, Number.NaN, 0]);
    for (const f of functions) {
      const whole = (await on('wasm', () => f(tf.tensor1d(numbers)))).values;
      for (const [start, length] of [
        [1, 1],
        [2, 2],
        [3, 3],
        [5, 7],
        [9, 50],
      ] as const) {
        const part = await on('wasm', () => f(tf.tensor1d(numbers.slice(start, start + length))));
        expect(part.values).toEqual(whole.slice(start, start + length));
      }
    }
  });

  it('a clone lives on when its original is disposed, and both free the memory', async () => {
    await tf.setBackend('wasm');
    const before = tf.memory().numDataBuffers;
    const x = tf.tensor1d([1, 2, 3]);
    const y = tf.clone(x);
    x.dispose();
    expect(Array.from(tf.add(y, 1).dataSync())).toEqual([2, 3, 4]);
    tf.disposeVariables();
    y.dispose();
    expect(tf.memory().numDataBuffers - before).toBe(1); // the sum
  });

  it('broadcasts of more than three merged axes and other types fall back, counted', async () => {
    const before = wasmFallbacks();
    const shapes = [
      [2, 1, 2, 1],
      [1, 3, 1, 3],
    ] as const;
    const run = () => tf.add(tf.ones([...shapes[0]]), tf.ones([...shapes[1]]));
    expect((await on('wasm', run)).values).toEqual(new Array(36).fill(2));
    expect(wasmFallbacks().Add).toBe((before.Add ?? 0) + 1);
  });
});
