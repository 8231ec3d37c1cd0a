import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILDS, DTYPES, type Dtype, data, same, shape, start } from '../../../tests/move.ts';

const dtype = fc.constantFrom<Dtype>(...DTYPES);
const draws = fc.array(fc.nat({ max: 1 << 20 }), { minLength: 64, maxLength: 64 });
const ints = (sizes: number[], f: (i: number) => number) =>
  tf.tensor(Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, (_, i) => f(i)), sizes, 'int32'); // biome-ignore format: short

describe.each(BUILDS)('%s build', (build) => {
  beforeAll(() => start(build));

  it('gather: every axis, indices of any shape, batches', async () => {
    const property = fc.asyncProperty(shape(1, 4), dtype, draws, async (sizes, type, draw) => {
      const batchDims = draw[0]! % 3 === 0 ? draw[1]! % sizes.length : 0;
      const axis = batchDims + (draw[2]! % (sizes.length - batchDims));
      const extra = [[], [3], [2, 4], [0]][draw[3]! % 4]!;
      if (sizes[axis] === 0 || sizes.includes(0)) return; // the CPU engine divides by 0
      const indices = () => ints([...sizes.slice(0, batchDims), ...extra], (i) => draw[i % 64]! % sizes[axis]!);
      await same(() => tf.gather(data(sizes, type, 1), indices(), axis, batchDims));
    });
    await fc.assert(property, { seed: 1, numRuns: 200 });
  });

  it.each([-1, 4, 2 ** 31 - 1, -(2 ** 31)])('gather refuses the index %d', async (index) => {
    const f = () => tf.gather(data([4, 3], 'float32', 1), tf.tensor1d([0, index], 'int32'));
    const words: string[] = [];
    for (const engine of ['cpu', 'wasm']) {
      await tf.setBackend(engine);
      words.push(/GatherV2.*/.exec(caught(f))![0]);
    }
    expect(words[1]).toBe(words[0]);
  });

  it('oneHot: of any indices', async () => {
    const property = fc.asyncProperty(
      shape(1, 3),
      fc.integer({ min: 2, max: 9 }),
      draws,
      async (sizes, depth, draw) => {
        const type = (['float32', 'int32'] as const)[draw[0]! & 1]!;
        const [on, off] = [[1, 0], [3, -2], [0, 1]][draw[1]! % 3] as [number, number]; // biome-ignore format: short
        const indices = () => ints(sizes, (i) => (draw[i % 64]! % (depth + 4)) - 2);
        if (!sizes.includes(0)) await same(() => tf.oneHot(indices(), depth, on, off, type));
      },
    );
    await fc.assert(property, { seed: 2, numRuns: 100 });
  });

  it('scatterND: sums in the order of the updates', async () => {
    const property = fc.asyncProperty(
      shape(1, 4).filter((sizes) => !sizes.includes(0)),
      fc.constantFrom<Dtype>('float32', 'int32'),
      fc.integer({ min: 1, max: 8 }),
      draws,
      async (sizes, type, count, draw) => {
        const rank = 1 + (draw[0]! % sizes.length);
        const indices = () => ints([count, rank], (i) => draw[i]! % sizes[i % rank]!);
        const updates = () => data([count, ...sizes.slice(rank)], type, 2);
        await same(() => tf.scatterND(indices(), updates(), sizes));
      },
    );
    await fc.assert(property, { seed: 3, numRuns: 150 });
    await tf.setBackend('wasm');
    const outside = () => tf.scatterND(tf.tensor2d([[1], [5]], [2, 1], 'int32'), tf.ones([2, 3]), [5, 3]);
    expect(() => tf.tidy(outside)).toThrow('Invalid indices: 5 does not index into 5,3');
  });

  it('gatherND', async () => {
    const sizes = shape(1, 4).filter((s) => !s.includes(0));
    const property = fc.asyncProperty(sizes, dtype, draws, async (x, type, draw) => {
      const rank = 1 + (draw[0]! % x.length);
      const outer = [[], [3], [2, 4]][draw[1]! % 3]!;
      const indices = () => ints([...outer, rank], (i) => draw[i]! % x[i % rank]!);
      await same(() => tf.gatherND(data(x, type, 2), indices()));
    });
    await fc.assert(property, { seed: 5, numRuns: 100 });
    await tf.setBackend('wasm');
    const outside = () => tf.gatherND(tf.ones([5, 3]), tf.tensor2d([[1, 1], [5, 0]], [2, 2], 'int32')); // biome-ignore format: pairs
    expect(() => tf.tidy(outside)).toThrow('Invalid indices: 5,0 does not index into 5,3');
  });

  it('unsortedSegmentSum: special values, and rows of all widths', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 11 }),
      draws,
      async (count, width, draw) => {
        // The CPU engine multiplies by a mask, so that NaN goes everywhere: sums of finite numbers alone.
        const x = () => data([count, width], 'float32', 1, false);
        const ids = () => ints([count], (i) => (draw[i]! % 8) - 1) as tf.Tensor1D;
        await same(() => tf.unsortedSegmentSum(x(), ids(), 6));
      },
    );
    await fc.assert(property, { seed: 4, numRuns: 60 });
    await tf.setBackend('wasm');
    const x = tf.tensor1d([Number.NaN, 1, Number.POSITIVE_INFINITY, 2, 5]);
    const sums = tf.unsortedSegmentSum(x, tf.tensor1d([0, 1, 2, 1, -1], 'int32'), 4);
    expect(Array.from(sums.dataSync())).toEqual([Number.NaN, 3, Number.POSITIVE_INFINITY, 0]);
    const counts = tf.unsortedSegmentSum(tf.cast([1, 0, 1, 1], 'bool'), tf.tensor1d([0, 0, 0, 1], 'int32'), 2);
    expect([counts.dtype, ...counts.dataSync()]).toEqual(['int32', 2, 1]);
  });
});

function caught(f: () => tf.Tensor): string {
  try {
    tf.tidy(f);
    return '';
  } catch (error) {
    return String(error);
  }
}
