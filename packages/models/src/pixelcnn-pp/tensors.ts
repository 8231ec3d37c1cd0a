import { bits, foldIn } from '@proj/distributions/random';
import { concatElu, gatedResidual, shiftedConv2d, shiftedConv2dTranspose } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import type { CompleteConfig, ResnetActivation } from './config.ts';
import { layersOf } from './layers.ts';
import { type Algebra, network, type PixelLayer } from './network.ts';
import type { Kernel } from './weights.ts';

export interface Pass {
  /** On [-1, 1], [B, H, W, C]. */
  readonly image: tf.Tensor4D;
  /** What the images are conditioned on, [B, n] or [1, n]. */
  readonly conditional?: tf.Tensor2D | undefined;
  /** Of the dropout; none without it. */
  readonly dropoutSeed?: number | undefined;
  /** Kernel and bias of a layer; may look at its inputs first. */
  kernelOf(layer: PixelLayer, apply: (kernel: Kernel) => tf.Tensor4D): Kernel;
}

const ACTIVATIONS: Readonly<Record<ResnetActivation, (x: tf.Tensor4D) => tf.Tensor4D>> = {
  concat_elu: concatElu,
  elu: tf.elu,
  relu: tf.relu,
};

/** The network over maps [B, H, W, channels]. */
export class Tensors implements Algebra<tf.Tensor4D> {
  readonly image: tf.Tensor4D;
  private dropped = 0;

  constructor(
    private readonly config: CompleteConfig,
    private readonly pass: Pass,
  ) {
    this.image = pass.image;
  }

  layer(layer: PixelLayer, ...inputs: tf.Tensor4D[]): tf.Tensor4D {
    const x = inputs.length === 1 ? inputs[0]! : tf.concat(inputs, 3);
    const apply = ({ kernel, bias }: Kernel) => convolve(layer, x, kernel, bias);
    return apply(this.pass.kernelOf(layer, apply));
  }

  add(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
    return tf.add(a, b);
  }

  activate(x: tf.Tensor4D): tf.Tensor4D {
    return ACTIVATIONS[this.config.resnetActivation](x);
  }

  elu(x: tf.Tensor4D): tf.Tensor4D {
    return tf.elu(x);
  }

  dropout(x: tf.Tensor4D): tf.Tensor4D {
    const { dropoutSeed } = this.pass;
    const { dropout } = this.config;
    if (dropoutSeed === undefined || dropout === 0) return x;
    return tf.mul(x, tf.tensor(dropoutMask(x.size, dropout, foldIn(dropoutSeed, this.dropped++)), x.shape));
  }

  gate(x: tf.Tensor4D, halves: tf.Tensor4D): tf.Tensor4D {
    return gatedResidual(x, halves);
  }

  condition(layer: PixelLayer, x: tf.Tensor4D): tf.Tensor4D {
    const { conditional } = this.pass;
    const apply = ({ kernel, bias }: Kernel) => {
      const y = tf.add(tf.matMul(conditional!, kernel as tf.Tensor2D), bias);
      return tf.reshape(y, [-1, 1, 1, layer.filters]) as tf.Tensor4D;
    };
    return tf.add(x, apply(this.pass.kernelOf(layer, apply)));
  }
}

/** Of maps that a forward pass keeps until it ends, if nobody asks for gradients: more images go through in several parts. */
const BYTES_AT_ONCE = 2 ** 28;

/** Outputs of the head for the images of a pass, [B, H, W, sum of `headSizes`]. */
export function outputsOf(config: CompleteConfig, pass: Pass): tf.Tensor4D {
  const batch = pass.image.shape[0];
  const atOnce = Math.max(1, Math.floor(BYTES_AT_ONCE / bytesPerImage(config)));
  const run = (part: Pass) => network(config, new Tensors(config, part));
  if (batch <= atOnce || pass.dropoutSeed !== undefined || tf.engine().isTapeOn()) return run(pass);
  const parts = Array.from({ length: Math.ceil(batch / atOnce) }, (_, i) =>
    tf.tidy(() => {
      const rows = <T extends tf.Tensor>(t: T): T => tf.slice(t, i * atOnce, Math.min(atOnce, batch - i * atOnce)) as T;
      const { image, conditional } = pass;
      const each = conditional && conditional.shape[0] > 1 ? rows(conditional) : conditional;
      return run({ ...pass, image: rows(image), conditional: each });
    }),
  );
  return tf.concat(parts);
}

/** About what the layers read and put out for one image. */
const bytesPerImage = (config: CompleteConfig): number =>
  layersOf(config).reduce(
    (sum, { height, width, inputs, filters }) => sum + 4 * height * width * (inputs + 2 * filters),
    0,
  );

function convolve(layer: PixelLayer, x: tf.Tensor4D, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor4D {
  const { type, direction, shift, stride } = layer;
  return type === 'spread'
    ? shiftedConv2dTranspose(x, kernel, bias, { direction, strides: stride })
    : shiftedConv2d(x, kernel, bias, { direction, shift, strides: stride });
}

/**
 * 0 for a `share` of the numbers on average, else 1 / (1 - share). Each is decided by a random byte of its own: of 256 values so many
 * drop it as `share` says, rounded down, or one more in such a part of the words that the average is right.
 */
export function dropoutMask(size: number, share: number, seed: number): Float32Array {
  const words = bits(Math.ceil(size / 4), seed);
  const dropped = Math.floor(256 * share);
  const table = (values: number) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte < values ? 0 : 1 / (1 - share)));
  const [fewer, more] = [table(dropped), table(dropped + 1)];
  const mask = new Float32Array(4 * words.length);
  let owed = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    owed += 256 * share - dropped;
    const values = owed >= 1 ? more : fewer;
    if (owed >= 1) owed -= 1;
    mask[4 * i] = values[word & 255]!;
    mask[4 * i + 1] = values[(word >>> 8) & 255]!;
    mask[4 * i + 2] = values[(word >>> 16) & 255]!;
    mask[4 * i + 3] = values[word >>> 24]!;
  }
  return mask.subarray(0, size);
}
