import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILDS, DTYPES, type Dtype, data, same, shape, start } from '../../../tests/move.ts';

const dtype = fc.constantFrom<Dtype>(...DTYPES);
const draws = fc.array(fc.nat({ max: 1 << 20 }), { minLength: 24, maxLength: 24 });

describe.each(BUILDS)('%s build', (build) => {
  beforeAll(() => start(build));

  it('slice', async () => {
    const property = fc.asyncProperty(shape(1, 6), dtype, draws, async (sizes, type, draw) => {
      const begin = sizes.map((n, i) => draw[i]! % (n + 1));
      const size = sizes.map((n, i) => (draw[i + 6]! % 3 === 0 ? -1 : draw[i + 12]! % (n - begin[i]! + 1)));
      await same(() => tf.slice(data(sizes, type, draw[0]!), begin, size));
    });
    await fc.assert(property, { seed: 1, numRuns: 200 });
  });

  it('split and unstack, by every axis', async () => {
    const property = fc.asyncProperty(shape(1, 4), dtype, draws, async (sizes, type, draw) => {
      const by = draw[0]! % sizes.length;
      const cuts = [draw[1]!, draw[2]!, draw[3]!].map((n) => n % (sizes[by]! + 1)).sort((a, b) => a - b);
      const parts = [...cuts, sizes[by]!].map((cut, i) => cut - (cuts[i - 1] ?? 0));
      await same(() => tf.split(data(sizes, type, 1), parts, by));
      await same(() => tf.split(data(sizes, type, 1), sizes[by]! || 1, by));
      if (sizes[by]! > 0) await same(() => tf.unstack(data(sizes, type, 1), by));
    });
    await fc.assert(property, { seed: 2, numRuns: 150 });
  });

  it('stridedSlice: strides of both signs, masks, new and dropped axes', async () => {
    const property = fc.asyncProperty(shape(1, 4), dtype, draws, async (sizes, type, draw) => {
      const index = (i: number) => (draw[i]! % (2 * sizes[i % 6]! + 3)) - sizes[i % 6]! - 1;
      const begin = sizes.map((_, i) => index(i));
      const end = sizes.map((_, i) => index(i + 6));
      const strides = sizes.map((_, i) => [1, 1, 2, 3, -1, -2][draw[i + 12]! % 6]!);
      const masks = [18, 19].map((i) => draw[i]! % 16);
      const slice = () => tf.stridedSlice(data(sizes, type, 1), begin, end, strides, masks[0]!, masks[1]!);
      if (sizes.includes(0)) return;
      const { finalShape } = tf.slice_util.sliceInfo(sizes, begin, end, strides, masks[0]!, masks[1]!, 0, 0, 0);
      if (!finalShape.includes(0)) return same(slice);
      await tf.setBackend('wasm'); // the CPU engine refuses some empty ones
      expect(tf.tidy(slice).shape).toEqual(finalShape);
    });
    await fc.assert(property, { seed: 3, numRuns: 300 });
    // The CPU engine fails where an axis is dropped and another strided.
    await tf.setBackend('wasm');
    tf.tidy(() => {
      const x = data([4, 5, 6], 'int32', 1);
      const dropped = tf.stridedSlice(x, [1, 0], [2, 5], [1, 2], 0, 0, 0, 0, 1);
      const kept = tf.stridedSlice(x, [1, 0], [2, 5], [1, 2]);
      expect([dropped.shape, dropped.dtype, kept.shape]).toEqual([[3, 6], 'int32', [1, 3, 6]]);
      expect(dropped.dataSync()).toEqual(kept.dataSync());
      const widened = tf.stridedSlice(x, [0, 0, 1], [0, 0, 6], [1, 1, 2], 0, 0, 2, 1);
      expect([widened.shape, widened.size]).toEqual([[1, 4, 5, 3], 60]);
    });
  });

  it('a batch of a resident tensor is copied alone', async () => {
    await tf.setBackend('wasm');
    const x = tf.ones([20_000, 784]);
    const times = Array.from({ length: 20 }, (_, i) => {
      const from = performance.now();
      tf.slice(x, [i * 128, 0], [128, 784]).dispose();
      return performance.now() - from;
    });
    x.dispose();
    expect(Math.min(...times)).toBeLessThan(2); // tfjs: 30 or more
  });

  it('the gradient of slice and of unstack', async () => {
    const weight = () => data([7, 9], 'float32', 3, false);
    await same(() =>
      tf.grad((x) => tf.sum(tf.mul(tf.slice(x, [2, 1], [4, 6]), tf.slice(weight(), [0, 0], [4, 6]))))(weight()),
    );
    await same(() => tf.grad((x) => tf.sum(tf.mul(tf.unstack(x, 1)[3]!, tf.unstack(weight(), 1)[0]!)))(weight()));
  });
});
