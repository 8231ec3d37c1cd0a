import { digits } from '@proj/io';
import { DataError, loadImages } from '@proj/io/node';

/** Training images of MNIST where they are at hand, else as many of our own digits: the time does not depend on the pixels. */
export async function mnistImages(): Promise<Uint8Array> {
  try {
    if (process.env.PROJ_DATA_DIR) return (await loadImages('mnist')).train.images;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
  }
  return digits({ count: 2000, seed: 0 }).images.data;
}

/** Two zero pixels on every side: 28x28 -> 32x32. */
export function padTo32(images: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count * 1024);
  for (let i = 0; i < count; i++) {
    for (let y = 0; y < 28; y++) {
      out.set(images.subarray(i * 784 + y * 28, i * 784 + y * 28 + 28), i * 1024 + (y + 2) * 32 + 2);
    }
  }
  return out;
}
