import * as tf from '@tensorflow/tfjs-core';
import { zeros } from './zeros.ts';

const product = (sizes: number[]) => sizes.reduce((n, m) => n * m, 1);

/** Axis `axis` of length n becomes (n - 1) * step + 1 long, with step - 1 zeros between neighbours. */
export function insertZeros(t: tf.Tensor, axis: number, step: number): tf.Tensor {
  const n = t.shape[axis]!;
  if (step === 1 || n <= 1) return t;
  const [outer, inner] = [product(t.shape.slice(0, axis)), product(t.shape.slice(axis + 1))];
  const spread = tf.pad(tf.reshape(t, [outer * n, 1, inner]), [
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);
  const length = (n - 1) * step + 1;
  const cut = tf.slice(tf.reshape(spread, [outer, n * step, inner]), [0, 0, 0], [outer, length, inner]);
  return tf.reshape(cut, [...t.shape.slice(0, axis), length, ...t.shape.slice(axis + 1)]);
}

/** The inverse of `insertZeros`: every step-th element of an axis of (n - 1) * step + 1. */
export function takeEvery(t: tf.Tensor, axis: number, step: number): tf.Tensor {
  const length = t.shape[axis]!;
  if (step === 1 || length <= 1) return t;
  const n = (length - 1) / step + 1;
  const [outer, inner] = [product(t.shape.slice(0, axis)), product(t.shape.slice(axis + 1))];
  const whole = tf.pad(tf.reshape(t, [outer, length, inner]), [
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);
  const taken = tf.slice(tf.reshape(whole, [outer * n, step, inner]), [0, 0, 0], [outer * n, 1, inner]);
  return tf.reshape(taken, [...t.shape.slice(0, axis), n, ...t.shape.slice(axis + 1)]);
}

/** Operations that only move numbers: the gradient moves them back. */
export function registerRearrangingGradients(): void {
  tf.registerGradient({
    kernelName: tf.StridedSlice,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({ x: () => stridedSlice(dy as tf.Tensor, x!, attrs as unknown as SliceAttrs) }),
  });
  tf.registerGradient({
    kernelName: tf.DepthToSpace,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({ x: () => spaceToDepth(dy as tf.Tensor, x!, attrs as unknown as DepthAttrs) }),
  });
  tf.registerGradient({
    kernelName: tf.MirrorPad, // tfjs's leaves out what was mirrored
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({ x: () => mirrorPad(dy as tf.Tensor, x!, attrs as unknown as MirrorAttrs) }),
  });
  tf.registerGradient({
    kernelName: tf.Diag,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => {
      const n = x!.size;
      return { x: () => tf.reshape(tf.sum(tf.mul(tf.reshape(dy as tf.Tensor, [n, n]), tf.eye(n)), 1), x!.shape) };
    },
  });
  tf.registerGradient({
    kernelName: tf.FlipLeftRight,
    gradFunc: (dy) => ({ image: () => tf.image.flipLeftRight(dy as tf.Tensor4D) }),
  });
}

type Info = Parameters<typeof tf.slice_util.sliceInfo>;

interface SliceAttrs {
  begin: Info[1];
  end: Info[2];
  strides: Info[3];
  beginMask: Info[4];
  endMask: Info[5];
  ellipsisMask: Info[6];
  newAxisMask: Info[7];
  shrinkAxisMask: Info[8];
}

function stridedSlice(dy: tf.Tensor, x: tf.Tensor, a: SliceAttrs): tf.Tensor {
  const info = tf.slice_util.sliceInfo(
    x.shape,
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
  if (info.isIdentity) return tf.reshape(dy, x.shape);
  if (dy.size === 0) return zeros(x);
  const sizes = tf.slice_util.computeOutShape(info.begin, info.end, info.strides);
  let slope = tf.reshape(dy, sizes);
  const paddings: [number, number][] = [];
  for (const [axis, size] of x.shape.entries()) {
    const n = sizes[axis]!;
    const step = info.strides[axis]!;
    const first = step > 0 ? info.begin[axis]! : info.begin[axis]! + (n - 1) * step;
    slope = insertZeros(step > 0 ? slope : tf.reverse(slope, axis), axis, Math.abs(step));
    paddings.push([first, size - first - slope.shape[axis]!]);
  }
  return tf.pad(slope, paddings);
}

interface DepthAttrs {
  blockSize: number;
  dataFormat: 'NHWC' | 'NCHW';
}

function spaceToDepth(dy: tf.Tensor, x: tf.Tensor, { blockSize: s, dataFormat }: DepthAttrs): tf.Tensor {
  if (dataFormat === 'NHWC') {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const blocks = tf.reshape(dy, [batch, height, s, width, s, channels / (s * s)]);
    return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), x.shape);
  }
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const blocks = tf.reshape(dy, [batch, channels / (s * s), height, s, width, s]);
  return tf.reshape(tf.transpose(blocks, [0, 3, 5, 1, 2, 4]), x.shape);
}

interface MirrorAttrs {
  paddings: [number, number][];
  mode: 'reflect' | 'symmetric';
}

/** Folds the margins back onto what they mirror, axis by axis. */
function mirrorPad(dy: tf.Tensor, x: tf.Tensor, { paddings, mode }: MirrorAttrs): tf.Tensor {
  const edge = mode === 'reflect' ? 1 : 0; // whether the outermost element itself is left out
  let slope = dy;
  for (const [axis, [before, after]] of paddings.entries()) {
    const n = x.shape[axis]!;
    const part = (from: number, length: number) => {
      const begin = slope.shape.map((_, i) => (i === axis ? from : 0));
      return tf.slice(
        slope,
        begin,
        slope.shape.map((size, i) => (i === axis ? length : size)),
      );
    };
    const margin = (from: number, length: number, onto: number) =>
      tf.pad(
        tf.reverse(part(from, length), axis),
        slope.shape.map((_, i): [number, number] => (i === axis ? [onto, n - onto - length] : [0, 0])),
      );
    let folded = part(before, n);
    if (before > 0) folded = tf.add(folded, margin(0, before, edge));
    if (after > 0) folded = tf.add(folded, margin(before + n, after, n - after - edge));
    slope = folded;
  }
  return slope;
}
