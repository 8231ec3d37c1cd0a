import { logistic, splitSeed, uniform } from '@proj/distributions/random';
import type { CompleteConfig } from './config.ts';

/**
 * What chance decides of `count` images, [count, H, W, 1 + C], drawn beforehand: the same whichever sampler uses it. A uniform number
 * for the component of each pixel, a logistic one for each of its channels, all from seeds of their own.
 */
export function drawNoise({ imageShape }: CompleteConfig, count: number, seed: number): Float32Array {
  const [height, width, channels] = imageShape;
  const pixels = count * height * width;
  const [ofComponent, ...ofChannel] = splitSeed(seed, 1 + channels) as [number, ...number[]];
  const draws = [uniform(pixels, ofComponent), ...ofChannel.map((channelSeed) => logistic(pixels, channelSeed))];
  return Float32Array.from({ length: pixels * draws.length }, (_, i) => {
    return draws[i % draws.length]![Math.floor(i / draws.length)]!;
  });
}

/** softplus(raw) + this is a scale: no component gets narrower. */
export const LEAST_SCALE = Math.exp(-7);

export interface PixelDraw {
  /** What the head put out for the pixel, in blocks as in `headSizes`. */
  readonly head: Float32Array;
  /** Uniform, then logistic for each channel. */
  readonly noise: Float32Array;
  /** Divides the logits of the components and multiplies the logistic noise; 0 is the likeliest component's locations. */
  readonly temperature: number;
}

/**
 * Draws one pixel into `out` [C]: a component, then channel after channel its location plus scale x noise, to the nearest
 * level before the next channel sees it.
 */
export function drawPixel(config: CompleteConfig, { head, noise, temperature }: PixelDraw, out: Float32Array): void {
  const { imageShape, numLogisticMix: components, low, high } = config;
  const channels = imageShape[2];
  const k = choose(head.subarray(0, components), temperature, noise[0]!);
  const locs = components + k * channels;
  const scales = locs + components * channels;
  let slope = components * (1 + 2 * channels) + (k * channels * (channels - 1)) / 2;
  const unit = (high - low) / 2;
  const middle = (high + low) / 2;
  for (let c = 0; c < channels; c++) {
    const scale = softplus(head[scales + c]!) + LEAST_SCALE;
    let x = head[locs + c]! + temperature * scale * noise[1 + c]!;
    for (let j = 0; j < c; j++) x += (head[slope++]! * (out[j]! - middle)) / unit;
    out[c] = Math.min(high, Math.max(low, Math.floor(x * unit + middle + 0.5)));
  }
}

/** The first index whose cumulated softmax(logits / temperature) exceeds u; at temperature 0 the first of the largest. */
function choose(logits: Float32Array, temperature: number, u: number): number {
  const most = Math.max(...logits);
  if (temperature === 0) return logits.indexOf(most);
  const weights = Array.from(logits, (logit) => Math.exp((logit - most) / temperature));
  let left = u * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [k, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return k;
  }
  return weights.length - 1;
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
