import { DataError } from '../data-error.ts';
import { splitByHash, splitIndices, type TwoParts } from '../splits.ts';

/** One part of a set: images [count, H, W, C] of 0 to 255, and a label each if the set has labels. */
export interface ImagePart {
  images: Uint8Array;
  labels?: Uint8Array;
  count: number;
}

/** Images cut into their three parts, as bytes. */
export interface ImageData {
  name: string;
  kind: 'images';
  /** Where they came from, for the user to read. */
  source: string;
  height: number;
  width: number;
  channels: number;
  train: ImagePart;
  validation: ImagePart;
  test: ImagePart;
}

/** Images as they lie in a file, before they are cut. */
export interface RawImages {
  images: Uint8Array;
  labels?: Uint8Array;
  count: number;
  height: number;
  width: number;
  channels: number;
}

/** Cuts a set after the rules of `splitIndices` (with a test part) and `splitByHash` (without). */
export function cutImages(
  name: string,
  source: string,
  training: RawImages,
  test: RawImages | undefined,
  limit?: number,
): ImageData {
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 1)) {
    throw new RangeError(`loadImages: limit must be a positive whole number, got ${limit}. Omit it to use all.`);
  }
  const { height, width, channels } = training;
  if (test && (test.height !== height || test.width !== width || test.channels !== channels)) {
    throw new DataError(
      `${name}: training images are ${height} x ${width} x ${channels}, test images ${test.height} x ${test.width} x ${test.channels}. Give parts of one size.`,
    );
  }
  const size = height * width * channels;
  const parts: TwoParts & { test?: Uint32Array } = test
    ? splitIndices(training.count)
    : splitByHash(training.count, (i) => training.images.subarray(i * size, (i + 1) * size));
  const take = (from: RawImages, indices: Uint32Array) => gather(from, indices.subarray(0, limit), size);
  return {
    name,
    kind: 'images',
    source,
    height,
    width,
    channels,
    train: take(training, parts.train),
    validation: take(training, parts.validation),
    test: parts.test ? take(training, parts.test) : first(test!, limit, size),
  };
}

function gather(from: RawImages, indices: Uint32Array, size: number): ImagePart {
  const images = new Uint8Array(indices.length * size);
  indices.forEach((index, i) => {
    images.set(from.images.subarray(index * size, (index + 1) * size), i * size);
  });
  const labels = from.labels && Uint8Array.from(indices, (index) => from.labels![index]!);
  return { images, ...(labels && { labels }), count: indices.length };
}

function first({ images, labels, count }: RawImages, limit = count, size: number): ImagePart {
  const kept = Math.min(limit, count);
  return {
    images: images.subarray(0, kept * size),
    ...(labels && { labels: labels.subarray(0, kept) }),
    count: kept,
  };
}
