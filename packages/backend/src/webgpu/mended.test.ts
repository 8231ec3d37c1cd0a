import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { noWebGpu, skipped } from '../../tests/webgpu.ts';

const plain = async (t: tf.Tensor) => [t.dtype, t.shape, Array.from(await t.data())];
const empty = (dtype: 'float32' | 'int32' | 'bool') => tf.zeros([2, 0], dtype);

describe.skipIf(noWebGpu !== null)(`kernels mended on WebGPU${skipped}`, () => {
  it.each([
    ['sum of float32', tf.sum, 'float32', 0, 'float32'],
    ['sum of int32', tf.sum, 'int32', 0, 'int32'],
    ['sum of bool', tf.sum, 'bool', 0, 'int32'],
    ['prod', tf.prod, 'float32', 1, 'float32'],
    ['mean', tf.mean, 'float32', Number.NaN, 'float32'],
    ['max', tf.max, 'float32', Number.NEGATIVE_INFINITY, 'float32'],
    ['min', tf.min, 'float32', Number.POSITIVE_INFINITY, 'float32'],
    ['all', tf.all, 'bool', 1, 'bool'],
    ['any', tf.any, 'bool', 0, 'bool'],
  ] as const)('%s: over nothing', async (_name, f, dtype, value, type) => {
    expect(await plain(f(empty(dtype), 1))).toEqual([type, [2], [value, value]]);
    expect(await plain(f(empty(dtype), 1, true))).toEqual([type, [2, 1], [value, value]]);
    expect(await plain(f(empty(dtype), 0))).toEqual([type, [0], []]);
    expect(await plain(f(empty(dtype)))).toEqual([type, [], [value]]);
  });

  it('an empty argument is bound, and stays empty', async () => {
    const none = tf.zeros([0, 3]);
    const joined = tf.concat([none, tf.ones([1, 3]), none]);
    expect(await plain(joined)).toEqual(['float32', [1, 3], [1, 1, 1]]);
    const indices = tf.zeros([0, 1], 'int32');
    expect(await plain(tf.scatterND(indices, none, [2, 3]))).toEqual(['float32', [2, 3], [0, 0, 0, 0, 0, 0]]);
    expect(await plain(tf.matMul(tf.zeros([2, 0]), none))).toEqual(['float32', [2, 3], [0, 0, 0, 0, 0, 0]]);
    expect([(await none.data()).length, (await indices.data()).length]).toEqual([0, 0]);
  });

  it('the place of the largest in a vector is a scalar', async () => {
    const x = tf.tensor([3, 7, 5]);
    expect([await plain(tf.argMax(x)), await plain(tf.argMin(x, -1))]).toEqual([
      ['int32', [], [1]],
      ['int32', [], [0]],
    ]);
    const matrix = tf.tensor([3, 7, 9, 5], [2, 2]);
    expect(await plain(tf.argMax(matrix, 0))).toEqual(['int32', [2], [1, 0]]);
  });

  it('batches broadcast in any pattern, and axes are counted from the end', async () => {
    const [a, b] = [tf.tensor([1, 2], [2, 1, 1, 1]), tf.tensor([1, 10, 100, 1000], [2, 2, 1, 1])];
    expect(await plain(tf.matMul(a, b))).toEqual(['float32', [2, 2, 1, 1], [1, 10, 200, 2000]]);
    expect(await plain(tf.cumsum(tf.tensor([1, 2, 3]), -1))).toEqual(['float32', [3], [1, 3, 6]]);
    const every = tf.stridedSlice(tf.reshape(tf.range(0, 12), [3, 4]), [1, 0], [2, 4], [1, 2], 0, 0, 0, 0, 1);
    expect(await plain(every)).toEqual(['float32', [2], [4, 6]]);
  });

  // In tfjs the shader of the first serves the second, with the first's length in it.
  it.each([2, 3, 5, 9])('cumsum and cumprod of %i numbers, either way, after another length', async (n) => {
    const x = Array.from({ length: n }, (_, i) => i + 2);
    const sums = x.map((_, i) => x.slice(i).reduce((a, b) => a + b));
    expect(await plain(tf.cumsum(tf.tensor(x), 0, false, true))).toEqual(['float32', [n], sums]);
    expect(await plain(tf.cumsum(tf.tensor(x, [n], 'int32'), 0, true, true))).toEqual([
      'int32',
      [n],
      [...sums.slice(1), 0],
    ]);
    const products = x.map((_, i) => x.slice(0, i).reduce((a, b) => a * b, 1));
    const columns = tf.stack([tf.tensor(x), tf.ones([n])], 1);
    const expected = products.flatMap((p) => [p, 1]);
    expect(await plain(tf.cumprod(columns, 0, true))).toEqual(['float32', [n, 2], expected]);
  });

  it('what is given out unchanged has its own gradient', async () => {
    const slope = (f: (x: tf.Tensor) => tf.Tensor) =>
      tf
        .grad((x) => tf.square(f(x)))(tf.tensor([3]))
        .array();
    expect(await slope((x) => tf.topk(x, 1).values)).toEqual([6]);
    expect(await slope((x) => tf.einsum('i->i', x))).toEqual([6]);
    const x = tf.tensor([[3, 1]]);
    expect(tf.topk(x, 0).values.shape).toEqual([1, 0]);
    expect(x.shape).toEqual([1, 2]);
  });

  it('booleans are scattered', async () => {
    const yes = tf.tensor([1], [1], 'bool');
    expect(await plain(tf.scatterND(tf.tensor([[1]], [1, 1], 'int32'), yes, [2]))).toEqual(['bool', [2], [0, 1]]);
  });

  it('integers and booleans are transposed, and summed along any axis', async () => {
    const x = tf.tensor([0, 1, 2, 3, 4, 5, 6, 16777217], [2, 2, 2], 'int32');
    expect(await plain(tf.transpose(x, [2, 0, 1]))).toEqual(['int32', [2, 2, 2], [0, 2, 4, 6, 1, 3, 5, 16777217]]);
    expect(await plain(tf.sum(tf.slice(x, 0, 1), 1))).toEqual(['int32', [1, 2], [2, 4]]);
    expect(await plain(tf.any(tf.equal(x, 3), [0, 1]))).toEqual(['bool', [2], [0, 1]]);
  });

  it('five and six axes broadcast, repeat and are summed over', async () => {
    const [a, b] = [tf.reshape(tf.range(0, 4), [2, 1, 1, 1, 2]), tf.tensor([10, 20], [1, 2, 1, 1, 1])];
    const sum = tf.add(a, b);
    expect(await plain(sum)).toEqual(['float32', [2, 2, 1, 1, 2], [10, 11, 20, 21, 12, 13, 22, 23]]);
    expect(await plain(tf.sum(sum, [1, 4]))).toEqual(['float32', [2, 1, 1], [62, 70]]);
    const six = tf.mul(tf.reshape(a, [2, 1, 1, 1, 2, 1]), tf.reshape(b, [1, 1, 2, 1, 1, 1]));
    expect(await plain(six)).toEqual(['float32', [2, 1, 2, 1, 2, 1], [0, 10, 0, 20, 20, 30, 40, 60]]);
    const tiled = tf.tile(tf.cast(a, 'int32'), [1, 2, 1, 1, 2]);
    expect(await plain(tiled)).toEqual(['int32', [2, 2, 1, 1, 4], [0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3]]);
  });

  it('five axes are padded and chosen from', async () => {
    const x = tf.reshape(tf.range(1, 5), [1, 2, 1, 2, 1]);
    const padded = tf.pad(
      x,
      [
        [0, 0],
        [1, 0],
        [0, 0],
        [0, 0],
        [0, 1],
      ],
      9,
    );
    expect(await plain(padded)).toEqual(['float32', [1, 3, 1, 2, 2], [9, 9, 9, 9, 1, 9, 2, 9, 3, 9, 4, 9]]);
    expect(await plain(tf.where(tf.greater(x, 2), x, 0))).toEqual(['float32', [1, 2, 1, 2, 1], [0, 0, 3, 4]]);
  });

  it('ids of no segment are left out', async () => {
    const ids = tf.tensor1d([0, -1, 2, 1], 'int32');
    expect(await plain(tf.unsortedSegmentSum(tf.tensor1d([1, 2, 3, 4]), ids, 2))).toEqual(['float32', [2], [1, 4]]);
    const none = tf.unsortedSegmentSum(tf.zeros([0, 3]), tf.tensor1d([], 'int32'), 2);
    expect(await plain(none)).toEqual(['float32', [2, 3], [0, 0, 0, 0, 0, 0]]);
  });

  it('batch normalisation keeps the digits of numbers far from 0', async () => {
    const x = tf.tensor([10001, 10002, 10003, 10006], [1, 1, 2, 2]) as tf.Tensor4D;
    const norm = (scale?: tf.Tensor1D, offset?: tf.Tensor1D) =>
      tf.batchNorm4d(x, tf.tensor1d([10002, 10004]), tf.tensor1d([0.25, 3.75]), offset, scale, 0.25);
    const [near, far] = [Math.SQRT2, 1];
    const got = [...(await norm().data()), ...(await norm(tf.tensor1d([2, 3]), tf.tensor1d([5, 7])).data())];
    const expected = [-near, -far, near, far, 5 - 2 * near, 7 - 3 * far, 5 + 2 * near, 7 + 3 * far];
    for (const [i, value] of expected.entries()) expect(Math.abs(got[i]! - value)).toBeLessThan(1e-6);
  });

  it('no images convolved are no images, with no slope for the filter', async () => {
    const none = tf.zeros([0, 4, 4, 3]) as tf.Tensor4D;
    for (const [size, sides, stride] of [
      [1, 4, 1],
      [3, 2, 2],
    ] as const) {
      const filter = tf.ones([size, size, 3, 2]) as tf.Tensor4D;
      const y = (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, stride, 'same');
      expect(await plain(y(none, filter))).toEqual(['float32', [0, sides, sides, 2], []]);
      const [dx, df] = tf.grads((x, f) => y(x as tf.Tensor4D, f as tf.Tensor4D))([none, filter]);
      expect(await plain(dx!)).toEqual(['float32', [0, 4, 4, 3], []]);
      expect(await plain(df!)).toEqual(['float32', [size, size, 3, 2], new Array(size * size * 6).fill(0)]);
    }
    expect((await plain(tf.depthwiseConv2d(none, tf.ones([2, 2, 3, 1]), 1, 'valid')))[1]).toEqual([0, 3, 3, 3]);
  });

  it('of equal maxima the first gets the gradient', async () => {
    const x = tf.tensor([-1, -1, -2, -1], [1, 2, 2, 1]) as tf.Tensor4D;
    expect(await plain(tf.maxPoolWithArgmax(x, 2, 2, 'valid').indexes!)).toEqual(['int32', [1, 1, 1, 1], [0]]);
    const slope = tf.grad((t) => tf.maxPool(t as tf.Tensor4D, 2, 2, 'valid'))(x);
    expect(await plain(slope)).toEqual(['float32', [1, 2, 2, 1], [1, 0, 0, 0]]);
  });
});
