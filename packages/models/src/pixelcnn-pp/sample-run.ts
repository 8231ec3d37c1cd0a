import type * as tf from '@tensorflow/tfjs-core';
import { checkSeed } from '../internal/check.ts';
import type { CompleteConfig } from './config.ts';
import { drawNoise } from './draw.ts';
import { checkCondition, checkLevels, flatCondition, leadOfImages } from './inputs.ts';

export interface PixelSampleOptions {
  /** Of the draws, [] if omitted; ends in the leading axes of `conditional`, if it has any. */
  sampleShape?: readonly number[];
  /** Non-negative integer: same seed, same images. */
  seed: number;
  /** What the images are conditioned on, [..., ...conditionalShape]. */
  conditional?: tf.Tensor;
  /** With the running averages of the weights in place of the weights. */
  averaged?: boolean;
  /** Divides the logits of the components and multiplies the noise of the levels; 0 is without chance. 1 if omitted. */
  temperature?: number;
  /** Images to complete, [..., H, W, C], whose leading axes broadcast to the draws: their pixels are kept where `mask` is not 0. */
  given?: tf.Tensor;
  /** [H, W]. A drawn pixel follows from those before it in raster order, whether drawn or given, and from no later one. */
  mask?: tf.Tensor;
  /**
   * 'plain' runs the whole network for every pixel, on any engine; 'cached' computes what is new alone, with a kernel of
   * `@proj/backend`. Both draw the same images, but for what rounding may turn once in very many pixels. If omitted, cached
   * where the engine has it.
   */
  sampler?: 'cached' | 'plain';
  /** Called after each row with the rows done and all rows. */
  onProgress?: (done: number, rows: number) => void;
  /** Ends the sampling after the row under way: the promise is rejected with its reason. */
  signal?: AbortSignal;
}

/** One sampling under way, on the host. */
export interface SampleRun {
  readonly sampleShape: readonly number[];
  readonly count: number;
  /** [count, H, W, C]: given pixels, `low` elsewhere until they are drawn. */
  readonly levels: Float32Array;
  /** Whether a pixel is to be drawn, [H W]. */
  readonly open: Uint8Array;
  /** [count, H, W, 1 + C] */
  readonly noise: Float32Array;
  readonly temperature: number;
  /** [count, n] or [1, n]; the run's own. */
  readonly conditional: tf.Tensor2D | undefined;
  /** To be called after each row, of which `done` are done. */
  afterRow(done: number): Promise<void>;
}

/** @throws RangeError if an option does not fit. */
export function sampleRun(who: string, config: CompleteConfig, options: PixelSampleOptions): SampleRun {
  const { sampleShape = [], seed, conditional, temperature = 1, given, mask, onProgress, signal } = options;
  const { imageShape, low } = config;
  const [height, width, channels] = imageShape;
  if (!sampleShape.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw new RangeError(
      `${who}: sampleShape must hold positive integers, got [${sampleShape.join(', ')}]. [] is one image.`,
    );
  }
  checkSeed(who, seed);
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${who}: temperature must be 0 or more, got ${temperature}. Omit it to use 1.`);
  }
  const ofCondition = checkCondition(who, config, conditional);
  if (!isEndOf(ofCondition, sampleShape)) {
    throw new RangeError(
      `${who}: sampleShape must end in the leading axes of conditional, [${ofCondition.join(', ')}], got [${sampleShape.join(', ')}].`,
    );
  }
  if ((given === undefined) !== (mask === undefined)) {
    throw new RangeError(
      `${who}: given and mask go together, got ${given ? 'given' : 'mask'} alone. Pass both, or none.`,
    );
  }
  signal?.throwIfAborted();
  const count = sampleShape.reduce((product, n) => product * n, 1);
  const levels = new Float32Array(count * height * width * channels).fill(low);
  const open = new Uint8Array(height * width).fill(1);
  if (given && mask) keep(who, config, given, mask, { sampleShape, levels, open });
  return {
    ...{ sampleShape, count, levels, open, temperature },
    noise: drawNoise(config, count, seed),
    conditional: flatCondition(conditional, ofCondition, sampleShape),
    async afterRow(done) {
      onProgress?.(done, height);
      await new Promise((resolve) => setTimeout(resolve)); // whoever may want to stop gets a turn
      signal?.throwIfAborted();
    },
  };
}

function keep(
  who: string,
  config: CompleteConfig,
  given: tf.Tensor,
  mask: tf.Tensor,
  { sampleShape, levels, open }: Pick<SampleRun, 'sampleShape' | 'levels' | 'open'>,
): void {
  const [height, width, channels] = config.imageShape;
  if (mask.shape.length !== 2 || mask.shape[0] !== height || mask.shape[1] !== width) {
    throw new RangeError(
      `${who}: mask must be [${height}, ${width}], got [${mask.shape.join(', ')}]. It is one for all draws.`,
    );
  }
  const lead = leadOfImages(who, 'given', config, given);
  if (!isEndOf(lead, sampleShape)) {
    throw new RangeError(
      `${who}: sampleShape must end in the leading axes of given, [${lead.join(', ')}], got [${sampleShape.join(', ')}].`,
    );
  }
  checkLevels(who, config, given);
  const known = mask.dataSync();
  const images = given.dataSync();
  for (let i = 0; i < levels.length; i++) {
    if (known[Math.floor(i / channels) % known.length] !== 0) levels[i] = Math.round(images[i % images.length]!);
  }
  for (let p = 0; p < open.length; p++) open[p] = known[p] === 0 ? 1 : 0;
}

const isEndOf = (end: readonly number[], shape: readonly number[]): boolean =>
  end.length <= shape.length && end.every((n, i) => n === shape[shape.length - end.length + i]);
