import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { always, gradientError, holds, shapeOf } from '../../tests/differences.ts';
import { on, startEngines, values } from '../../tests/engines.ts';

beforeAll(startEngines);

const span = fc.record({
  begin: fc.integer({ min: -5, max: 4 }),
  end: fc.integer({ min: -5, max: 5 }),
  stride: fc.constantFrom(-3, -2, -1, 1, 2, 3),
  open: fc.boolean(),
  shrink: fc.boolean(),
});
const slices = fc.tuple(shapeOf(1, 3, 5), fc.array(span, { minLength: 1, maxLength: 3 })).map(([shape, spans]) => {
  const axes = spans.slice(0, shape.length).map((s, axis) => {
    const shrink = s.shrink && !s.open;
    return shrink ? { ...s, shrink, stride: 1, begin: s.begin % shape[axis]! } : { ...s, shrink };
  });
  const mask = (pick: (s: (typeof axes)[number]) => boolean) =>
    axes.reduce((m, s, axis) => m + (pick(s) ? 2 ** axis : 0), 0);
  return { shape, axes, open: mask((s) => s.open), shrink: mask((s) => s.shrink) };
});

/** The places that Python's slicing would take, axis by axis: an implementation of its own. */
function places(
  size: number,
  { begin, end, stride, open, shrink }: { begin: number; end: number; stride: number; open: boolean; shrink: boolean },
): number[] {
  const wrap = (at: number) => (at < 0 ? at + size : at);
  if (shrink) return [wrap(begin)];
  const clamp = (at: number) => (stride > 0 ? Math.min(size, Math.max(0, at)) : Math.min(size - 1, Math.max(-1, at)));
  const first = open ? (stride > 0 ? 0 : size - 1) : clamp(wrap(begin));
  const last = open ? (stride > 0 ? size : -1) : clamp(wrap(end));
  const found: number[] = [];
  for (let at = first; stride > 0 ? at < last : at > last; at += stride) found.push(at);
  return found;
}

it('stridedSlice takes what Python takes, and its gradient gives it back', async () => {
  await always(
    slices,
    async ({ shape, axes, open, shrink }) => {
      const op = (x: tf.Tensor) =>
        tf.stridedSlice(
          x,
          axes.map((s) => s.begin),
          axes.map((s) => s.end),
          axes.map((s) => s.stride),
          open,
          open,
          0,
          0,
          shrink,
        );
      const taken = axes.map((s, axis) => places(shape[axis]!, s));
      const expected = () => {
        const picked = taken.reduce((x, at, axis) => tf.gather(x, tf.tensor1d(at, 'int32'), axis), values(shape, 1));
        return tf.reshape(
          picked,
          picked.shape.filter((_, axis) => !axes[axis]?.shrink),
        );
      };
      if (taken.some((at) => at.length === 0)) return;
      const wanted = await on('cpu', expected);
      for (const engine of ['cpu', 'wasm'] as const)
        expect(await on(engine, () => op(values(shape, 1)))).toEqual(wanted);
      await holds(op, [shape]);
    },
    80,
  );
});

it('stridedSlice: new axes, ellipsis, integers', async () => {
  const newAxis = (x: tf.Tensor) => tf.stridedSlice(x, [0, 0, 1], [0, 3, 4], [1, 2, 2], 0, 0, 0, 1);
  await holds(newAxis, [[3, 4]]);
  const ellipsis = (x: tf.Tensor) => tf.stridedSlice(x, [0, 3], [0, 0], [1, -1], 0, 0, 1);
  await holds(ellipsis, [[2, 3, 4]]);
  const integers = () => tf.stridedSlice(tf.range(0, 6, 1, 'int32'), [5], [0], [-2]);
  for (const engine of ['cpu', 'wasm'] as const) {
    expect(await on(engine, integers)).toEqual({ shape: [3], dtype: 'int32', values: [5, 3, 1] });
  }
});

it('depthToSpace', async () => {
  await always(fc.tuple(fc.integer({ min: 2, max: 3 }), shapeOf(4, 4, 3)), async ([s, [b, h, w, c]]) => {
    await holds((x) => tf.depthToSpace(x as tf.Tensor4D, s), [[b!, h!, w!, c! * s * s]]);
  });
  const nchw = () =>
    tf.scalar(gradientError((x) => tf.depthToSpace(x as tf.Tensor4D, 2, 'NCHW'), [values([2, 8, 3, 2], 1)]));
  expect((await on('wasm', nchw)).values[0]).toBeLessThan(1e-4); // cpu has no such layout
});

it('mirrorPad', async () => {
  const paddings = fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 })), { minLength: 3, maxLength: 3 });
  await always(
    fc.tuple(shapeOf(1, 3), paddings, fc.constantFrom('reflect' as const, 'symmetric' as const)),
    async ([sizes, pads, mode]) => {
      const shape = sizes.map((n) => n + 2);
      await holds((x) => tf.mirrorPad(x, pads.slice(0, shape.length), mode), [shape]);
    },
  );
});

it('diag and flipLeftRight', async () => {
  await holds((x) => tf.diag(x), [[4]]);
  await holds((x) => tf.diag(x), [[2, 3]]);
  await holds((x) => tf.image.flipLeftRight(x as tf.Tensor4D), [[2, 3, 4, 2]]);
});
