import { expect, it } from 'vitest';
import { complete } from './config.ts';
import { drawNoise, drawPixel } from './draw.ts';

const colours = (numLogisticMix: number) => complete({ imageShape: [32, 32, 3], numLogisticMix });

it('component and channels of a pixel have noise that does not hang together', () => {
  const count = 20;
  const noise = drawNoise(colours(2), count, 7);
  const pixels = count * 1024;
  expect(noise.length).toBe(4 * pixels);
  const column = (c: number) => {
    const numbers = Array.from({ length: pixels }, (_, i) => noise[4 * i + c]!);
    const mean = numbers.reduce((sum, x) => sum + x, 0) / pixels;
    const scale = Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / pixels);
    return { numbers, mean, scale };
  };
  const columns = [0, 1, 2, 3].map(column);
  expect(columns[0]!.numbers.every((u) => u > 0 && u < 1)).toBe(true);
  // A logistic has standard deviation pi / sqrt(3); of its estimate 5 standard errors (kurtosis 4.2).
  for (const { scale } of columns.slice(1)) {
    expect(Math.abs(scale / (Math.PI / Math.sqrt(3)) - 1)).toBeLessThan(5 * Math.sqrt((4.2 - 1) / (4 * pixels)));
  }
  columns.forEach((a, i) => {
    columns.slice(i + 1).forEach((b) => {
      const sum = a.numbers.reduce((total, x, n) => total + (x - a.mean) * (b.numbers[n]! - b.mean), 0);
      expect(Math.abs(sum / (pixels * a.scale * b.scale))).toBeLessThan(5 / Math.sqrt(pixels)); // 5 standard errors
    });
  });
});

it('the first images have the same noise however many there are', () => {
  const [one, three] = [drawNoise(colours(2), 1, 7), drawNoise(colours(2), 3, 7)];
  expect([...three.subarray(0, one.length)]).toEqual([...one]);
});

/** Levels of a pixel under logits [2], locations and raw scales [2, 3] and slopes [2, 3]. */
function drawn(head: number[][], noise: number[], temperature = 1): number[] {
  const config = colours(2);
  const levels: number[] = [];
  const write = (channel: number, level: number) => {
    levels[channel] = level;
    return level / 127.5 - 1;
  };
  drawPixel(config)(Float32Array.from(head.flat()), Float32Array.from(noise), temperature, 0, write);
  return levels;
}

// Hand calculations. Raw scale -100 is a scale of e^-7 = 0.000912, noise 0 leaves the location.
it('a channel moves with those before it as they were rounded', () => {
  const narrow = [-100, -100, -100, -100, -100, -100];
  const loc = [0.1, 0.2, 0, 9, 9, 9];
  const slopes = [0.5, -1, 0.25, 9, 9, 9];
  // red: 127.5 (1 + 0.1) = 140.25 -> 140, on [-1, 1] 0.098039; green: 0.2 + 0.5 x 0.098039 -> 159.25 -> 159, 0.247059;
  // blue: 0 - 0.098039 + 0.25 x 0.247059 = -0.036275 -> 122.875 -> 123
  expect(drawn([[5, 0], loc, narrow, slopes], [0.5, 0, 0, 0])).toEqual([140, 159, 123]);
});

it('the component is that in whose share the uniform number falls, the temperature sharpens, levels stay in their range', () => {
  const loc = [-1, -1, -1, 1, 1, 1];
  const raw = [0, 0, 0, 0, 0, 0];
  const head = (logit: number) => [[0, logit], loc, raw, [0, 0, 0, 0, 0, 0]];
  const equal = head(0); // shares of one half
  expect(drawn(equal, [0.49, 0, 0, 0])).toEqual([0, 0, 0]);
  expect(drawn(equal, [0.51, 0, 0, 0])).toEqual([255, 255, 255]);
  const rarer = head(-1); // shares 0.731 and 0.269; at temperature 0.5 0.881 and 0.119
  expect(drawn(rarer, [0.8, 0, 0, 0])).toEqual([255, 255, 255]);
  expect(drawn(rarer, [0.8, 0, 0, 0], 0.5)).toEqual([0, 0, 0]);
  expect(drawn(rarer, [0.999, 0, 20, -20], 0)).toEqual([0, 0, 0]); // no chance: the likeliest component's location
  expect(drawn(equal, [0.1, -20, 20, 0])).toEqual([0, 255, 0]);
  // softplus(0) + e^-7 = 0.694059; times noise 0.5 and temperature 0.5, from -1: 127.5 x 0.173515 = 22.12
  expect(drawn(equal, [0.1, 0.5, 0.5, 0.5], 0.5)).toEqual([22, 22, 22]);
});
