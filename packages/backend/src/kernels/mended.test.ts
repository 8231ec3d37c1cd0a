import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { always, ints, shapeOf } from '../../tests/differences.ts';
import { distance, on, startEngines, values } from '../../tests/engines.ts';

beforeAll(startEngines);

async function sameOnBoth(f: () => tf.Tensor): Promise<void> {
  const [got, expected] = [await on('wasm', f), await on('cpu', f)];
  expect([got.shape, got.dtype]).toEqual([expected.shape, expected.dtype]);
  expect(distance(got.values, expected.values)).toBeLessThan(1e-5);
}

const onEach = async (f: () => tf.Tensor, expected: number[]) => {
  for (const engine of ['cpu', 'wasm'] as const) expect((await on(engine, f)).values).toEqual(expected);
};

type Two = [number, number];

// Before: XNNPACK wrote beyond the result, and the engine fell over a few calls later.
it('windows, strides and dilations that are not square, padded by a number', async () => {
  const side = fc.integer({ min: 1, max: 3 });
  const cases = fc.record({
    image: fc.tuple(fc.integer({ min: 5, max: 8 }), fc.integer({ min: 5, max: 8 })),
    window: fc.tuple(side, side),
    strides: fc.tuple(side, side),
    dilations: fc.tuple(side, side),
    pad: fc.nat({ max: 1 }),
  });
  await always(
    cases,
    async ({ image, window, strides, dilations, pad }) => {
      const x = () => values([2, ...image, 2], 1) as tf.Tensor4D;
      const filter = () => values([...window, 2, 2], 2) as tf.Tensor4D;
      const ones: Two = [1, 1];
      const [steps, rates] = dilations[0] > 1 ? [ones, dilations as Two] : [strides as Two, ones];
      const info = () => tf.backend_util.computeConv2DInfo(x().shape, filter().shape, steps, rates, pad);
      const { outHeight, outWidth } = tf.tidy(info);
      if (Math.min(outHeight, outWidth) < 1) return;
      await sameOnBoth(() => tf.conv2d(x(), filter(), steps, pad, 'NHWC', rates));
      await sameOnBoth(() => tf.depthwiseConv2d(x(), filter(), steps, pad, 'NHWC', rates));
      await sameOnBoth(() =>
        tf.fused.conv2d({ x: x(), filter: filter(), strides: steps, pad, dilations: rates, activation: 'relu' }),
      );
      const outside = (outHeight - 1) * steps[0] >= image[0] + pad || (outWidth - 1) * steps[1] >= image[1] + pad;
      if (dilations[0] > 1 || outside || Math.min(...window) <= pad) return; // no maximum, no mean
      await sameOnBoth(() => tf.maxPool(x(), window as Two, steps, pad));
      await sameOnBoth(() => tf.avgPool(x(), window as Two, steps, pad));
    },
    60,
  );
});

it("strides larger than the filter, padding 'same'", async () => {
  const side = fc.integer({ min: 1, max: 4 });
  await always(fc.tuple(side, side, side, side, side, side), async ([h, w, kh, kw, sh, sw]) => {
    const x = () => values([1, h, w, 2], 1) as tf.Tensor4D;
    const filter = () => values([kh, kw, 2, 3], 2) as tf.Tensor4D;
    await sameOnBoth(() => tf.conv2d(x(), filter(), [sh, sw], 'same'));
    await sameOnBoth(() => tf.depthwiseConv2d(x(), filter(), [sh, sw], 'same'));
  });
});

it('matMul of batches that broadcast both ways', async () => {
  const column = () => tf.matMul(tf.tensor([1, 2], [2, 1, 1, 1]), tf.tensor([1, 2, 3, 4], [2, 2, 1, 1]));
  await onEach(column, [1, 2, 6, 8]);
  const across = () => tf.matMul(tf.tensor([1, 2], [2, 1, 1, 1]), tf.tensor([5, 7], [1, 2, 1, 1]));
  await onEach(across, [5, 7, 10, 14]);
});

it('cumsum and cumprod along an axis counted from the end', async () => {
  await onEach(
    () =>
      tf.cumsum(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
        -1,
      ),
    [1, 3, 3, 7],
  );
  await onEach(
    () =>
      tf.cumprod(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
        -2,
      ),
    [1, 2, 3, 8],
  );
});

it('booleans keep their values wherever they move', async () => {
  await always(shapeOf(2, 3), async (shape) => {
    const x = () => tf.greater(values(shape, 1), 0);
    const paddings = shape.map((): [number, number] => [0, 1]);
    await sameOnBoth(() => tf.reverse(x(), 1));
    await sameOnBoth(() => tf.gather(x(), ints([0, 0], [2]), 0));
    await sameOnBoth(() => tf.gatherND(x(), ints([0, 0, 0, 0], [2, 2])));
    await sameOnBoth(() => tf.mirrorPad(x(), paddings, 'symmetric'));
    await sameOnBoth(() => tf.where(tf.greater(values(shape, 2), 0), x(), tf.logicalNot(x())));
    await sameOnBoth(() => tf.stridedSlice(x(), [0], [shape[0]!], [2]));
  });
  const updated = () =>
    tf.tensorScatterUpdate(tf.tensor1d([0, 0, 1], 'bool'), ints([1], [1, 1]), tf.tensor1d([1], 'bool'));
  await onEach(updated, [0, 1, 1]);
  await onEach(() => tf.scatterND(ints([2, 0], [2, 1]), tf.tensor1d([1, 1], 'bool'), [4]), [1, 0, 1, 0]);
});

it('small things', async () => {
  const special = () => tf.tensor1d([1e-8, -1e-30, 0, 5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  await onEach(() => tf.sign(special()), [1, -1, 0, 1, 1, -1]);
  await onEach(() => tf.cast(tf.tensor1d([0.2, 0, -3, Number.NaN]), 'bool'), [1, 0, 1, 1]);
  await onEach(() => tf.oneHot(ints([1, 5, 0], [3]), 2, 0.5, -1, 'float32'), [-1, 0.5, -1, -1, 0.5, -1]);
  await onEach(() => tf.prelu(tf.tensor([-1, 2]), tf.tensor([3, 4], [2, 1])), [-3, 2, -4, 2]);
  await onEach(() => tf.prod(tf.zeros([2, 0]), 1), [1, 1]);
  await onEach(() => tf.max(tf.zeros([2, 0]), 1), [Number.NaN, Number.NaN]);
  await onEach(() => tf.min(tf.zeros([2, 0]), 1), [Number.NaN, Number.NaN]);
});

it('an index outside its row says so', async () => {
  await tf.setBackend('wasm');
  const outside = () => tf.gather(tf.zeros([2, 3]), ints([0, 3], [2, 1]), 1, 1);
  expect(outside).toThrow('the index value 3 is not in [0, 2]');
});
