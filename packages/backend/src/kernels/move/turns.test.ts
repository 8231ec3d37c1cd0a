import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILDS, DTYPES, type Dtype, data, same, shape, start } from '../../../tests/move.ts';

const dtype = fc.constantFrom<Dtype>(...DTYPES);
const draws = fc.array(fc.nat({ max: 1 << 20 }), { minLength: 12, maxLength: 12 });

describe.each(BUILDS)('%s build', (build) => {
  beforeAll(() => start(build));

  it('transpose: every permutation, also of more axes than the compiled loops have', async () => {
    const property = fc.asyncProperty(shape(1, 6), dtype, draws, async (sizes, type, draw) => {
      const perm = sizes.map((_, i) => i).sort((a, b) => draw[a]! - draw[b]!);
      await same(() => tf.transpose(data(sizes, type, 1), perm));
    });
    await fc.assert(property, { seed: 1, numRuns: 300 });
    // The CPU engine stops at 6 axes: twice turned is what it was.
    await tf.setBackend('wasm');
    const perm = [7, 2, 5, 0, 3, 6, 1, 4];
    const back = perm.map((_, i) => perm.indexOf(i));
    for (const type of DTYPES) {
      const x = data([2, 3, 2, 3, 2, 3, 2, 3], type, 1);
      const turned = tf.transpose(x, perm);
      expect(turned.shape).toEqual(perm.map((i) => x.shape[i]));
      expect(tf.transpose(turned, back).dataSync()).toEqual(x.dataSync());
      const at = [1, 2, 0, 1, 1, 2, 1, 0]; // x at these indices, and turned at the same, permuted
      const place = (sizes: number[], index: number[]) => index.reduce((sum, i, k) => sum * sizes[k]! + i, 0);
      const moved = place(turned.shape, perm.map((i) => at[i]!)); // biome-ignore format: short
      expect(turned.dataSync()[moved]).toBe(x.dataSync()[place(x.shape, at)]);
    }
  });

  it('matrices of all remainders of a block', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      async (m, n) => {
        await same(() => tf.transpose(data([m, n], 'float32', 1)));
        await same(() => tf.transpose(data([2, m, n], 'int32', 1), [0, 2, 1]));
        await same(() => tf.transpose(data([m, 3, n], 'float32', 1), [2, 1, 0]));
      },
    );
    await fc.assert(property, { seed: 2, numRuns: 80 });
  });

  it('reverse', async () => {
    const property = fc.asyncProperty(shape(1, 4), dtype, draws, async (sizes, type, draw) => {
      const dims = sizes.map((_, i) => i).filter((i) => draw[i]! & 1);
      await same(() => tf.reverse(data(sizes, type, 1), dims));
    });
    await fc.assert(property, { seed: 3, numRuns: 150 });
  });
});
