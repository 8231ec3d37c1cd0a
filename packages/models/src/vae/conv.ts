import * as tf from '@tensorflow/tfjs-core';
import { affine } from '../internal/affine.ts';
import type { ImageShape } from '../internal/check.ts';
import { type LayerSpec, type LayerWeights, layerWeights } from '../internal/weights.ts';
import { type NetworkPlan, OUTPUTS } from './network.ts';

export interface ConvOptions {
  readonly imageShape: ImageShape;
  readonly latent: number;
  /** Outputs a channel of a pixel: 1, or 2. */
  readonly heads: 1 | 2;
}

const FILTERS = [32, 64, 128] as const; // every layer halves height and width
const STRIDES = 2 ** FILTERS.length;

/**
 * Three 3x3 convolutions with stride 2 each way, relu, and one Dense layer per parameter of the posterior.
 *
 *   [B, D] -> [B, H, W, C], zeros around it to multiples of 8 -> 32, 64, 128 filters -> flatten -> (loc Z, log-variance Z)
 *   Z -> Dense -> transposed 128, 64, 32 filters -> 3x3 to C for each head -> the H x W in the middle -> [B, D]
 * What the padding added is cut off again before the likelihood, which so counts the pixels of the image and no others
 * (28x28 is worked on as 32x32 and scored on 784 pixels).
 * Source: Foster, Generative Deep Learning, 2nd edition, chapter 3; the cut and the logits are ours.
 */
export function conv({ imageShape, latent, heads }: ConvOptions): NetworkPlan {
  const [height, width, channels] = imageShape;
  const rows = pad(height);
  const columns = pad(width);
  const inner = [rows.padded / STRIDES, columns.padded / STRIDES, FILTERS[2]] as const;
  const features = inner[0] * inner[1] * inner[2];
  const isPadded = rows.padded !== height || columns.padded !== width;
  const padded = [rows.padded, columns.padded, channels] as const;
  const outputs = OUTPUTS.slice(0, heads);
  const specs = layerSpecs({ imageShape, latent, outputs, padded, inner, isPadded });
  const corner = [0, rows.before, columns.before, 0];

  return {
    specs,
    features,
    bind(weights) {
      const of = (name: string) => layerWeights(weights, name);
      const down = FILTERS.map((_, i) => of(`encoder/conv${i + 1}`));
      const up = FILTERS.map((_, i) => of(`decoder/conv${i + 1}`));
      const loc = of('encoder/loc');
      const logVariance = of('encoder/log-variance');
      const spread = of('decoder/dense');
      const output = outputs.map(of);
      return {
        encode(x) {
          let h = tf.reshape(x, [-1, height, width, channels]) as tf.Tensor4D;
          if (isPadded)
            h = tf.pad(h, [
              [0, 0],
              [rows.before, rows.after],
              [columns.before, columns.after],
              [0, 0],
            ]);
          for (const layer of down) h = tf.relu(convolve(h, layer, 2));
          const flat = tf.reshape(h, [-1, features]) as tf.Tensor2D;
          return { features: flat, loc: affine(flat, loc), rawLogVariance: affine(flat, logVariance) };
        },
        decode(z) {
          let h = tf.reshape(affine(z, spread), [-1, ...inner]) as tf.Tensor4D;
          for (const layer of up) h = tf.relu(spreadOut(h, layer));
          return output.map((layer) => {
            const image = convolve(h, layer, 1);
            const middle = isPadded ? tf.slice(image, corner, [-1, height, width, channels]) : image;
            return tf.reshape(middle, [-1, height * width * channels]) as tf.Tensor2D;
          });
        },
      };
    },
  };
}

/** 'same' convolution and bias. */
function convolve(x: tf.Tensor4D, { kernel, bias }: LayerWeights, stride: number): tf.Tensor4D {
  return tf.add(tf.conv2d(x, kernel as tf.Tensor as tf.Tensor4D, stride, 'same'), bias);
}

/** 'same' transposed convolution with stride 2, and bias: height and width double. */
function spreadOut(x: tf.Tensor4D, { kernel, bias }: LayerWeights): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const shape: [number, number, number, number] = [batch, 2 * height, 2 * width, bias.size];
  return tf.add(tf.conv2dTranspose(x, kernel as tf.Tensor as tf.Tensor4D, shape, 2, 'same'), bias);
}

/** To the next multiple of the strides, half of it on each side. */
function pad(length: number): { padded: number; before: number; after: number } {
  const padded = Math.ceil(length / STRIDES) * STRIDES;
  const before = Math.floor((padded - length) / 2);
  return { padded, before, after: padded - length - before };
}

interface Sizes extends Pick<ConvOptions, 'imageShape' | 'latent'> {
  readonly outputs: readonly string[];
  readonly padded: readonly [number, number, number];
  readonly inner: readonly [number, number, number];
  readonly isPadded: boolean;
}

function layerSpecs({ imageShape, latent, outputs, padded, inner, isPadded }: Sizes): LayerSpec[] {
  const [height, width, channels] = padded;
  const features = inner[0] * inner[1] * inner[2];
  const specs: LayerSpec[] = [];
  if (isPadded) specs.push({ name: 'encoder/pad', type: 'ZeroPadding2D', outputShape: padded });
  let inputs = channels;
  for (const [i, filters] of FILTERS.entries()) {
    const outputShape = [height / 2 ** (i + 1), width / 2 ** (i + 1), filters];
    specs.push({ name: `encoder/conv${i + 1}`, type: 'Conv2D', outputShape, kernel: [3, 3, inputs, filters] });
    inputs = filters;
  }
  specs.push({ name: 'encoder/flatten', type: 'Flatten', outputShape: [features] });
  for (const name of ['encoder/loc', 'encoder/log-variance']) {
    specs.push({ name, type: 'Dense', outputShape: [latent], kernel: [features, latent] });
  }
  specs.push({ name: 'decoder/dense', type: 'Dense', outputShape: [features], kernel: [latent, features] });
  specs.push({ name: 'decoder/reshape', type: 'Reshape', outputShape: inner });
  for (const [i, filters] of [...FILTERS].reverse().entries()) {
    const outputShape = [inner[0] * 2 ** (i + 1), inner[1] * 2 ** (i + 1), filters];
    // A transposed convolution's kernel has its output features before its input features.
    specs.push({ name: `decoder/conv${i + 1}`, type: 'Conv2DTranspose', outputShape, kernel: [3, 3, filters, inputs] });
    inputs = filters;
  }
  for (const name of outputs) {
    specs.push({ name, type: 'Conv2D', outputShape: padded, kernel: [3, 3, inputs, channels] });
  }
  if (isPadded) specs.push({ name: 'decoder/crop', type: 'Cropping2D', outputShape: imageShape });
  return specs;
}
