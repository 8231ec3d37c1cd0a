import { readPng } from '@proj/io';
import type { ImageData } from '@proj/io/node';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import type { ImageModel } from '../models/image-model.ts';
import type { Session } from '../session.ts';
import { latentPictures, sampleImages } from './image-pictures.ts';

// Images of two pixels that are their own codes: the corners of a square, grey values 0.2 and 0.8.
const images = Uint8Array.of(51, 51, 51, 204, 204, 51, 204, 204);
const part = { images, labels: null, count: 4 };
const data = { height: 1, width: 2, channels: 1, train: part, validation: part, test: part } as unknown as ImageData;
const session = (decode: (z: tf.Tensor2D) => tf.Tensor2D, shape: object) =>
  ({ model: { encode: (x: tf.Tensor) => tf.clone(x), decode } as unknown as ImageModel, shape }) as Session<ImageModel>;

it('a model without a prior takes codes of the mean and deviation of the training codes, times temperature', async () => {
  const run = session((z) => tf.clone(z), data);
  const moments = async (temperature: number) => {
    const codes = await sampleImages(run, async () => data, 2000, 0, temperature);
    const mean = codes.reduce((sum, v) => sum + v, 0) / codes.length;
    return { mean, sd: Math.sqrt(codes.reduce((sum, v) => sum + (v - mean) ** 2, 0) / codes.length) };
  };
  // Standard deviation 0.3, 4,000 numbers: 5 standard errors.
  for (const temperature of [0.5, 1]) {
    const { mean, sd } = await moments(temperature);
    expect(Math.abs(mean - 0.5)).toBeLessThan((5 * 0.3) / Math.sqrt(4000));
    expect(Math.abs(sd - 0.3 * temperature)).toBeLessThan((5 * 0.3) / Math.sqrt(8000));
  }
  const cold = await moments(0);
  expect(cold.mean).toBeCloseTo(0.5, 5);
  expect(cold.sd).toBeCloseTo(0, 5);
});

// Each image of the grid is white where a coordinate of its code is above the middle of the plane.
it.each([
  ['the first coordinate grows to the right', 0, (x: number, _y: number) => x >= 8],
  ['the second one upwards', 1, (_x: number, y: number) => y < 8],
])('the decoded plane lies as the plane of codes: %s', async (_, axis, isWhite) => {
  const run = session((z) => tf.step(tf.sub(tf.slice(z, [0, axis], [z.shape[0], 1]), 0.5), 0) as tf.Tensor2D, {
    height: 1,
    width: 1,
    channels: 1,
  });
  const { data: pixels, shape } = readPng((await latentPictures(run, data)).grid);
  const scale = shape[1]! / 16;
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) {
      expect(
        pixels[(shape[2] ?? 1) * (Math.floor((y + 0.5) * scale) * shape[1]! + Math.floor((x + 0.5) * scale))],
      ).toBe(isWhite(x, y) ? 255 : 0);
    }
  }
});
