import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, type Sequential, sequential } from '@tensorflow/tfjs-layers';
import { affine, affineOfData } from '../internal/affine.ts';
import { checkImageShape, checkPositiveInteger, checkRows, checkSeed, type ImageShape } from '../internal/check.ts';
import { sigmoidCrossEntropy } from '../internal/sigmoid-cross-entropy.ts';
import {
  countWeights,
  describeLayers,
  firstKernel,
  type LayerSpec,
  type LayerSummary,
  type LayerWeights,
  layerWeights,
} from '../internal/weights.ts';

export interface AutoencoderConfig {
  /** Numbers in a code; 2 can be looked at. */
  latent?: number;
  /** Every activation linear, squared error instead of cross-entropy: its best is the PCA of the data. */
  linear?: boolean;
  imageShape?: ImageShape;
  /** Of the first weights. */
  seed?: number;
}

const SMALLEST_PROBABILITY = 1e-7; // of a linear model's pixels, which may lie outside [0, 1]

/**
 * Auto-encoder for flattened images with pixels in [0, 1].
 *
 *   code    [B, D] -> 128 relu -> Z linear
 *   logits  [B, Z] -> 64 relu -> 128 relu -> D
 * trained on the sigmoid cross-entropy, a mean over batch and pixels. With `linear`, no relu, the last layer is
 * the image itself and the loss the mean squared error.
 *
 * The code is linear and not relu, which would confine it to a quadrant and let dimensions die.
 */
export class Autoencoder {
  readonly config: Readonly<Required<AutoencoderConfig>>;
  /** [B, D] -> codes [B, Z]. Shares its weights with this model, which disposes it. */
  readonly encoder: LayersModel;
  /** [B, Z] -> logits [B, D], or pixels with `linear`. Shares its weights with this model, which disposes it. */
  readonly decoder: LayersModel;
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly specs: readonly LayerSpec[];
  private readonly steps: { readonly [name in 'read' | 'code' | 'first' | 'second' | 'last']: LayerWeights };

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor({ latent = 2, linear = false, imageShape = [28, 28, 1], seed = 0 }: AutoencoderConfig = {}) {
    checkPositiveInteger('Autoencoder', 'latent', latent);
    checkImageShape('Autoencoder', imageShape);
    checkSeed('Autoencoder', seed);
    this.config = { latent, linear, imageShape, seed };
    const pixels = imageShape[0] * imageShape[1] * imageShape[2];
    const encoder = stack('encoder', pixels, [
      ['hidden', 128],
      ['code', latent],
    ]);
    const decoder = stack('decoder', latent, [
      ['hidden1', 64],
      ['hidden2', 128],
      ['logits', pixels],
    ]);
    this.specs = [...encoder, ...decoder];
    this.encoder = layersModel('encoder', encoder, linear);
    this.decoder = layersModel('decoder', decoder, linear);
    this.weights = nameWeights(this.specs, [...this.encoder.layers, ...this.decoder.layers].map(variables), seed);
    this.steps = {
      read: layerWeights(this.weights, 'encoder/hidden'),
      code: layerWeights(this.weights, 'encoder/code'),
      first: layerWeights(this.weights, 'decoder/hidden1'),
      second: layerWeights(this.weights, 'decoder/hidden2'),
      last: layerWeights(this.weights, 'decoder/logits'),
    };
  }

  /** The scalar to minimise, a mean over batch and pixels: cross-entropy in nats, or the squared error. Draws nothing. */
  loss(x: tf.Tensor, _seed?: number): tf.Scalar {
    const images = this.checkImages(x);
    return tf.tidy(() => {
      const output = this.logits(this.code(images));
      if (this.config.linear) return tf.mean(tf.squaredDifference(output, images));
      return tf.div(tf.mean(sigmoidCrossEntropy(images, output)), images.shape[1]);
    });
  }

  /** Codes, [B, D] -> [B, Z]. */
  encode(x: tf.Tensor): tf.Tensor2D {
    const images = this.checkImages(x);
    return tf.tidy(() => this.code(images));
  }

  /** Pixel means, [B, Z] -> [B, D]; with `linear` they may leave [0, 1]. */
  decode(z: tf.Tensor): tf.Tensor2D {
    const codes = checkRows('Autoencoder', 'z', z, this.config.latent, 'A row is one code.');
    return tf.tidy(() => this.pixels(this.logits(codes)));
  }

  /** `decode(encode(x))`. */
  reconstruct(x: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.decode(this.encode(x)));
  }

  /**
   * Mean squared error and cross-entropy (nats a pixel) of each image, both [B]: means over its pixels.
   * With `linear` the cross-entropy is of the pixels clipped to [1e-7, 1 - 1e-7].
   */
  evaluate(x: tf.Tensor): { mse: tf.Tensor1D; bce: tf.Tensor1D } {
    const images = this.checkImages(x);
    return tf.tidy(() => {
      const output = this.logits(this.code(images));
      const pixels = this.pixels(output);
      const mse = tf.mean(tf.squaredDifference(pixels, images), -1) as tf.Tensor1D;
      const logits = this.config.linear ? logit(pixels) : output;
      return { mse, bce: tf.div(sigmoidCrossEntropy(images, logits), images.shape[1]) };
    });
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    return describeLayers(this.specs);
  }

  dispose(): void {
    this.encoder.dispose();
    this.decoder.dispose();
  }

  private code(x: tf.Tensor2D): tf.Tensor2D {
    return affine(this.hidden(affineOfData(x, this.steps.read)), this.steps.code);
  }

  private logits(z: tf.Tensor2D): tf.Tensor2D {
    const { first, second, last } = this.steps;
    return affine(this.hidden(affine(this.hidden(affine(z, first)), second)), last);
  }

  private hidden(x: tf.Tensor2D): tf.Tensor2D {
    return this.config.linear ? x : tf.relu(x);
  }

  private pixels(output: tf.Tensor2D): tf.Tensor2D {
    return this.config.linear ? output : tf.sigmoid(output);
  }

  private checkImages(x: tf.Tensor): tf.Tensor2D {
    const [height, width, channels] = this.config.imageShape;
    const hint = `Flatten images of ${height} x ${width} x ${channels} to rows.`;
    return checkRows('Autoencoder', 'x', x, height * width * channels, hint);
  }
}

/** Dense layers on top of each other. */
function stack(model: string, inputs: number, sizes: readonly (readonly [name: string, units: number])[]): LayerSpec[] {
  return sizes.map(([name, units], i) => ({
    name: `${model}/${name}`,
    type: 'Dense',
    outputShape: [units],
    kernel: [i === 0 ? inputs : (sizes[i - 1]?.[1] ?? 0), units],
  }));
}

/** The same as a tfjs-layers model, with weights 0: relu everywhere but on the last layer. */
function layersModel(name: string, specs: readonly LayerSpec[], linear: boolean): Sequential {
  const model = sequential({ name });
  tf.tidy(() => {
    for (const [i, { name: path, outputShape, kernel }] of specs.entries()) {
      const dense = layers.dense({
        name: path.slice(name.length + 1),
        units: outputShape[0] ?? 0,
        activation: linear || i === specs.length - 1 ? 'linear' : 'relu',
        kernelInitializer: 'zeros', // the first weights are ours, see nameWeights
        ...(i === 0 ? { inputShape: [kernel?.[0] ?? 0] } : {}),
      });
      model.add(dense);
    }
  });
  return model;
}

/** Kernel and bias of a Dense layer: `read()` hands out the variable itself. */
const variables = (layer: LayersModel['layers'][number]): tf.Variable[] =>
  layer.weights.map((weight) => weight.read() as tf.Variable);

/** Names the variables as the specifications do and gives the kernels their first values. */
function nameWeights(specs: readonly LayerSpec[], found: tf.Variable[][], seed: number): Record<string, tf.Variable> {
  const weights: Record<string, tf.Variable> = {};
  for (const [index, spec] of specs.entries()) {
    const [kernel, bias] = found[index] ?? [];
    if (!kernel || !bias) throw new Error(`no variables for ${spec.name}`); // a fault of ours
    tf.tidy(() => kernel.assign(tf.tensor(firstKernel(spec, index, seed), kernel.shape)));
    weights[`${spec.name}/kernel`] = kernel;
    weights[`${spec.name}/bias`] = bias;
  }
  return weights;
}

function logit(probabilities: tf.Tensor2D): tf.Tensor2D {
  const p = tf.clipByValue(probabilities, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY);
  return tf.sub(tf.log(p), tf.log(tf.sub(1, p)));
}
