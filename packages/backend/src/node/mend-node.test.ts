import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { ints } from '../../tests/differences.ts';
import { values } from '../../tests/engines.ts';
import { asOnCpu, onItself, skipped, startNative } from '../../tests/native.ts';
import { useEngine } from '../index.ts';

const bools = (...x: number[]) => tf.tensor1d(x, 'bool');

type Ops = Record<string, () => tf.Tensor>;

// tfjs-node alone raises an error in all of these, or differs.
const TYPES: Ops = {
  'booleans multiplied': () => tf.mul(bools(1, 0, 1), bools(1, 1, 0)),
  'booleans added': () => tf.add(bools(1, 0), bools(0, 0)),
  'booleans added, many': () => tf.addN([bools(1, 0), bools(0, 0), bools(0, 0)]),
  'booleans raised': () => tf.pow(bools(1, 0), bools(1, 1)),
  'booleans divided': () => tf.div(bools(1, 0), bools(1, 1)),
  'booleans compared': () => tf.greater(bools(1, 0), bools(0, 0)),
  'the largest boolean': () => tf.max(bools(0, 1)),
  'the smallest boolean': () => tf.min(bools(0, 1)),
  'booleans counted up': () => tf.cumsum(bools(1, 0, 1)),
  'the first booleans': () => tf.topk(bools(0, 1, 1), 2).indices,
  'integers that are no NaN': () => tf.isNaN(ints([1], [1])),
  'step of integers': () => tf.step(ints([-3, 2], [2])),
  'leakyRelu of integers': () => tf.leakyRelu(ints([-7], [1])),
  'atan2 of integers': () => tf.atan2(ints([1, 3], [2]), ints([2, 0], [2])),
  'int32 of NaN and of large numbers': () =>
    tf.cast(tf.tensor1d([Number.NaN, 3e9, -3e9, 2 ** 31, 2.7, -2.7, Number.NEGATIVE_INFINITY]), 'int32'),
  'where of two types': () => tf.where(bools(1, 0), ints([1, 1], [2]), tf.scalar(2.5)),
  'where of nothing': () => tf.where(tf.zeros([1, 0], 'bool'), tf.zeros([1, 0]), tf.zeros([1, 1])),
  'the largest of nothing': () => tf.max(tf.zeros([2, 0]), 1),
  'the smallest of nothing': () => tf.min(tf.zeros([2, 0]), 1),
};

const INDICES: Ops = {
  'gather along an axis < 0': () => tf.gather(values([2, 3], 1), ints([2, 0], [2]), -1),
  'scatterND by a list': () => tf.scatterND(ints([3, 1, 3], [3]), values([3], 1), [5]),
  'tensorScatterUpdate by a list': () => tf.tensorScatterUpdate(tf.zeros([5]), ints([3, 1], [2]), values([2], 1)),
  'scatterND of nothing': () => tf.scatterND(ints([0, 1], [2, 1]), tf.zeros([2, 0]), [2, 0]),
  'segments beyond the last': () => tf.unsortedSegmentSum(values([5], 1), tf.tensor1d([0, 7, 2, -1, 3], 'int32'), 3),
  'sparseToDense out of order': () => tf.sparseToDense(ints([1, 0], [2]), values([2], 1), [3], 0),
  'einsum with blanks': () => tf.einsum('ij, jk -> ki', values([2, 3], 1), values([3, 4], 2)),
};

const MISSING: Ops = {
  bitwiseAnd: () => tf.bitwiseAnd(ints([6], [1]), ints([3], [1])),
  denseBincount: () => tf.denseBincount(tf.tensor1d([1, 1, 2], 'int32'), tf.tensor1d([0.5, 2, 3]), 4),
  searchSorted: () => tf.lowerBound(tf.tensor1d([1, 2, 3]), tf.tensor1d([2.5, 0])),
  rotateWithOffset: () => tf.image.rotateWithOffset(values([1, 4, 5, 2], 1) as tf.Tensor4D, 0.3),
  transform: () =>
    tf.image.transform(values([1, 4, 5, 2], 1) as tf.Tensor4D, tf.tensor2d([[1, 0.2, 0, 0.1, 1, 0, 0, 0]])),
  'sparse.sparseSegmentMean': () =>
    tf.sparse.sparseSegmentMean(
      values([3, 2], 1) as tf.Tensor2D,
      tf.tensor1d([0, 2], 'int32'),
      tf.tensor1d([0, 0], 'int32'),
    ),
  'multinomial by a seed': () =>
    tf.multinomial(
      tf.tensor2d([
        [0, 1, 2],
        [0, 0, 1],
      ]),
      20,
      3,
    ),
  'multinomial of probabilities': () => tf.multinomial(tf.tensor2d([[0.2, 0.3, 0.5]]), 20, 3, true),
};

describe.skipIf(skipped !== '')(`tfjs-node, mended${skipped}`, () => {
  beforeAll(startNative);

  it.each(Object.entries({ ...TYPES, ...INDICES, ...MISSING }))('%s: as on cpu', async (_, f) => {
    await asOnCpu(f);
  });

  it('sums and means over many rows keep their digits', async () => {
    const rows = (size: number[]) => tf.fill(size, 0.1);
    const exact = Math.fround(0.1);
    for (const shape of [
      [20_000, 3],
      [125, 4, 40, 3],
    ]) {
      const axes = shape.map((_, i) => i).slice(0, -1);
      const sum = await onItself('tensorflow', () => tf.sum(rows(shape), axes, true));
      expect(sum.shape).toEqual([...axes.map(() => 1), 3]);
      for (const x of sum.values) expect(Math.abs(x / (20_000 * exact) - 1)).toBeLessThan(1e-6);
      const mean = await onItself('tensorflow', () => tf.mean(rows(shape), axes));
      expect(mean.shape).toEqual([3]);
      for (const x of mean.values) expect(Math.abs(x / exact - 1)).toBeLessThan(1e-6);
    }
    await asOnCpu(() => tf.sum(values([9, 127, 2, 5], 1), [0, 1])); // blocks that the numbers fall into differ
    await asOnCpu(() => tf.mean(values([1021, 5], 1), 0)); // a prime: no blocks
  });

  it('calling it again wraps nothing twice', async () => {
    const kernels = () => tf.getKernelsForBackend('tensorflow').map(({ kernelFunc }) => kernelFunc);
    const before = kernels();
    await useEngine('node');
    expect(kernels()).toEqual(before);
  });
});
