import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance, on, startEngines, values } from '../../tests/engines.ts';
import { useEngine } from '../index.ts';
import { canRun } from '../wasm/build.ts';

beforeAll(startEngines);

const REDUCTIONS = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min };
type Name = keyof typeof REDUCTIONS;

/** A shape of axes that are not empty, and some of them. */
const cases = fc
  .array(fc.constantFrom<number[]>(1, 2, 3, 5, 8, 21, 37), { maxLength: 5 })
  .filter((shape) => shape.reduce((a, b) => a * b, 1) < 20_000)
  .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, i) => i)), fc.boolean(), fc.boolean()));

describe.each((['plain', 'fused'] as const).filter(canRun))('build %s', (build) => {
  beforeAll(async () => {
    await useEngine('wasm', { wasmBuild: build });
  });

  it.each(Object.keys(REDUCTIONS) as Name[])('%s over any axes is what the CPU engine gives', async (name) => {
    const property = fc.asyncProperty(cases, async ([shape, axes, keepDims, fromEnd]) => {
      const axis = fromEnd ? axes.map((i) => i - shape.length) : axes;
      const run = () => REDUCTIONS[name](values(shape, 5), axis, keepDims);
      const [got, expected] = [await on('wasm', run), await on('cpu', run)];
      expect(got.shape).toEqual(expected.shape);
      if (name === 'max' || name === 'min') expect(got.values).toEqual(expected.values);
      else expect(distance(got.values, expected.values)).toBeLessThan(3e-6);
    });
    await fc.assert(property, { seed: 1, numRuns: 150 });
  });

  it('sums of integers and truths are what the CPU engine gives', async () => {
    const property = fc.asyncProperty(cases, async ([shape, axes, keepDims]) => {
      for (const dtype of ['int32', 'bool'] as const) {
        const run = () => tf.sum(tf.cast(tf.mul(values(shape, 5), 9), dtype), axes, keepDims);
        const [got, expected] = [await on('wasm', run), await on('cpu', run)];
        expect(got).toEqual(expected);
      }
    });
    await fc.assert(property, { seed: 8, numRuns: 60 });
  });

  it.each(['max', 'min', 'sum', 'mean'] as const)('%s carries NaN and infinities', async (name) => {
    for (const [shape, axis] of [
      [[37], 0],
      [[3, 37], 1],
      [[37, 3], 0],
      [[37, 21], 0],
      [[2, 37, 5], 1],
    ] as const) {
      for (const at of [0, 1, 17, 36]) {
        for (const special of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          const run = () => {
            const numbers = values([...shape], 3)
              .dataSync()
              .slice();
            numbers[at] = special;
            return REDUCTIONS[name](tf.tensor(numbers, [...shape]), axis);
          };
          const [got, expected] = [await on('wasm', run), await on('cpu', run)];
          for (const [i, x] of expected.values.entries()) {
            if (Number.isFinite(x)) expect(got.values[i]).toBeCloseTo(x, 4);
            else expect(got.values[i]).toBe(x);
          }
        }
      }
    }
  });

  it('sums of nothing are 0, means NaN, and results without elements have none', async () => {
    expect((await on('wasm', () => tf.sum(tf.zeros([0, 3]), 0))).values).toEqual([0, 0, 0]);
    expect((await on('wasm', () => tf.sum(tf.zeros([3, 0]), 1))).values).toEqual([0, 0, 0]);
    expect((await on('wasm', () => tf.mean(tf.zeros([2, 0]), 1))).values).toEqual([Number.NaN, Number.NaN]);
    expect(await on('wasm', () => tf.sum(tf.zeros([0, 3]), 1))).toMatchObject({ shape: [0], values: [] });
  });

  // float64's sum is the exact one: a chain of float32 sums is off by 1e-4 here.
  it.each([
    [[1 << 20], 0],
    [[1 << 18, 4], 0],
    [[4, 1 << 18], 1],
  ] as const)('a sum of a million numbers is right to 3e-7: %j over axis %i', async (shape, axis) => {
    const [numbers, columns] = [new Float32Array(1 << 20), axis === 0 ? (shape[1] ?? 1) : shape[0]];
    for (let i = 0; i < numbers.length; i++) numbers[i] = 0.1 + ((i * 7919) % 1000) / 1000;
    const exact = new Array<number>(columns).fill(0);
    for (const [i, x] of numbers.entries()) exact[axis === 0 ? i % columns : Math.floor(i / (1 << 18))]! += x;
    const got = await on('wasm', () => tf.sum(tf.tensor(numbers, [...shape]), axis));
    for (const [i, x] of exact.entries()) expect(Math.abs(got.values[i]! / x - 1)).toBeLessThan(3e-7);
  });

  it.each(['sum', 'mean'] as const)(
    'the gradient of %s spreads over what was summed, and has a gradient itself',
    async (name) => {
      const property = fc.asyncProperty(cases, async ([shape, axes, keepDims]) => {
        const f = REDUCTIONS[name];
        const kept = shape.map((n, i) => (axes.includes(i) ? 1 : n));
        const count = name === 'mean' ? shape.reduce((n, size, i) => (axes.includes(i) ? n * size : n), 1) : 1;
        const weights = () => values(f(tf.zeros(shape), axes, keepDims).shape, 4);
        const loss = (x: tf.Tensor) => tf.sum(tf.mul(f(x, axes, keepDims), weights()));
        const got = await on('wasm', () => tf.grad(loss)(values(shape, 3)));
        const expected = await on('cpu', () => tf.div(tf.broadcastTo(tf.reshape(weights(), kept), shape), count));
        expect(got.shape).toEqual(shape);
        expect(distance(got.values, expected.values)).toBeLessThan(1e-6);
        // The sum of squares has the second derivative 2.
        const squares = (x: tf.Tensor) => tf.mul(f(tf.square(x), axes), count);
        const second = await on('wasm', () =>
          tf.grad((x) => tf.sum(tf.grad((y) => tf.sum(squares(y)))(x)))(values(shape, 3)),
        );
        expect(distance(second.values, new Array<number>(second.values.length).fill(2))).toBeLessThan(1e-6);
      });
      await fc.assert(property, { seed: 6, numRuns: 40 });
    },
  );

  it('softmax, logSoftmax and logSumExp are what the CPU engine gives', async () => {
    const property = fc.asyncProperty(
      fc.nat(4),
      fc.integer({ min: 1, max: 70 }),
      fc.boolean(),
      async (rows, n, far) => {
        const logits = () => tf.mul(values([rows, n], 9), far ? 150 : 3);
        for (const f of [tf.softmax, tf.logSoftmax, (x: tf.Tensor) => tf.logSumExp(x, -1)]) {
          const run = () => f(logits());
          const [got, expected] = [await on('wasm', run), await on('cpu', run)];
          expect(got.shape).toEqual(expected.shape);
          expect(distance(got.values, expected.values)).toBeLessThan(1e-6);
        }
      },
    );
    await fc.assert(property, { seed: 2, numRuns: 60 });
  });

  it('softmax of -infinity is 0, and of NaN or infinity NaN', async () => {
    const row = (x: number) => on('wasm', () => tf.softmax(tf.tensor1d([x, 1, 1, x, 1, 1, 1])));
    expect((await row(Number.NEGATIVE_INFINITY)).values).toEqual([0, 1, 1, 0, 1, 1, 1].map((x) => Math.fround(x / 5)));
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { values: got } = await row(x);
      expect(got[0]).toBeNaN();
      if (Number.isNaN(x)) expect(got.every(Number.isNaN)).toBe(true);
    }
  });
});
