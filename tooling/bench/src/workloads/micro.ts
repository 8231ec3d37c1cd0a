import { standardNormal, standardUniform } from '@proj/distributions';
import { uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';

const N = 1024;

type Op = readonly [name: string, amount: number, rateUnit: string, run: () => tf.Tensor];

/**
 * One operation each, without read-back. Products, convolutions and tables hold draws of N(0, 1); element-wise operations and
 * reductions work on draws between .1 and .9.
 */
export async function* micro(): AsyncGenerator<Variant> {
  let seed = 0;
  const random = (...shape: number[]) => standardNormal(shape, seed++);
  const between = () => tf.tidy(() => tf.add(tf.mul(standardUniform([N, N], seed++), 0.8), 0.1) as tf.Tensor2D);
  const [x, y] = [between(), between()];
  const [a, b] = [random(N, N) as tf.Tensor2D, random(N, N) as tf.Tensor2D];
  const image = random(64, 16, 16, 128) as tf.Tensor4D;
  const kernel = random(3, 3, 128, 128) as tf.Tensor4D;
  const table = random(10_000, 100) as tf.Tensor2D;
  const rows = tf.tensor1d(
    Int32Array.from(uniform(6400, seed++), (u) => Math.floor(u * 10_000)),
    'int32',
  );
  const updates = random(6400, 100) as tf.Tensor2D;
  const product = 2 * N ** 3;
  const convolution = 2 * 64 * 16 * 16 * 9 * 128 * 128;
  const elements = N * N;
  const backward = (name: 'Conv2DBackpropInput' | 'Conv2DBackpropFilter', inputs: object, shape: object) =>
    tf.engine().runKernel(
      name,
      { dy: image, ...inputs } as tf.NamedTensorMap,
      {
        strides: [1, 1],
        pad: 'same',
        dataFormat: 'NHWC',
        dimRoundingMode: undefined,
        ...shape,
      } as unknown as tf.NamedAttrMap,
    ) as tf.Tensor;
  const ops: readonly Op[] = [
    ['matmul NN', product, 'FLOP/s', () => tf.matMul(a, b)],
    ['matmul TN', product, 'FLOP/s', () => tf.matMul(a, b, true, false)],
    ['matmul NT', product, 'FLOP/s', () => tf.matMul(a, b, false, true)],
    ['conv2d fwd', convolution, 'FLOP/s', () => tf.conv2d(image, kernel, 1, 'same')],
    [
      'conv2d input-grad',
      convolution,
      'FLOP/s',
      () => backward('Conv2DBackpropInput', { filter: kernel }, { inputShape: image.shape }),
    ],
    [
      'conv2d filter-grad',
      convolution,
      'FLOP/s',
      () => backward('Conv2DBackpropFilter', { x: image }, { filterShape: kernel.shape }),
    ],
    ['exp', elements, 'elements/s', () => tf.exp(x)],
    ['tanh', elements, 'elements/s', () => tf.tanh(x)],
    ['softplus', elements, 'elements/s', () => tf.softplus(x)],
    ['softmax', elements, 'elements/s', () => tf.softmax(x)],
    ['log_softmax', elements, 'elements/s', () => tf.logSoftmax(x)],
    ['sum axis0', elements, 'elements/s', () => tf.sum(x, 0)],
    ['sum axis1', elements, 'elements/s', () => tf.sum(x, 1)],
    ['sum all', elements, 'elements/s', () => tf.sum(x)],
    ['gather 6400x100', 640_000, 'elements/s', () => tf.gather(table, rows)],
    ['scatter-add 6400x100', 640_000, 'elements/s', () => tf.unsortedSegmentSum(updates, rows, 10_000)],
    ['transpose', elements, 'elements/s', () => tf.transpose(x)],
    ['maximum', elements, 'elements/s', () => tf.maximum(x, y)],
    ['greater', elements, 'elements/s', () => tf.greater(x, y)],
    ['where(greater)', elements, 'elements/s', () => tf.tidy(() => tf.where(tf.greater(x, y), x, y))],
    ['randn', elements, 'elements/s', () => random(N, N)],
    ['cumsum axis1', elements, 'elements/s', () => tf.cumsum(x, 1)],
  ];
  for (const [name, amount, rateUnit, run] of ops) yield { name, amount, rateUnit, run: () => run().dispose() };
  tf.dispose([a, b, x, y, image, kernel, table, rows, updates]);
}
