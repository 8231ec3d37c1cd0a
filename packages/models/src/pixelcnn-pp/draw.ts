import { logistic, splitSeed, uniform } from '@proj/distributions/random';
import { choose, type DrawPixel } from '../internal/draw-pixel.ts';
import type { CompleteConfig } from './config.ts';

/**
 * What chance decides of `count` images, [count, H, W, 1 + C], drawn beforehand: the same whichever sampler uses it. A uniform number
 * for the component of each pixel and a logistic one for each of its channels, from seeds of their own.
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

/**
 * Draws all channels of a pixel from what the head put out for it, in blocks as in `headSizes`: a component, then channel after
 * channel its location plus temperature x scale x noise, to the nearest level before the next channel sees it.
 */
export const drawPixel = ({ imageShape, numLogisticMix: components, low, high }: CompleteConfig): DrawPixel => {
  const channels = imageShape[2];
  return (head, noise, temperature, _pass, write) => {
    const k = choose(head.subarray(0, components), temperature, noise[0]!);
    const locs = components + k * channels;
    const scales = locs + components * channels;
    let slope = components * (1 + 2 * channels) + (k * channels * (channels - 1)) / 2;
    const before: number[] = [];
    for (let c = 0; c < channels; c++) {
      const scale = softplus(head[scales + c]!) + LEAST_SCALE;
      let x = head[locs + c]! + temperature * scale * noise[1 + c]!;
      for (const earlier of before) x += head[slope++]! * earlier;
      const nearest = Math.floor((x * (high - low) + high + low + 1) / 2);
      before.push(write(c, Math.min(high, Math.max(low, nearest))));
    }
  };
};

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
