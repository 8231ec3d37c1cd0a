import { gumbel, logistic, splitSeed } from '@proj/distributions/random';
import type { CompleteConfig } from './config.ts';

/** What chance decides of `count` images, drawn beforehand: the same whichever sampler uses it. */
export interface Noise {
  /** Gumbel, [count, pixels, K]. */
  readonly component: Float32Array;
  /** Logistic, [count, pixels, C]. */
  readonly channels: Float32Array;
}

/** The component and every channel have seeds of their own, so that none follows from another. */
export function drawNoise({ imageShape, numLogisticMix }: CompleteConfig, count: number, seed: number): Noise {
  const [height, width, channels] = imageShape;
  const pixels = count * height * width;
  const [ofComponent, ...ofChannel] = splitSeed(seed, 1 + channels) as [number, ...number[]];
  const noise = new Float32Array(pixels * channels);
  for (const [c, channelSeed] of ofChannel.entries()) {
    const draws = logistic(pixels, channelSeed);
    for (let i = 0; i < pixels; i++) noise[i * channels + c] = draws[i]!;
  }
  return { component: gumbel(pixels * numLogisticMix, ofComponent), channels: noise };
}

/** softplus(raw) + this is a scale: no component gets narrower. */
export const LEAST_SCALE = Math.exp(-7);

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * One pixel, from what the head put out for it, blocks as in `headSizes`: a component by Gumbel-max of logits / temperature, then channel
 * after channel its location plus temperature x scale x noise, to the nearest level before the next channel sees it. With
 * temperature 0 the likeliest component's locations. Writes C levels to `out` from `at`; `pixel` counts those of the noise.
 */
export function drawPixel(
  { imageShape, numLogisticMix: components, low, high }: CompleteConfig,
  head: Float32Array,
  noise: Noise,
  pixel: number,
  temperature: number,
  out: Float32Array,
  at: number,
): void {
  const channels = imageShape[2];
  const pairs = (channels * (channels - 1)) / 2;
  let chosen = 0;
  let best = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < components; k++) {
    const score = head[k]! + temperature * noise.component[pixel * components + k]!;
    if (score > best) [chosen, best] = [k, score];
  }
  const locs = components + chosen * channels;
  const scales = locs + components * channels;
  const slopes = components * (1 + 2 * channels) + chosen * pairs;
  const unit = (high - low) / 2;
  const middle = (high + low) / 2;
  for (let c = 0, pair = 0; c < channels; c++) {
    let x = head[locs + c]!;
    for (let j = 0; j < c; j++, pair++) x += (head[slopes + pair]! * (out[at + j]! - middle)) / unit;
    if (temperature > 0) {
      const scale = softplus(head[scales + c]!) + LEAST_SCALE;
      x += temperature * scale * noise.channels[pixel * channels + c]!;
    }
    out[at + c] = Math.min(high, Math.max(low, Math.floor(x * unit + middle + 0.5)));
  }
}
