import type { FusedKernels } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { breather } from './breather.ts';
import type { CausalProgram } from './causal-program.ts';
import { checkPositiveInteger, checkSeed, type ImageShape } from './check.ts';
import type { DrawPixel } from './draw-pixel.ts';

export interface SampleImagesOptions {
  /** How many images; 1 if omitted, or as many as `given` has. */
  count?: number;
  seed: number;
  /** 1 is the model itself, less is likelier and duller, 0 always takes the likeliest. */
  temperature?: number;
  /** Levels of images to complete, [count, H, W, C]: those where `mask` is not 0 stay, the others are drawn. */
  given?: tf.Tensor;
  /** [count, H, W, C], or any shape that broadcasts to it: [H, W, 1] masks pixels of every image. */
  mask?: tf.Tensor;
  /** Called now and then with the number of pixels done, of those of one image. */
  onProgress?: (done: number, total: number) => void;
  /** Stops between two rows: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  /**
   * `full` runs the whole network for every pixel, `cached` computes each new pixel's part of it alone, in the kernel
   * ProjCausalSampler of @proj/backend. Same seed, same images. `auto`, the default, is `cached` where the engine has the kernel.
   */
  method?: 'auto' | 'cached' | 'full';
}

/** An autoregressive network over images of integer levels, as a sampler sees it. */
export interface ImageNetwork {
  readonly name: string;
  readonly imageShape: ImageShape;
  /** The network sees inputScale level + inputShift. */
  readonly inputScale: number;
  readonly inputShift: number;
  readonly low: number;
  readonly high: number;
  readonly scaleFloor: number;
  /** How often it runs for a pixel in a full pass: once a channel, or once. */
  readonly passes: number;
  /** [count, H, W, D], D numbers of noise a pixel, those of the first images whatever count is. */
  noise(count: number, seed: number): tf.Tensor4D;
  /** What the head reads, of levels [B, H, W, C]: [B, H, W, channels]. */
  outputs(levels: tf.Tensor4D): tf.Tensor4D;
  /** Draws one pixel from it. */
  readonly draw: DrawPixel;
  /** For the kernel; weights are read from the engine. */
  program(): Promise<CausalProgram>;
  /** Numbers [count, N] of each image for the program. */
  readonly constants?: tf.Tensor2D;
}

const KERNEL = 'ProjCausalSampler';

/** Draws images of levels, [count, H, W, C], row by row, letting other work of the program run in between. */
export async function sampleImages(network: ImageNetwork, options: SampleImagesOptions): Promise<tf.Tensor4D> {
  const { method = 'auto', seed, temperature = 1, given, mask, signal } = options;
  const { name, imageShape } = network;
  const count = options.count ?? given?.shape[0] ?? 1;
  checkPositiveInteger(name, 'count', count);
  checkSeed(name, seed);
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(`${name}: temperature must be 0 or more, got ${temperature}. Omit it to use 1.`);
  }
  const shape: Shape4 = [count, ...imageShape];
  checkGiven(name, shape, given, mask);
  signal?.throwIfAborted();
  const hasKernel = tf.getKernel(KERNEL, tf.getBackend()) !== undefined;
  if (method === 'cached' && !hasKernel) {
    throw new Error(`${name}: the engine has no ${KERNEL}. Call useEngine of @proj/backend first, or omit method.`);
  }
  const owned: tf.Tensor[] = [];
  const own = <T extends tf.Tensor>(f: () => T): T => {
    const t = tf.tidy(f);
    owned.push(t);
    return t;
  };
  try {
    const known = mask && own(() => tf.cast(tf.notEqual(tf.broadcastTo(mask, shape), 0), 'float32') as tf.Tensor4D);
    const noise = own(() => network.noise(count, seed));
    const start = tf.tidy(() =>
      given && known ? tf.where(tf.cast(known, 'bool'), tf.cast(given, 'float32'), 0) : tf.zeros(shape),
    ) as tf.Tensor4D;
    const draw: Draw = { shape, start, known, noise, temperature };
    const pause = breath(options);
    return await (method === 'full' || !hasKernel ? full(network, draw, pause) : cached(network, draw, pause));
  } finally {
    tf.dispose(owned);
  }
}

type Shape4 = [number, number, number, number];

interface Draw {
  shape: Shape4;
  /** Spent. */
  start: tf.Tensor4D;
  known: tf.Tensor4D | undefined;
  noise: tf.Tensor4D;
  temperature: number;
}

type Breath = (done: number, total: number) => Promise<void>;

async function cached(network: ImageNetwork, draw: Draw, breathe: Breath): Promise<tf.Tensor4D> {
  const [count, height, width] = draw.shape;
  let [image, state]: [tf.Tensor, tf.Tensor | undefined] = [draw.start, undefined];
  const borrowed: tf.Tensor[] = [];
  try {
    const { words, weights, stateSize } = await network.program();
    state = tf.zeros([count, stateSize]);
    const program = tf.tensor1d(words, 'int32');
    const packed = tf.tensor1d(weights);
    borrowed.push(program, packed);
    const { inputScale, inputShift, low, high, scaleFloor, constants } = network;
    for (let row = 0; row < height; row++) {
      const inputs: FusedKernels['ProjCausalSampler']['inputs'] = {
        ...{ program, weights: packed, image, state, noise: draw.noise },
        ...(draw.known ? { known: draw.known } : {}),
        ...(constants ? { constants } : {}),
      };
      const attrs: FusedKernels['ProjCausalSampler']['attrs'] = {
        ...{ from: row * width, to: (row + 1) * width, temperature: draw.temperature },
        ...{ inputScale, inputShift, low, high, scaleFloor },
      };
      const [nextImage, nextState] = tf.engine().runKernel<tf.Tensor[]>(KERNEL, { ...inputs }, { ...attrs });
      tf.dispose([image, state]);
      [image, state] = [nextImage!, nextState!];
      await breathe((row + 1) * width, height * width);
    }
    return image as tf.Tensor4D;
  } catch (error) {
    image.dispose();
    throw error;
  } finally {
    state?.dispose();
    tf.dispose(borrowed);
  }
}

async function full(network: ImageNetwork, draw: Draw, breathe: Breath): Promise<tf.Tensor4D> {
  const [count, height, width, channels] = draw.shape;
  const pixels = height * width;
  const levels = new Float32Array(await draw.start.data());
  draw.start.dispose();
  const known = await draw.known?.data();
  const noise = await draw.noise.data();
  const depth = draw.noise.shape[3];
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let pass = 0; pass < network.passes; pass++) {
      const parameters = tf.tidy(() => {
        const outputs = network.outputs(tf.tensor4d(levels, draw.shape));
        const at = [0, Math.floor(pixel / width), pixel % width, 0];
        return tf.slice(outputs, at, [count, 1, 1, outputs.shape[3]]);
      });
      const values = (await parameters.data()) as Float32Array;
      parameters.dispose();
      const size = values.length / count;
      for (let b = 0; b < count; b++) {
        const at = (b * pixels + pixel) * channels;
        const ofPixel = noise.subarray((b * pixels + pixel) * depth, (b * pixels + pixel + 1) * depth) as Float32Array;
        const write = (channel: number, level: number) => {
          if (!known?.[at + channel]) levels[at + channel] = level;
          return network.inputScale * levels[at + channel]! + network.inputShift;
        };
        network.draw(values.subarray(b * size, (b + 1) * size), ofPixel, draw.temperature, pass, write);
      }
    }
    if ((pixel + 1) % width === 0) await breathe(pixel + 1, pixels);
  }
  return tf.tensor4d(levels, draw.shape);
}

/** After a row: progress, and a turn of the event loop if the last one was long ago. */
function breath({ onProgress, signal }: SampleImagesOptions): Breath {
  const breathe = breather(signal);
  return async (done, total) => {
    onProgress?.(done, total);
    await breathe();
  };
}

function checkGiven(name: string, shape: Shape4, given?: tf.Tensor, mask?: tf.Tensor): void {
  if ((given === undefined) !== (mask === undefined)) {
    throw new RangeError(
      `${name}: given and mask go together, got ${given ? 'given' : 'mask'} alone. mask says which levels of given stay.`,
    );
  }
  if (given !== undefined && String(given.shape) !== String(shape)) {
    throw new RangeError(`${name}: given must be [${shape.join(', ')}], got [${given.shape.join(', ')}].`);
  }
  const axes = mask?.shape ?? [];
  if (axes.length > 4 || axes.some((n, i) => n !== 1 && n !== shape[4 - axes.length + i])) {
    throw new RangeError(
      `${name}: mask must broadcast to [${shape.join(', ')}], got [${axes.join(', ')}]. [${shape[1]}, ${shape[2]}, 1] masks pixels.`,
    );
  }
}
