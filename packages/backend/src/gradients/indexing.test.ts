import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { always, distinct, holds, ints, shapeOf } from '../../tests/differences.ts';
import { on, startEngines, values } from '../../tests/engines.ts';

beforeAll(startEngines);

/** Indices into [0, size) from any numbers. */
const indices = (shape: number[], size: (at: number) => number, seed: number) => {
  const numbers = values(shape, seed).dataSync();
  return ints(
    Array.from(numbers, (v, at) => Math.floor(((v + 1) / 2) * size(at))),
    shape,
  );
};

const gathers = fc
  .tuple(shapeOf(0, 2, 3), shapeOf(0, 2, 3), fc.integer({ min: 1, max: 5 }), shapeOf(0, 2, 3), shapeOf(0, 2, 3))
  .map(([batch, outer, size, inner, ids]) => ({ batch, outer, size, inner, ids }))
  .filter(({ batch, outer, inner, ids }) => batch.length + outer.length + inner.length + Math.max(1, ids.length) <= 6); // tfjs's greatest rank

it('gather with any axis and batch axes: values as on cpu, gradients as differences', async () => {
  await always(
    gathers,
    async ({ batch, outer, size, inner, ids }) => {
      const axis = batch.length + outer.length;
      const at = () => indices([...batch, ...ids], () => size, 5);
      const x = [...batch, ...outer, size, ...inner];
      await holds((t) => tf.gather(t, at(), axis, batch.length), [x]);
      const f = () => tf.gather(values(x, 1), at(), axis, batch.length);
      expect(await on('wasm', f)).toEqual(await on('cpu', f));
    },
    60,
  );
});

it('gatherND, scatterND and tensorScatterUpdate, with equal indices too', async () => {
  await always(
    fc.tuple(shapeOf(1, 3), fc.integer({ min: 1, max: 3 }), shapeOf(1, 2)),
    async ([shape, depth, count]) => {
      const k = Math.min(depth, shape.length);
      const at = () => indices([...count, k], (i) => shape[i % k]!, 3);
      const rows = [...count, ...shape.slice(k)];
      await holds((x) => tf.gatherND(x, at()), [shape]);
      await holds((updates) => tf.scatterND(at(), updates, shape), [rows]);
      await holds((x, updates) => tf.tensorScatterUpdate(x, at(), updates), [shape, rows]);
    },
  );
  await holds((x) => tf.gatherND(x, ints([1, 2], [2])), [[2, 3]]);
  await holds((updates) => tf.scatterND(ints([3, 1, 3], [3]), updates, [5]), [[3]]);
});

it('tensorScatterUpdate leaves its input as it was', async () => {
  const f = () => {
    const x = tf.zeros([3]);
    tf.tensorScatterUpdate(x, ints([1], [1, 1]), tf.tensor1d([7]));
    return x;
  };
  for (const engine of ['cpu', 'wasm'] as const) expect((await on(engine, f)).values).toEqual([0, 0, 0]);
});

it('values of topk', async () => {
  await always(shapeOf(1, 3), async (shape) => {
    const k = Math.ceil(shape.at(-1)! / 2);
    await holds((x) => tf.topk(x, k).values, [shape], { step: 0.25, make: distinct });
  });
});

it('an index that depends on x adds nothing', async () => {
  const slope = () => tf.grad((x) => tf.sum(tf.gather(x, tf.cast(tf.floor(x), 'int32'))))(tf.tensor1d([2, 0, 2]));
  for (const engine of ['cpu', 'wasm'] as const) expect((await on(engine, slope)).values).toEqual([1, 0, 2]);
});
