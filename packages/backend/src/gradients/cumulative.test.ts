import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { always, holds, shapeOf } from '../../tests/differences.ts';
import { on, startEngines } from '../../tests/engines.ts';

beforeAll(startEngines);

const cases = fc
  .tuple(shapeOf(1, 3), fc.nat(), fc.boolean(), fc.boolean(), fc.boolean())
  .map(([shape, n, exclusive, reverse, negative]) => ({
    shape,
    axis: (n % shape.length) - (negative ? shape.length : 0),
    exclusive,
    reverse,
  }));

it('cumsum and cumprod, along any axis', async () => {
  await always(cases, async ({ shape, axis, exclusive, reverse }) => {
    await holds((x) => tf.cumsum(x, axis, exclusive, reverse), [shape]);
    await holds((x) => tf.cumprod(x, axis, exclusive, reverse), [shape]);
  });
});

it('prod over any axes', async () => {
  await always(fc.tuple(shapeOf(1, 3), fc.nat({ max: 7 }), fc.boolean()), async ([shape, mask, keepDims]) => {
    const axes = shape.map((_, axis) => axis).filter((axis) => mask & (1 << axis));
    await holds((x) => tf.prod(x, axes, keepDims), [shape]);
    await holds((x) => tf.prod(x, -1, keepDims), [shape]);
    await holds((x) => tf.prod(x), [shape]);
  });
});

// dx_j is the sum over i >= j of the product of the others up to i: 1 + 0 + 0, 2 + 2 * 4 + 2 * 4 * 5, 0, 0.
it('zeros divide nothing', async () => {
  const slope = () => tf.grad((x) => tf.sum(tf.cumprod(x)))(tf.tensor1d([2, 0, 4, 5]));
  for (const engine of ['cpu', 'wasm'] as const) expect((await on(engine, slope)).values).toEqual([1, 50, 0, 0]);
  const prod = () => tf.grad((x) => tf.prod(x) as tf.Tensor)(tf.tensor1d([2, 0, 4]));
  for (const engine of ['cpu', 'wasm'] as const) expect((await on(engine, prod)).values).toEqual([0, 8, 0]);
});
