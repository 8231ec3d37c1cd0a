import { foldIn, uniform } from '@proj/distributions/random';
import { glorotUniform, sparseCrossEntropy } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { checkImageShape, checkOneOf, checkPositiveInteger, checkSeed, type ImageShape } from '../internal/check.ts';
import { drawLevels } from '../internal/draw-pixel.ts';
import { type ImageNetwork, type SampleImagesOptions, sampleImages } from '../internal/image-sampler.ts';
import { countWeights, createWeights, describeLayers, type LayerSpec, type LayerSummary } from '../internal/weights.ts';
import { type ConvSpec, liveTaps, type Network, network, tensorMaps } from './network.ts';
import { program } from './program.ts';

export interface PixelCnnConfig {
  imageShape?: ImageShape;
  /** A pixel's channel is one of the integers 0 to levels - 1. */
  levels?: number;
  /** Feature maps; half as many inside the residual blocks. A multiple of twice the channels. */
  filters?: number;
  residualBlocks?: number;
  /** 'single' does not see all pixels above to the right; two stacks, of about twice the weights, do. */
  stacks?: 'single' | 'vertical-horizontal';
  /** Number of classes that images are conditioned on; 0 for none. */
  classes?: number;
  /** What levels are divided by before the network sees them: levels - 1 if omitted, so that it sees [0, 1]. */
  inputDivisor?: number;
  /** Of the first weights. */
  seed?: number;
}

export interface PixelCnnLossOptions {
  /** Class of each image, int32 [B]: with `classes`, and only then. */
  labels?: tf.Tensor;
}

export interface PixelCnnSampleOptions extends SampleImagesOptions {
  /** Class of each image: with `classes`, and only then. */
  labels?: ArrayLike<number>;
}

/**
 * PixelCNN: a distribution over images of integer levels, pixel after pixel in raster order, channel after channel.
 *
 *   log p(x) = sum over values x_i of log softmax(logits_i(x_1 .. x_(i-1)))[x_i]     x [B, H, W, C]
 * logits come from convolutions whose kernels are masked in the forward pass, so p sums to one before the first training step.
 * Source: van den Oord, Kalchbrenner & Kavukcuoglu 2016, arXiv:1601.06759; the sizes are those of Foster, Generative Deep
 * Learning, 2nd edition, chapter 5, which divides levels by their number and trains through a softmax: here they are divided by
 * levels - 1, and the loss is of logits.
 */
export class PixelCnn {
  readonly config: Readonly<Required<PixelCnnConfig>>;
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly network: Network;
  private readonly specs: readonly LayerSpec[];

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: PixelCnnConfig = {}) {
    this.config = complete(config);
    const { imageShape, seed, classes, ...sizes } = this.config;
    const [height, width, channels] = imageShape;
    this.network = network({ ...sizes, channels, classes });
    this.specs = this.network.specs.map(({ name, kernel, view }) => ({
      ...{ name, type: 'above' in view ? 'ShiftedConv2d' : 'MaskedConv2d' },
      ...{ outputShape: [height, width, kernel[3]], kernel },
    }));
    const tables = this.tables().map(({ name, kernel }, i) => {
      const values = glorotUniform([classes, kernel[3]], foldIn(seed, this.specs.length + i));
      return [`${name}/class`, tf.tidy(() => tf.variable(tf.tensor2d(values, [classes, kernel[3]])))] as const;
    });
    this.weights = { ...createWeights(this.specs, seed), ...Object.fromEntries(tables) };
  }

  /** Logits [B, H, W, C, levels] of images x [B, H, W, C] of levels: those of a value see nothing after it. */
  logits(x: tf.Tensor, { labels }: PixelCnnLossOptions = {}): tf.Tensor5D {
    const images = this.checkImages('PixelCnn.logits', x);
    this.checkLabels('PixelCnn.logits', images.shape[0], labels);
    return tf.tidy(() => tf.reshape(this.outputs(images, labels), [...images.shape, this.config.levels]));
  }

  /** log p(x) of each image in nats, [B]. */
  logProb(x: tf.Tensor, { labels }: PixelCnnLossOptions = {}): tf.Tensor1D {
    const images = this.checkImages('PixelCnn.logProb', x);
    this.checkLabels('PixelCnn.logProb', images.shape[0], labels);
    return tf.tidy(() => tf.neg(tf.sum<tf.Tensor1D>(this.crossEntropy(images, labels), 1)));
  }

  /** Minus `logProb` over the number of values of an image (pixels times channels), [B]. */
  natsPerPixel(x: tf.Tensor, options: PixelCnnLossOptions = {}): tf.Tensor1D {
    const [height, width, channels] = this.config.imageShape;
    return tf.tidy(() => tf.div(this.logProb(x, options), -(height * width * channels)));
  }

  /** The scalar to minimise: the mean of `natsPerPixel`. Draws nothing. */
  loss(x: tf.Tensor, _seed?: number, { labels }: PixelCnnLossOptions = {}): tf.Scalar {
    const images = this.checkImages('PixelCnn.loss', x);
    this.checkLabels('PixelCnn.loss', images.shape[0], labels);
    return tf.tidy(() => tf.mean(this.crossEntropy(images, labels)));
  }

  /**
   * Draws images of levels, [count, H, W, C], one pixel after the other; `given` and `mask` complete images. See
   * `SampleImagesOptions`. With @proj/backend the weights are read once, and then each pixel costs only its own part of the net.
   *
   * @throws RangeError if an option does not fit; whatever the signal's reason is, if it stops the drawing.
   */
  async sample({ labels, ...options }: PixelCnnSampleOptions): Promise<tf.Tensor4D> {
    if (options.given) this.checkImages('PixelCnn.sample', options.given);
    const count = options.count ?? options.given?.shape[0] ?? 1;
    const classes = labels && tf.tensor1d(Int32Array.from(labels), 'int32');
    try {
      this.checkLabels('PixelCnn.sample', count, classes);
      const biases = classes && tf.tidy(() => this.classBiases(classes));
      try {
        return await sampleImages(this.imageNetwork(classes, biases), { ...options, count });
      } finally {
        biases?.dispose();
      }
    } finally {
      classes?.dispose();
    }
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** Without the taps that masks hide. */
  countLiveParams(): number {
    const dead = this.network.specs.map((spec) => size(spec.kernel) - liveTaps(spec));
    return this.countParams() - dead.reduce((sum, n) => sum + n, 0);
  }

  /** A row a layer; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    const tables = this.tables().map(({ name, kernel }) => ({
      ...{ name: `${name}/class`, type: 'Embedding', outputShape: [null, kernel[3]] },
      params: this.config.classes * kernel[3],
    }));
    return [...describeLayers(this.specs), ...tables];
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  /** Layers that have a bias for each class. */
  private tables(): ConvSpec[] {
    return this.network.specs.filter(({ classes }) => classes);
  }

  /** Logits of all channels, [B, H, W, C levels]. */
  private outputs(x: tf.Tensor4D, labels?: tf.Tensor): tf.Tensor4D {
    const maps = tensorMaps(this.weights, ({ name, kernel }) => {
      const rows = tf.gather(this.weights[`${name}/class`]!, labels as tf.Tensor1D);
      return tf.reshape(rows, [x.shape[0], 1, 1, kernel[3]]);
    });
    return this.network.run(maps, tf.div(tf.cast(x, 'float32'), this.config.inputDivisor) as tf.Tensor4D);
  }

  /** In nats, [B, H W C]. */
  private crossEntropy(x: tf.Tensor4D, labels?: tf.Tensor): tf.Tensor2D {
    const { levels } = this.config;
    const logits = tf.reshape(this.outputs(x, labels), [x.size, levels]);
    const targets = tf.reshape(tf.cast(x, 'int32'), [x.size]);
    return tf.reshape(sparseCrossEntropy(logits, targets), [x.shape[0], x.size / x.shape[0]]);
  }

  /** Biases of every layer for the class of each image, [B, all layers' filters]: see `classPlaces`. */
  private classBiases(labels: tf.Tensor): tf.Tensor2D {
    const rows = this.tables().map(({ name }) => tf.gather(this.weights[`${name}/class`]!, labels as tf.Tensor1D));
    return tf.concat(rows, 1) as tf.Tensor2D;
  }

  private imageNetwork(labels: tf.Tensor | undefined, constants: tf.Tensor2D | undefined): ImageNetwork {
    const { imageShape, levels, inputDivisor } = this.config;
    const channels = imageShape[2];
    return {
      ...{ name: 'PixelCnn.sample', imageShape, passes: channels },
      ...{ inputScale: 1 / inputDivisor, inputShift: 0, low: 0, high: levels - 1, scaleFloor: 0 },
      ...(constants ? { constants } : {}),
      noise: (count, seed) => tf.tensor4d(uniform(count * size(imageShape), seed), [count, ...imageShape]),
      outputs: (x) => this.outputs(x, labels),
      draw: drawLevels(levels),
      program: () => program(this.network, this.weights, imageShape, levels),
    };
  }

  private checkImages(who: string, x: tf.Tensor): tf.Tensor4D {
    const { imageShape, levels } = this.config;
    const fits = x.shape.length === 4 && (x.shape[0] ?? 0) > 0 && imageShape.every((n, i) => x.shape[i + 1] === n);
    if (!fits) {
      const got = `[${x.shape.join(', ')}]`;
      throw new RangeError(`${who}: images must be [B, ${imageShape.join(', ')}] with B at least 1, got ${got}.`);
    }
    for (const value of x.dataSync()) {
      if (!(Number.isInteger(value) && value >= 0 && value < levels)) {
        throw new RangeError(
          `${who}: levels must be integers from 0 to ${levels - 1}, got ${value}. For bytes: floor(byte / ${256 / levels}).`,
        );
      }
    }
    return x as tf.Tensor4D;
  }

  private checkLabels(who: string, batch: number, labels?: tf.Tensor): void {
    const { classes } = this.config;
    if (classes === 0 && labels === undefined) return;
    if (classes === 0)
      throw new RangeError(`${who}: labels given to a model without classes. Set classes, or omit them.`);
    if (labels === undefined)
      throw new RangeError(`${who}: this model has ${classes} classes: give labels, [${batch}].`);
    if (labels.dtype !== 'int32' || String(labels.shape) !== String([batch])) {
      throw new RangeError(
        `${who}: labels must be int32 [${batch}], got ${labels.dtype} [${labels.shape.join(', ')}].`,
      );
    }
    const wrong = labels.dataSync().find((label) => label < 0 || label >= classes);
    if (wrong !== undefined) throw new RangeError(`${who}: labels must be from 0 to ${classes - 1}, got ${wrong}.`);
  }
}

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

function complete({
  imageShape = [16, 16, 1],
  levels = 4,
  filters = 128,
  residualBlocks = 5,
  stacks = 'single',
  classes = 0,
  inputDivisor = Math.max(1, levels - 1),
  seed = 0,
}: PixelCnnConfig): Required<PixelCnnConfig> {
  checkImageShape('PixelCnn', imageShape);
  checkPositiveInteger('PixelCnn', 'filters', filters);
  const multiple = 2 * imageShape[2];
  if (filters % multiple !== 0) {
    const near = Math.max(1, Math.round(filters / multiple)) * multiple;
    throw new RangeError(
      `PixelCnn: filters must be a multiple of twice the channels, ${multiple}, got ${filters}. Use ${near}.`,
    );
  }
  if (!(Number.isSafeInteger(levels) && levels >= 2)) {
    throw new RangeError(`PixelCnn: levels must be an integer of 2 or more, got ${levels}. Use 256 for bytes.`);
  }
  if (!(Number.isSafeInteger(residualBlocks) && residualBlocks >= 0)) {
    throw new RangeError(`PixelCnn: residualBlocks must be an integer of 0 or more, got ${residualBlocks}.`);
  }
  if (!(Number.isSafeInteger(classes) && classes >= 0)) {
    throw new RangeError(`PixelCnn: classes must be an integer of 0 or more, got ${classes}. 0 is for none.`);
  }
  if (!(inputDivisor > 0 && inputDivisor < Infinity)) {
    throw new RangeError(`PixelCnn: inputDivisor must be positive, got ${inputDivisor}. Omit it to use levels - 1.`);
  }
  checkOneOf('PixelCnn', 'stacks', stacks, ['single', 'vertical-horizontal']);
  checkSeed('PixelCnn', seed);
  return { imageShape, levels, filters, residualBlocks, stacks, classes, inputDivisor, seed };
}
