import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { noWebGpu, skipped } from '../../tests/webgpu.ts';

const plain = (t: tf.Tensor) => [t.dtype, t.shape, Array.from(t.dataSync())];
const empty = (dtype: 'float32' | 'int32' | 'bool') => tf.zeros([2, 0], dtype);

describe.skipIf(noWebGpu !== null)(`kernels mended on WebGPU${skipped}`, () => {
  it.each([
    [tf.sum, 'float32', 0, 'float32'],
    [tf.sum, 'int32', 0, 'int32'],
    [tf.sum, 'bool', 0, 'int32'],
    [tf.prod, 'float32', 1, 'float32'],
    [tf.mean, 'float32', Number.NaN, 'float32'],
    [tf.max, 'float32', Number.NEGATIVE_INFINITY, 'float32'],
    [tf.min, 'float32', Number.POSITIVE_INFINITY, 'float32'],
    [tf.all, 'bool', 1, 'bool'],
    [tf.any, 'bool', 0, 'bool'],
  ] as const)('%o of no %s is %f', (f, dtype, value, type) => {
    expect(plain(f(empty(dtype), 1))).toEqual([type, [2], [value, value]]);
    expect(plain(f(empty(dtype), 1, true))).toEqual([type, [2, 1], [value, value]]);
    expect(plain(f(empty(dtype), 0))).toEqual([type, [0], []]);
    expect(plain(f(empty(dtype)))).toEqual([type, [], [value]]);
  });

  it('an empty argument is bound, and stays empty', () => {
    const none = tf.zeros([0, 3]);
    const joined = tf.concat([none, tf.ones([1, 3]), none]);
    expect(plain(joined)).toEqual(['float32', [1, 3], [1, 1, 1]]);
    const indices = tf.zeros([0, 1], 'int32');
    expect(plain(tf.scatterND(indices, none, [2, 3]))).toEqual(['float32', [2, 3], [0, 0, 0, 0, 0, 0]]);
    expect(plain(tf.matMul(tf.zeros([2, 0]), none))).toEqual(['float32', [2, 3], [0, 0, 0, 0, 0, 0]]);
    expect([none.dataSync().length, indices.dataSync().length]).toEqual([0, 0]);
  });

  it('the place of the largest in a vector is a scalar', () => {
    const x = tf.tensor([3, 7, 5]);
    expect([plain(tf.argMax(x)), plain(tf.argMin(x, -1))]).toEqual([
      ['int32', [], [1]],
      ['int32', [], [0]],
    ]);
    expect(
      plain(
        tf.argMax(
          tf.tensor([
            [3, 7],
            [9, 5],
          ]),
          0,
        ),
      ),
    ).toEqual(['int32', [2], [1, 0]]);
  });

  it('batches broadcast in any pattern, and axes are counted from the end', () => {
    const [a, b] = [tf.tensor([1, 2], [2, 1, 1, 1]), tf.tensor([1, 10, 100, 1000], [2, 2, 1, 1])];
    expect(plain(tf.matMul(a, b))).toEqual(['float32', [2, 2, 1, 1], [1, 10, 200, 2000]]);
    expect(plain(tf.cumsum(tf.tensor([1, 2, 3]), -1))).toEqual(['float32', [3], [1, 3, 6]]);
    const every = tf.stridedSlice(tf.reshape(tf.range(0, 12), [3, 4]), [1, 0], [2, 4], [1, 2], 0, 0, 0, 0, 1);
    expect(plain(every)).toEqual(['float32', [2], [4, 6]]);
  });
});
