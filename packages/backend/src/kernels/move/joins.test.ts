import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILDS, DTYPES, type Dtype, data, same, shape, start } from '../../../tests/move.ts';

const dtype = fc.constantFrom<Dtype>(...DTYPES);
const draws = fc.array(fc.nat({ max: 1 << 20 }), { minLength: 24, maxLength: 24 });

const resized = (sizes: number[], axis: number, n: number) => sizes.map((size, i) => (i === axis ? n : size));

describe.each(BUILDS)('%s build', (build) => {
  beforeAll(() => start(build));

  it('concat and stack, by every axis', async () => {
    const property = fc.asyncProperty(shape(1, 4), dtype, draws, async (sizes, type, draw) => {
      const by = draw[0]! % sizes.length;
      const count = 1 + (draw[1]! % 4);
      const parts = () =>
        Array.from({ length: count }, (_, i) => data(resized(sizes, by, draw[i + 2]! % 20), type, i + 1));
      await same(() => tf.concat(parts(), by));
      const at = draw[7]! % (sizes.length + 1);
      const alike = () => Array.from({ length: count }, (_, i) => data(sizes, type, i + 1));
      await same(() => tf.stack(alike(), at));
    });
    await fc.assert(property, { seed: 1, numRuns: 150 });
  });

  it('long rows, which are copied in turns', async () => {
    const parts = (axis: number) => [3, 1000, 17].map((n, i) => data(resized([900, 40], axis, n), 'float32', i));
    for (const axis of [0, 1]) {
      await same(() => tf.concat(parts(axis), axis));
      await same(() => tf.split(tf.concat(parts(axis), axis), [3, 1000, 17], axis));
    }
  });

  it('single words, which are turned, and what only looks like them', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 40 }),
      async (rows, n) => {
        await same(() =>
          tf.stack(
            Array.from({ length: n }, (_, i) => data([rows], 'float32', i)),
            1,
          ),
        );
        await same(() => tf.unstack(data([rows, n], 'int32', 1), 1));
        const bytes = [4, 3, 5, 4].map((n, i) => () => data([rows, n], 'bool', i));
        await same(() => tf.concat(bytes.map((f) => f()), 1)); // biome-ignore format: short
        await same(() => tf.split(data([rows, 5], 'float32', 1), [1, 0, 2, 1, 1], 1));
      },
    );
    await fc.assert(property, { seed: 4, numRuns: 40 });
    await same(() => tf.unstack(data([9000, 5], 'float32', 1), 1)); // more than one turn
  });

  it('pad', async () => {
    const property = fc.asyncProperty(
      shape(1, 4),
      dtype,
      draws,
      fc.nat({ max: 4 }),
      async (sizes, type, draw, only) => {
        const width = (i: number) => (draw[i]! % 3 === 0 ? 0 : draw[i]! % 7);
        const paddings = sizes.map(
          (_, i) => (only < sizes.length && i !== only ? [0, 0] : [width(i), width(i + 6)]) as [number, number],
        );
        const value = type === 'bool' ? 1 : [0, 3, -2][draw[12]! % 3]!;
        await same(() => tf.pad(data(sizes, type, 1), paddings, value));
      },
    );
    await fc.assert(property, { seed: 2, numRuns: 200 });
    await same(() => tf.pad(data([3], 'float32', 1), [[1, 2]], Number.NaN));
  });

  it('tile', async () => {
    const property = fc.asyncProperty(shape(1, 4), dtype, draws, async (sizes, type, draw) => {
      const reps = sizes.map((_, i) => draw[i]! % 4);
      await same(() => tf.tile(data(sizes, type, 1), reps));
    });
    await fc.assert(property, { seed: 3, numRuns: 150 });
  });

  it('leaves what does not fit together to tfjs and its words', async () => {
    await tf.setBackend('wasm');
    expect(() => tf.concat([tf.ones([2, 3]), tf.ones([3, 2])], 0)).toThrow(/concat2D|Concat/i);
    expect(() => tf.stack([tf.ones([2]), tf.ones([3])])).toThrow(/shapes/);
  });

  it('the gradients of concat, stack, pad and tile', async () => {
    const x = () => data([3, 5], 'float32', 1, false);
    const weigh = (y: tf.Tensor) => tf.sum(tf.mul(y, data(y.shape, 'float32', 2, false)));
    await same(() => tf.grad((a) => weigh(tf.concat([a, tf.mul(a, 2)], 1)))(x()));
    await same(() => tf.grad((a) => weigh(tf.stack([a, tf.mul(a, 2)], 1)))(x()));
    await same(() => tf.grad((a) => weigh(tf.pad(a, [[1, 2], [0, 3]])))(x())); // biome-ignore format: pairs
    await same(() => tf.grad((a) => weigh(tf.tile(a, [2, 3])))(x()));
  });
});
