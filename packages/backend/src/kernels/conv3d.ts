import * as tf from '@tensorflow/tfjs-core';
import { insertZeros, takeEvery } from '../gradients/rearranging.ts';
import type { KernelArgs, OwnKernel } from '../wasm/own.ts';

type Info = Parameters<typeof tf.backend_util.computeConv3DInfo>;
type Five = Info[0];
interface Attrs {
  strides: Info[2];
  pad: Info[4];
  inputShape: Five;
  filterShape: Five;
}

const run = (kernelName: string, inputs: tf.NamedTensorMap, attrs: object) =>
  tf.engine().runKernel(kernelName, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;

/** A convolution over depth is, for each of the filter's taps in depth, a convolution of images. */
function geometry(xShape: Five, filterShape: Five, { strides, pad }: Attrs) {
  const g = tf.backend_util.computeConv3DInfo(xShape, filterShape, strides, 1, pad);
  const { top, bottom, left, right, front, back } = g.padInfo;
  const images = {
    strides: [g.strideHeight, g.strideWidth],
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    dataFormat: 'NHWC',
    dilations: [1, 1],
  };
  const frames = [g.batchSize * g.outDepth, g.inHeight, g.inWidth, g.inChannels];
  const depth = g.inDepth + front + back;
  const dyImages = [g.batchSize * g.outDepth, g.outHeight, g.outWidth, g.outChannels];
  return { g, images, frames, dyImages, depth, front, reach: (g.outDepth - 1) * g.strideDepth + 1 };
}

/** Gradient of conv3d by its input, and so conv3dTranspose: [B, OD, OH, OW, O] -> [B, D, H, W, C]. */
export const conv3dBackpropInput = (({
  inputs: { dy, filter },
  attrs,
}: KernelArgs<Record<'dy' | 'filter', tf.Tensor>, Attrs>) =>
  tf.tidy(() => {
    const { g, images, frames, dyImages, depth, front, reach } = geometry(
      attrs.inputShape,
      filter.shape as Five,
      attrs,
    );
    const slopes = tf.reshape(dy, dyImages);
    let sum = tf.zeros([g.batchSize, depth, g.inHeight, g.inWidth, g.inChannels]);
    for (const [tap, image] of tf.unstack(filter, 0).entries()) {
      const part = run(tf.Conv2DBackpropInput, { dy: slopes, filter: image }, { ...images, inputShape: frames });
      const shape = [g.batchSize, g.outDepth, g.inHeight, g.inWidth, g.inChannels];
      const spread = insertZeros(tf.reshape(part, shape), 1, g.strideDepth);
      const paddings = spread.shape.map((_, axis): [number, number] =>
        axis === 1 ? [tap, depth - tap - reach] : [0, 0],
      );
      sum = tf.add(sum, tf.pad(spread, paddings));
    }
    return tf.slice(sum, [0, front, 0, 0, 0], attrs.inputShape);
  })) as unknown as OwnKernel;

/** Gradient of conv3d by its filter [KD, KH, KW, C, O]. */
export const conv3dBackpropFilter = (({ inputs: { x, dy }, attrs }: KernelArgs<Record<'x' | 'dy', tf.Tensor>, Attrs>) =>
  tf.tidy(() => {
    const { g, images, frames, dyImages, front, reach } = geometry(x.shape as Five, attrs.filterShape, attrs);
    const padded = tf.pad(
      x,
      x.shape.map((_, axis): [number, number] => (axis === 1 ? [front, g.padInfo.back] : [0, 0])),
    );
    const slopes = tf.reshape(dy, dyImages);
    const taps = Array.from({ length: g.filterDepth }, (_, tap) => {
      const size = padded.shape.map((n, axis) => (axis === 1 ? reach : n));
      const part = takeEvery(tf.slice(padded, [0, tap, 0, 0, 0], size), 1, g.strideDepth);
      const filterShape = attrs.filterShape.slice(1);
      return run(tf.Conv2DBackpropFilter, { x: tf.reshape(part, frames), dy: slopes }, { ...images, filterShape });
    });
    return tf.stack(taps);
  })) as unknown as OwnKernel;
