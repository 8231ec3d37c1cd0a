import { normal } from '@proj/distributions/random';
import type { ImageData } from '@proj/io/node';
import { arrayDataset } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import type { Split } from '../data.ts';
import type { ImageModel } from '../models/image-model.ts';
import { imageGridPng, reconstructionGridPng } from '../pictures/grids.ts';
import { latentPlanePng, planeBounds } from '../pictures/latent-plane.ts';
import { principalPlane } from '../pictures/principal-plane.ts';
import type { Session } from '../session.ts';
import { take } from './take.ts';

/** Bytes of one part of the data as batches [B, D] of grey values in [0, 1]. */
export function imageDataset(data: ImageData, split: Split) {
  const size = data.height * data.width * data.channels;
  return arrayDataset(data[split].images, [size]);
}

export const range = (start: number, end: number) => Uint32Array.from({ length: end - start }, (_, i) => start + i);

/** Codes of the first `count` images of a part, row-major, and their dimensions. */
export async function encodeImages(model: ImageModel, data: ImageData, split: Split, count: number) {
  const images = imageDataset(data, split);
  const total = Math.min(count, images.size);
  const rows: Float32Array[] = [];
  for (let start = 0; start < total; start += 500) {
    const x = images.batch(range(start, Math.min(start + 500, total))) as tf.Tensor2D;
    rows.push(await take(model.encode(x)));
    x.dispose();
  }
  const codes = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    codes.set(row, at);
    at += row.length;
  }
  return { codes, dims: codes.length / total, count: total };
}

/** Mean images of codes given row-major. */
export async function decodeCodes(model: ImageModel, codes: Float32Array, dims: number): Promise<Float32Array> {
  const z = tf.tensor2d(codes, [codes.length / dims, dims]);
  try {
    return await take(model.decode(z));
  } finally {
    z.dispose();
  }
}

/**
 * `count` new images, row-major in [0, 1]: codes from the prior, their standard deviation times `temperature`, decoded to the mean.
 * A model without a prior takes codes from a Gaussian fitted to those of training images.
 */
export async function sampleImages(
  { model }: Session<ImageModel>,
  load: () => Promise<ImageData>,
  count: number,
  seed: number,
  temperature: number,
): Promise<Float32Array> {
  if (model.sampleCodes) return take(tf.tidy(() => model.decode(model.sampleCodes!(count, seed, temperature))));
  const { codes, dims, count: known } = await encodeImages(model, await load(), 'train', 5000);
  const factor = choleskyOfCodes(codes, dims, known);
  const eps = normal(count * dims, seed);
  const z = new Float32Array(count * dims);
  for (let i = 0; i < count; i++) {
    for (let a = 0; a < dims; a++) {
      let value = factor.mean[a]!;
      for (let b = 0; b <= a; b++) value += temperature * factor.lower[a]![b]! * eps[i * dims + b]!;
      z[i * dims + a] = value;
    }
  }
  return decodeCodes(model, z, dims);
}

/** Mean and Cholesky factor of the covariance of codes (a hair on the diagonal keeps dead axes at 0). */
function choleskyOfCodes(codes: Float32Array, dims: number, count: number) {
  const mean = Array.from({ length: dims }, (_, d) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += codes[i * dims + d]!;
    return sum / count;
  });
  const lower = Array.from({ length: dims }, () => new Array<number>(dims).fill(0));
  for (let a = 0; a < dims; a++) {
    for (let b = 0; b <= a; b++) {
      let covariance = a === b ? 1e-9 : 0;
      for (let i = 0; i < count; i++)
        covariance += ((codes[i * dims + a]! - mean[a]!) * (codes[i * dims + b]! - mean[b]!)) / count;
      for (let k = 0; k < b; k++) covariance -= lower[a]![k]! * lower[b]![k]!;
      lower[a]![b] = a === b ? Math.sqrt(Math.max(covariance, 0)) : lower[b]![b]! > 0 ? covariance / lower[b]![b]! : 0;
    }
  }
  return { mean, lower };
}

/** The first `count` images of a part with their reconstructions, both row-major in [0, 1]. */
export async function reconstructImages({ model }: Session<ImageModel>, data: ImageData, split: Split, count: number) {
  const images = imageDataset(data, split);
  const x = images.batch(range(0, Math.min(count, images.size))) as tf.Tensor2D;
  const reconstructions = await take(tf.tidy(() => model.decode(model.encode(x))));
  return { originals: await take(x), reconstructions };
}

export async function reconstructionPng(
  session: Session<ImageModel>,
  data: ImageData,
  split: Split,
  count = 20,
): Promise<Uint8Array> {
  const { originals, reconstructions } = await reconstructImages(session, data, split, count);
  return reconstructionGridPng(originals, reconstructions, session.shape, 10);
}

/** Codes of test images as a scatter plot, and the images that lie on a grid over the same plane. */
export async function latentPictures({ model, shape }: Session<ImageModel>, data: ImageData) {
  const { codes, dims, count } = await encodeImages(model, data, 'test', 2000);
  const plane = principalPlane(codes, dims);
  const labels = data.test.labels?.subarray(0, count);
  const [left, bottom, size] = planeBounds(plane);
  const side = 16;
  const points = Array.from({ length: side * side }, (_, i) => {
    const u = left + (size * ((i % side) + 0.5)) / side;
    const v = bottom + size * (1 - (Math.floor(i / side) + 0.5) / side);
    return plane.at(u, v);
  });
  const decoded = await decodeCodes(model, Float32Array.from(points.flat()), dims);
  return {
    scatter: latentPlanePng(plane, labels),
    grid: imageGridPng(decoded, shape, side, 0),
    explained: plane.explained,
    dims,
    count,
  };
}
