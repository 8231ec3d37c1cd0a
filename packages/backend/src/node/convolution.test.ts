import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { always } from '../../tests/differences.ts';
import { values } from '../../tests/engines.ts';
import { asOnCpu, skipped, startNative } from '../../tests/native.ts';

type Pad = Parameters<typeof tf.conv2d>[3];
type Rounding = 'floor' | 'round' | 'ceil' | undefined;
type Two = [number, number];

const two = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const cases = fc
  .record({
    batch: fc.constantFrom(0, 1, 2, 2),
    image: two(5, 8),
    window: two(1, 3),
    strides: two(1, 3),
    dilations: two(1, 2),
    pad: fc.oneof(
      fc.constantFrom<Pad>('same', 'valid'),
      fc.nat({ max: 2 }),
      fc.tuple(two(0, 2), two(0, 2)).map(([rows, columns]): Pad => [[0, 0], rows, columns, [0, 0]]),
    ),
    rounding: fc.constantFrom<Rounding>('floor', 'round', 'ceil'),
  })
  .map(({ strides, dilations, pad, rounding, ...rest }) => {
    const dilated = Math.max(...dilations) > 1;
    const steps = dilated ? ([1, 1] as Two) : strides;
    return { ...rest, pad, strides: steps, dilations, rounding: typeof pad === 'number' ? rounding : undefined };
  })
  .filter(({ image, window, strides, dilations, pad, rounding }) => {
    const shape: [number, number, number, number] = [1, ...image, 1];
    const filter: typeof shape = [...window, 1, 1];
    const { outHeight, outWidth } = tf.backend_util.computeConv2DInfo(shape, filter, strides, dilations, pad, rounding);
    return Math.min(outHeight, outWidth) > 0;
  });

describe.skipIf(skipped !== '')(`convolutions on tfjs-node${skipped}`, () => {
  beforeAll(startNative);

  it('take every padding, rounding, stride and dilation; so do their gradients', async () => {
    await always(
      cases,
      async ({ batch, image, window, strides, dilations, pad, rounding }) => {
        const x = () => values([batch, ...image, 2], 1) as tf.Tensor4D;
        const filter = () => values([...window, 2, 3], 2) as tf.Tensor4D;
        const ops: ((x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor)[] = [
          (a, b) => tf.conv2d(a, b, strides, pad, 'NHWC', dilations, rounding),
          (a, b) => tf.depthwiseConv2d(a, b, strides, pad, 'NHWC', dilations, rounding),
        ];
        for (const op of ops) {
          await asOnCpu(() => op(x(), filter()));
          const weighted = (a: tf.Tensor4D, b: tf.Tensor4D) => {
            const y = op(a, b);
            return tf.sum(tf.mul(y, values(y.shape, 3)));
          };
          await asOnCpu(() => tf.grad((a) => weighted(a as tf.Tensor4D, filter()))(x()));
          await asOnCpu(() => tf.grad((b) => weighted(x(), b as tf.Tensor4D))(filter()));
        }
        const fused = {
          strides,
          pad: pad as number,
          dilations,
          dimRoundingMode: rounding,
          activation: 'relu',
        } as const;
        await asOnCpu(() => tf.fused.conv2d({ x: x(), filter: filter(), ...fused }));
        await asOnCpu(() => tf.fused.depthwiseConv2d({ x: x(), filter: filter(), ...fused }));
      },
      80,
    );
  });

  it('of volumes dilate, gradients too', async () => {
    const x = () => values([2, 5, 6, 4, 2], 1) as tf.Tensor5D;
    const filter = () => values([2, 2, 2, 2, 3], 2) as tf.Tensor5D;
    const op = (a: tf.Tensor5D, b: tf.Tensor5D) => tf.conv3d(a, b, 1, 'same', 'NDHWC', [2, 1, 2]);
    await asOnCpu(() => op(x(), filter()));
    await asOnCpu(() => tf.grad((a) => tf.sum(tf.square(op(a as tf.Tensor5D, filter()))))(x()));
    await asOnCpu(() => tf.grad((b) => tf.sum(tf.square(op(x(), b as tf.Tensor5D))))(filter()));
  });
});
