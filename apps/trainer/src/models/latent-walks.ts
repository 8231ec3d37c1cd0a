import type { ImageData } from '@proj/io/node';
import { interpolate, traverse } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { imageGridPng } from '../pictures/grids.ts';
import type { Session } from '../session.ts';
import { encodeImages } from '../tasks/image-pictures.ts';
import { take } from '../tasks/take.ts';
import type { Exhibit } from '../tasks/task.ts';
import type { ImageModel } from './image-model.ts';

/** Test images whose codes say where the dimensions lie, and how far they reach. */
const IMAGES = 2000;
const COLUMNS = 11;
const ROWS = 10;
const WAYS = 6;
/** Standard deviations to each side. */
const REACH = 3;

/** Mean and standard deviation over codes [N, Z], row-major, of each dimension, in float64. */
export function codeMoments(codes: Float32Array, dims: number): { mean: number; sd: number }[] {
  const count = codes.length / dims;
  return Array.from({ length: dims }, (_, d) => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i++) sum += codes[i * dims + d]!;
    const mean = sum / count;
    for (let i = 0; i < count; i++) squares += (codes[i * dims + d]! - mean) ** 2;
    return { mean, sd: Math.sqrt(squares / count) };
  });
}

/** Traversals of the dimensions that tell images apart most, and ways between pairs of test images. */
export async function latentWalkPictures({ model, shape }: Session<ImageModel>, data: ImageData): Promise<Exhibit[]> {
  const { codes, dims, count } = await encodeImages(model, data, 'test', IMAGES);
  const moments = codeMoments(codes, dims);
  const order = moments.map((_, d) => d).sort((a, b) => moments[b]!.sd - moments[a]!.sd);
  const shown = order.slice(0, ROWS);
  const code = (i: number) => tf.tensor1d(codes.slice(i * dims, (i + 1) * dims));

  const traversals = await take(
    tf.tidy(() => {
      const rows = shown.map((d) => {
        const { mean, sd } = moments[d]!;
        const values = Array.from({ length: COLUMNS }, (_, i) => mean + sd * REACH * ((2 * i) / (COLUMNS - 1) - 1));
        return traverse(code(0), d, values);
      });
      return model.decode(tf.concat(rows));
    }),
  );
  const pictures: Exhibit[] = [
    {
      file: 'traversals.png',
      title: 'Traversals',
      caption:
        `The code of the first test image with one dimension changed: from ${REACH} standard deviations of the test codes below ` +
        `their mean to ${REACH} above. The ${shown.length} dimensions of the largest variance, largest first: ${shown.join(', ')}.`,
      bytes: imageGridPng(traversals, shape, COLUMNS),
    },
  ];
  const pairs = Math.min(WAYS, Math.floor(count / 2));
  if (pairs === 0) return pictures;
  const ways = await take(
    tf.tidy(() => {
      const rows = Array.from({ length: pairs }, (_, i) => interpolate(code(2 * i), code(2 * i + 1), COLUMNS));
      return model.decode(tf.concat(rows));
    }),
  );
  pictures.push({
    file: 'interpolations.png',
    title: 'Interpolations',
    caption: 'From the code of one test image to that of the next in a straight line, a pair a row.',
    bytes: imageGridPng(ways, shape, COLUMNS),
  });
  return pictures;
}
