import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, it } from 'vitest';
import { always, holds, shapeOf } from '../../tests/differences.ts';
import { startEngines } from '../../tests/engines.ts';

beforeAll(startEngines);

it('resizing images of any shape, with all the ways to count pixels', async () => {
  const mode = fc.constantFrom<[boolean, boolean]>([false, false], [true, false], [false, true]);
  await always(fc.tuple(shapeOf(4, 4, 5), shapeOf(2, 2, 8), mode), async ([shape, size, [corners, half]]) => {
    const to = size as [number, number];
    await holds((x) => tf.image.resizeBilinear(x as tf.Tensor4D, to, corners, half), [shape]);
    await holds((x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, to, corners, half), [shape]);
  });
});
