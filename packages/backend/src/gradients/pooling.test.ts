import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { always, distinct, gradientError, holds, shapeOf } from '../../tests/differences.ts';
import { distance, on, REFERENCE, startEngines, values } from '../../tests/engines.ts';

beforeAll(startEngines);

const pad = fc.constantFrom<'same' | 'valid'>('same', 'valid');
const pools = (rank: number) =>
  fc
    .record({
      sides: shapeOf(rank, rank, 4),
      window: shapeOf(rank, rank, 3),
      strides: shapeOf(rank, rank, 3),
      pad,
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ sides, window, batch, channels, ...rest }) => ({
      x: [batch, ...sides.map((n, i) => n + window[i]! - 1), channels],
      window,
      ...rest,
    }));

type Two = [number, number];
type Three = [number, number, number];
const piecewise = { step: 0.25, make: distinct }; // every maximum stays where it is

it('maxPool and avgPool: gradients as differences, windows of negative numbers too', async () => {
  await always(pools(2), async ({ x, window, strides, pad }) => {
    await holds((t) => tf.maxPool(t as tf.Tensor4D, window as Two, strides as Two, pad), [x], piecewise);
    await holds((t) => tf.avgPool(t as tf.Tensor4D, window as Two, strides as Two, pad), [x]);
    const argmax = (t: tf.Tensor) => tf.maxPoolWithArgmax(t as tf.Tensor4D, window as Two, strides as Two, pad).result!;
    await holds(argmax, [x], piecewise);
  });
});

// Not where 'same' meets strides larger than windows: there tfjs's own engines leave out the first numbers, TensorFlow the last.
it('maxPool3d and avgPool3d', async () => {
  const cases = pools(3).filter(
    ({ window, strides, pad }) => pad === 'valid' || strides.every((n, i) => n <= window[i]!),
  );
  await always(cases, async ({ x, window, strides, pad }) => {
    await holds((t) => tf.maxPool3d(t as tf.Tensor5D, window as Three, strides as Three, pad), [x], piecewise);
    await holds((t) => tf.avgPool3d(t as tf.Tensor5D, window as Three, strides as Three, pad), [x]);
    const forward = () => tf.maxPool3d(tf.sub(values(x, 1), 3) as tf.Tensor5D, window as Three, strides as Three, pad);
    expect(await on('wasm', forward)).toEqual(await on('cpu', forward));
  });
});

it('pads by a number, rounded as asked', async () => {
  await holds((t) => tf.avgPool(t as tf.Tensor4D, 2, 2, 1, 'floor'), [[2, 5, 5, 2]]);
  await holds((t) => tf.avgPool(t as tf.Tensor4D, 3, 2, 1, 'ceil'), [[2, 6, 6, 2]]);
  await holds((t) => tf.maxPool(t as tf.Tensor4D, 3, 2, 1, 'ceil'), [[2, 6, 6, 2]], piecewise);
});

// Numbers from a few, so that maxima are shared. TensorFlow takes the first for the maximum where nothing is larger.
it('of equal maxima, and of infinities and NaN, the one that cpu takes gets the gradient', async () => {
  const odd = REFERENCE === 'cpu' ? [Number.NaN, Number.NEGATIVE_INFINITY] : [];
  const special = fc.constantFrom(-2, -1, -1, 0, 0, 1, Number.POSITIVE_INFINITY, ...odd);
  const cases = fc.tuple(fc.array(special, { minLength: 48, maxLength: 48 }), shapeOf(3, 3, 2), pad);
  await always(cases, async ([numbers, [depth, height, width], pad]) => {
    const flat = () => tf.tensor(numbers, [1, 4, 6, 2]);
    const two = () => tf.grad((t) => tf.maxPool(t as tf.Tensor4D, [height!, width!], 1, pad))(flat());
    expect(await on('wasm', two)).toEqual(await on('cpu', two));
    const deep = () => tf.tensor(numbers, [1, 2, 4, 3, 2]);
    const three = () => tf.grad((t) => tf.maxPool3d(t as tf.Tensor5D, [depth!, height!, width!], 1, pad))(deep());
    expect(await on('wasm', three)).toEqual(await on('cpu', three));
  });
});

it('maxPoolWithArgmax says where, in the image or in the batch', async () => {
  for (const wholeBatch of [false, true]) {
    for (const part of ['result', 'indexes'] as const) {
      const f = () =>
        tf.maxPoolWithArgmax(tf.sub(values([2, 5, 4, 3], 1), 2) as tf.Tensor4D, 2, 2, 'same', wholeBatch)[part]!;
      expect(await on('wasm', f)).toEqual(await on('cpu', f));
    }
    const op = (x: tf.Tensor) => tf.maxPoolWithArgmax(x as tf.Tensor4D, 2, 2, 'same', wholeBatch).result!;
    await holds(op, [[2, 5, 4, 3]], piecewise);
  }
});

it('dilation2d: values as on cpu, gradients as differences', async () => {
  const cases = fc.tuple(pools(2), fc.integer({ min: 1, max: 2 }));
  await always(cases, async ([{ x, window, strides, pad }, rate]) => {
    const shape = x.map((n, i) => (i === 1 || i === 2 ? n + window[i - 1]! : n)); // room for the dilation
    const filter = [...window, x[3]!];
    const steps = rate > 1 ? 1 : (strides as Two);
    const op = (a: tf.Tensor, b: tf.Tensor) => tf.dilation2d(a as tf.Tensor4D, b as tf.Tensor3D, steps, pad, rate);
    const forward = () => op(tf.sub(values(shape, 1), 4), values(filter, 2));
    const [got, expected] = [await on('wasm', forward), await on('cpu', forward)];
    expect(distance(got.values, expected.values)).toBeLessThan(1e-6);
    // Sums of distinct numbers and of small steps of a tenth: no two are equal.
    const make = (s: number[], seed: number) => (seed === 1 ? distinct(s, 1) : tf.mul(0.02, distinct(s, 2)));
    for (const engine of ['cpu', 'wasm'] as const) {
      const error = await on(engine, () => tf.scalar(gradientError(op, [make(shape, 1), make(filter, 2)], 0.005)));
      expect(error.values[0]).toBeLessThan(2e-2); // small steps: rounding of sums of hundreds
    }
  });
});
