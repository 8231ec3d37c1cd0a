import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { always, gradientError, holds, shapeOf } from '../../tests/differences.ts';
import { distance, on, startEngines, values } from '../../tests/engines.ts';

beforeAll(startEngines);

const few = fc.integer({ min: 1, max: 3 });
const pad = fc.constantFrom<'same' | 'valid' | tf.backend_util.ExplicitPadding>('same', 'valid', [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
]);
const dilated = fc.record({
  batch: few,
  sides: fc.tuple(few, few),
  kernel: fc.tuple(few, few),
  channels: fc.tuple(few, few),
  dilations: fc.tuple(few, few),
  strides: fc.tuple(few, few),
  pad,
});

it('conv2d and depthwiseConv2d with dilation or strides', async () => {
  await always(dilated, async ({ batch, sides, kernel, channels, dilations, strides, pad }) => {
    const steps: [number, number] = dilations.some((d) => d > 1) ? [1, 1] : strides; // tfjs takes one or the other
    const [height, width] = sides.map((n, i) => n + (kernel[i]! - 1) * dilations[i]!) as [number, number]; // at least one pixel
    const x = [batch, height, width, channels[0]];
    const filter = [...kernel, ...channels];
    await holds((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, steps, pad, 'NHWC', dilations), [x, filter]);
    await holds(
      (a, b) => tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, steps, pad, 'NHWC', dilations),
      [x, filter],
    );
  });
});

it('conv1d with dilation', async () => {
  await holds(
    (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, 1, 'same', 'NWC', 3),
    [
      [2, 9, 3],
      [3, 3, 2],
    ],
  );
});

it('conv3d and conv3dTranspose', async () => {
  const cases = fc.record({
    sides: shapeOf(3, 3, 3),
    kernel: shapeOf(3, 3, 3),
    dilation: fc.integer({ min: 1, max: 2 }),
    stride: fc.integer({ min: 1, max: 2 }),
    pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
  });
  await always(
    cases,
    async ({ sides, kernel, dilation, stride, pad }) => {
      const step = dilation > 1 ? 1 : stride;
      const x = [2, ...sides.map((n, i) => n + (kernel[i]! - 1) * dilation), 2];
      const conv = (a: tf.Tensor, b: tf.Tensor) =>
        tf.conv3d(a as tf.Tensor5D, b as tf.Tensor5D, step, pad, 'NDHWC', dilation);
      await holds(conv, [x, [...kernel, 2, 3]]);
      if (dilation > 1) return;
      const { outShape } = tf.backend_util.computeConv3DInfo(
        x as [2, 1, 1, 1, 2],
        [...kernel, 2, 3] as [1, 1, 1, 2, 3],
        stride,
        1,
        pad,
      );
      const turned = (a: tf.Tensor, b: tf.Tensor) =>
        tf.conv3dTranspose(a as tf.Tensor5D, b as tf.Tensor5D, x as [2, 1, 1, 1, 2], stride, pad);
      await holds(turned, [outShape, [...kernel, 2, 3]]);
    },
    20,
  );
});

it('a layer with dilation can be trained', async () => {
  const slope = () => {
    const layer = layers.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2, padding: 'same', activation: 'relu' });
    layer.build([1, 7, 7, 2]);
    layer.setWeights([values([3, 3, 2, 2], 2), tf.zeros([2])]);
    const gradient = tf.grad((x) => tf.sum(layer.apply(x) as tf.Tensor))(values([1, 7, 7, 2], 1));
    for (const weight of layer.weights) weight.dispose();
    return gradient;
  };
  const [wasm, cpu] = [await on('wasm', slope), await on('cpu', slope)];
  expect(distance(wasm.values, cpu.values)).toBeLessThan(1e-5);
  expect(cpu.values.some((v) => v !== 0)).toBe(true);
});

// Twice: tfjs's gradient of a gradient knows nothing of dilation, so that wasm takes the way round through plain convolutions.
it('the gradient of a dilated gradient by its input', async () => {
  const filter = () => values([2, 2, 1, 2], 3) as tf.Tensor4D;
  const slope = (x: tf.Tensor) =>
    tf.grad((t) => tf.sum(tf.square(tf.conv2d(t as tf.Tensor4D, filter(), 1, 'valid', 'NHWC', 2))))(x);
  const byX = (x: tf.Tensor) => tf.grad((t) => tf.sum(tf.mul(slope(t), values(t.shape, 9))))(x);
  const twice = () => byX(values([1, 4, 4, 1], 4));
  const [wasm, cpu] = [await on('wasm', twice), await on('cpu', twice)];
  for (const [i, v] of cpu.values.entries()) expect(Math.abs(wasm.values[i]! - v)).toBeLessThan(1e-4);
  const differences = () => tf.scalar(gradientError((x) => slope(x), [values([1, 4, 4, 1], 4)]));
  expect((await on('cpu', differences)).values[0]).toBeLessThan(1e-4);
});
