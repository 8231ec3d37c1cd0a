import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { always, distinct } from '../../tests/differences.ts';
import { values } from '../../tests/engines.ts';
import { asOnCpu, onItself, skipped, startNative } from '../../tests/native.ts';

const side = fc.integer({ min: 1, max: 3 });
const cases = fc.record({
  sides: fc.array(fc.integer({ min: 5, max: 7 }), { minLength: 3, maxLength: 3 }),
  window: fc.array(fc.integer({ min: 2, max: 3 }), { minLength: 3, maxLength: 3 }),
  strides: fc.array(side, { minLength: 3, maxLength: 3 }),
  pad: fc.nat({ max: 1 }),
  rounding: fc.constantFrom<'floor' | 'round' | 'ceil'>('floor', 'round', 'ceil'),
});

describe.skipIf(skipped !== '')(`pooling on tfjs-node${skipped}`, () => {
  beforeAll(startNative);

  it('takes padding by numbers, however rounded; so do its gradients', async () => {
    type Op = (x: tf.Tensor) => tf.Tensor;
    await always(cases, async ({ sides, window, strides, pad, rounding }) => {
      const flat = [window.slice(1), strides.slice(1)] as [[number, number], [number, number]];
      const deep = [window, strides] as [[number, number, number], [number, number, number]];
      const images = [2, ...sides.slice(1), 2];
      // No window beyond the numbers: no maximum, no mean.
      const info = tf.backend_util.computePool2DInfo(images as [2, 3, 4, 2], ...flat, 1, pad, rounding);
      const beyond = (out: number, stride: number, size: number) => (out - 1) * stride - pad >= size;
      if (beyond(info.outHeight, info.strideHeight, sides[1]!) || beyond(info.outWidth, info.strideWidth, sides[2]!)) {
        return;
      }
      const ops: [Op, number[]][] = [
        [(x) => tf.maxPool(x as tf.Tensor4D, ...flat, pad, rounding), images],
        [(x) => tf.avgPool(x as tf.Tensor4D, ...flat, pad, rounding), images],
      ];
      if (rounding === 'floor') {
        ops.push(
          [(x) => tf.maxPool3d(x as tf.Tensor5D, ...deep, pad, rounding), [1, ...sides, 2]],
          [(x) => tf.avgPool3d(x as tf.Tensor5D, ...deep, pad, rounding), [1, ...sides, 2]],
        );
      }
      for (const [op, shape] of ops) {
        const x = () => tf.sub(distinct(shape, 1), 3); // below 0, where padding by 0 would be the maximum
        await asOnCpu(() => op(x()));
        const weighted = (t: tf.Tensor) => {
          const y = op(t);
          return tf.sum(tf.mul(y, values(y.shape, 3)));
        };
        await asOnCpu(() => tf.grad(weighted)(x()));
      }
    });
  });

  it('in three dimensions, one of equal maxima gets the gradient', async () => {
    const slope = () => tf.grad((x) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'valid'))(tf.ones([1, 2, 2, 2, 1]));
    expect((await onItself('tensorflow', slope)).values).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    await asOnCpu(slope);
  });

  it('says where the maxima stand', async () => {
    for (const part of ['result', 'indexes'] as const) {
      await asOnCpu(() => tf.maxPoolWithArgmax(distinct([2, 5, 4, 3], 1) as tf.Tensor4D, 2, 2, 'same', true)[part]!);
    }
  });
});
