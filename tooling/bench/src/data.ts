import { digits } from '@proj/io';
import { DataError, loadImages } from '@proj/io/node';
import * as tf from '@tensorflow/tfjs-core';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const PADDED_SIDE = 32;

/**
 * Training images of a 28x28 set, every one, pixels in [0, 1], where PROJ_DATA_DIR holds them; else as many of our own digits.
 * The time does not depend on the pixels.
 */
export async function trainingImages(name: 'mnist' | 'fashion-mnist', count: number): Promise<Float32Array> {
  const bytes = (await found(name)) ?? digits({ count: 2000, seed: 0 }).images.data;
  const size = count * PIXELS;
  return Float32Array.from({ length: size }, (_, i) => bytes[i % bytes.length]! / 255);
}

/** Fashion-MNIST as the PixelCNN sees it: bilinear 28 -> 16, half-pixel centres, no antialias; floor(byte / 64), as int32. */
export async function levels16(count: number): Promise<Int32Array> {
  const images = await trainingImages('fashion-mnist', count);
  const [side, scale] = [16, SIDE / 16];
  const levels = new Int32Array(count * side * side);
  for (let i = 0; i < levels.length; i++) {
    const image = images.subarray(Math.floor(i / side ** 2) * PIXELS);
    const [y, x] = [Math.floor((i % side ** 2) / side), i % side].map((at) => (at! + 0.5) * scale - 0.5) as [
      number,
      number,
    ];
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const at = (row: number, column: number) => Math.round(255 * image[row * SIDE + column]!);
    const across = (row: number) => at(row, left) + (x - left) * (at(row, left + 1) - at(row, left));
    levels[i] = Math.floor((across(top) + (y - top) * (across(top + 1) - across(top))) / 64);
  }
  return levels;
}

async function found(name: string): Promise<Uint8Array | undefined> {
  if (!process.env.PROJ_DATA_DIR) return undefined;
  try {
    const { train, validation } = await loadImages(name);
    return new Uint8Array(Buffer.concat([train.images, validation.images]));
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

/** Two zero pixels on every side: 28x28 -> 32x32. */
export function padTo32(images: Float32Array): Float32Array {
  const margin = (PADDED_SIDE - SIDE) / 2;
  const out = new Float32Array((images.length / PIXELS) * PADDED_SIDE ** 2);
  for (let row = 0; row < images.length / SIDE; row++) {
    const [image, y] = [Math.floor(row / SIDE), row % SIDE];
    const to = (image * PADDED_SIDE + y + margin) * PADDED_SIDE + margin;
    out.set(images.subarray(row * SIDE, (row + 1) * SIDE), to);
  }
  return out;
}

/** 28x28 -> side x side, bilinear, half-pixel centres, no antialias. */
export function resizeTo(side: number, images: Float32Array): Float32Array {
  return tf.tidy(() => {
    const square = tf.tensor4d(images, [images.length / PIXELS, SIDE, SIDE, 1]);
    return tf.image.resizeBilinear(square, [side, side], false, true).dataSync<'float32'>().slice();
  });
}
