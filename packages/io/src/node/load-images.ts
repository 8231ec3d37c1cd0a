import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { DataError } from '../data-error.ts';
import { digits } from '../digits/digits.ts';
import { readCifar } from './cifar.ts';
import { dataSets } from './data-sets.ts';
import { type FetchOptions, fetchDataSet, findDataSet } from './find.ts';
import { readIdxImages } from './idx-images.ts';
import { cutImages, type ImageData, type RawImages } from './image-data.ts';
import { readImagesAt } from './image-path.ts';

export interface LoadImagesOptions extends FetchOptions {
  /** At most so many training images, and as many of validation and of test. */
  limit?: number;
  /** `digits` only: which digits are drawn; 0 if omitted. */
  seed?: number;
  /** `digits` only: training images with validation, 8,000 if omitted; the test part has a quarter of it. */
  count?: number;
  /** `digits` only: height and width, 28 if omitted. */
  size?: number;
}

/**
 * Loads images by the name of a data set or from a path, cut into training, validation and test.
 *
 * A path is told from a name by its slash, its dot, or by being there. Known sets are found in the data folder or the
 * cache, else downloaded.
 *
 * @throws DataError in one line for an unknown name, an absent or a foreign file.
 */
export async function loadImages(nameOrPath: string, options: LoadImagesOptions = {}): Promise<ImageData> {
  const { limit } = options;
  const registry = options.registry ?? dataSets;
  if (!registry.some((dataSet) => dataSet.name === nameOrPath)) {
    if (existsSync(nameOrPath)) {
      const { training, test } = await readImagesAt(nameOrPath);
      return cutImages(basename(nameOrPath), nameOrPath, training, test, limit);
    }
    if (/[\\/]|\.(png|gz|idx|npz?|json|txt)$/.test(nameOrPath)) {
      throw new DataError(`${nameOrPath}: no such file or folder. Check the path, or name a data set.`);
    }
  }
  const dataSet = findDataSet(nameOrPath, registry);
  if (dataSet.kind !== 'images') {
    const images = registry.filter(({ kind }) => kind === 'images').map(({ name }) => name);
    throw new DataError(
      `${nameOrPath}: expected images, this is a set of kind ${dataSet.kind}. Use ${images.join(', ')}.`,
    );
  }
  if (dataSet.name === 'digits') return loadDigits(options);
  const { files, source } = await fetchDataSet(nameOrPath, options);
  if (files.length === 1) {
    const { training, test } = await readCifar(files[0]!);
    return cutImages(nameOrPath, source, training, test, limit);
  }
  const [training, test] = await Promise.all([readIdxImages(files[0]!, files[1]), readIdxImages(files[2]!, files[3])]);
  return cutImages(nameOrPath, source, training, test, limit);
}

/** Two seeds of the generator, so training and test never share a picture: 2 s for training and 2 s + 1 for test. */
function loadDigits({ count = 8000, seed = 0, size = 28, limit }: LoadImagesOptions): ImageData {
  if (!Number.isSafeInteger(seed) || seed < 0 || seed > 2 ** 51) {
    throw new RangeError(`loadImages: seed must be a whole number from 0 to 2^51, got ${seed}.`);
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`loadImages: count must be a positive whole number, got ${count}. Omit it to use 8000.`);
  }
  const draw = (n: number, drawSeed: number): RawImages => {
    const { images, labels } = digits({ count: n, seed: drawSeed, size });
    return { images: images.data, labels: labels.data, count: n, height: size, width: size, channels: 1 };
  };
  const training = draw(count, 2 * seed);
  const test = draw(Math.max(1, Math.floor(count / 4)), 2 * seed + 1);
  return cutImages('digits', `made by the project (seed ${seed})`, training, test, limit);
}
