import { readPng } from '@proj/io';
import type { PointData } from '@proj/io/node';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import type { PointModel } from '../models/gmm.ts';
import { classColour } from '../pictures/palette.ts';
import type { Session } from '../session.ts';
import { points } from './points.ts';

// The picture is square around two far corners, with a third point in the middle, of component 257.
it('a component beyond 255 has the colour of its own ellipse', async () => {
  const mixture = { predict: () => tf.tensor1d([0, 0, 257], 'int32'), parameters: { means: [], covariances: [] } };
  const test = { points: Float32Array.of(-5, -5, 5, 5, 1, 1), count: 3 };
  const session = { model: { mixture } } as unknown as Session<PointModel>;
  const [{ bytes }] = (await points.exhibits(session, { dimensions: 2, test } as PointData)) as unknown as [
    { bytes: Uint8Array },
  ];
  const { data, shape } = readPng(bytes);
  const [x, y] = [Math.floor((640 * 6.4) / 10.8), Math.floor((640 * 4.4) / 10.8)]; // bounds 10.8 wide, centred
  classColour(257).forEach((value, c) => {
    expect(Math.abs(data[3 * (y * shape[1]! + x) + c]! - value)).toBeLessThan(60); // a dot is a quarter see-through
  });
});
