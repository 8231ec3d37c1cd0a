import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { DataError } from '../data-error.ts';
import { looksLike } from '../internal/signature.ts';
import { gaussianClusters } from '../points/gaussian-clusters.ts';
import { type Points, readPointsJson, readPointsText } from '../points/points-text.ts';
import { splitByHash, splitIndices } from '../splits.ts';
import { dataSets } from './data-sets.ts';
import { type FetchOptions, findDataSet } from './find.ts';
import { readBytes } from './idx-images.ts';

/** One part of a set: points [count, D], and a label each if the set has labels. */
export interface PointPart {
  points: Float32Array;
  labels?: Uint8Array;
  count: number;
}

/** Points cut into their three parts. */
export interface PointData {
  name: string;
  kind: 'points';
  /** Where they came from, for the user to read. */
  source: string;
  /** D, numbers a point. */
  dimensions: number;
  train: PointPart;
  validation: PointPart;
  test: PointPart;
}

export interface LoadPointsOptions extends Pick<FetchOptions, 'registry'> {
  /** At most so many training points, and as many of validation and of test. */
  limit?: number;
  /** `gaussian-clusters` only: which points are drawn; 0 if omitted. */
  seed?: number;
  /** `gaussian-clusters` only: training points with validation, 2,000 if omitted; the test part has a quarter of it. */
  count?: number;
}

/**
 * Loads points by the name of a data set, `gaussian-clusters`, or from the path of a file of numbers: TSV, CSV, or a JSON array of
 * rows. A file is cut 80/10/10 by a hash of the row. A path is told from a name by its slash, its dot, or by being there.
 *
 * @throws DataError in one line for an unknown name, an absent or a foreign file.
 */
export async function loadPoints(nameOrPath: string, options: LoadPointsOptions = {}): Promise<PointData> {
  const { limit } = options;
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 1)) {
    throw new RangeError(`loadPoints: limit must be a positive whole number, got ${limit}. Omit it to use all.`);
  }
  const registry = options.registry ?? dataSets;
  if (!registry.some((dataSet) => dataSet.name === nameOrPath)) {
    if (existsSync(nameOrPath)) return cutFile(nameOrPath, await readPoints(nameOrPath), limit);
    if (/[\\/]|\.(tsv|csv|txt|json)$/.test(nameOrPath)) {
      throw new DataError(`${nameOrPath}: no such file. Check the path, or name a data set.`);
    }
  }
  const dataSet = findDataSet(nameOrPath, registry);
  if (dataSet.kind !== 'points') {
    const points = registry.filter(({ kind }) => kind === 'points').map(({ name }) => name);
    throw new DataError(
      `${nameOrPath}: expected points, this is a set of kind ${dataSet.kind}. Use ${points.join(', ')}.`,
    );
  }
  return drawClusters(options);
}

async function readPoints(path: string): Promise<Points> {
  const bytes = await readBytes(path);
  const kind = looksLike(bytes);
  if (!kind.includes('text')) {
    throw new DataError(
      `${path}: expected numbers as TSV, CSV or JSON, it looks like ${kind}. Give a file of numbers.`,
    );
  }
  const text = new TextDecoder().decode(bytes);
  return text.trimStart().startsWith('[') ? readPointsJson(text, path) : readPointsText(text, path);
}

function cutFile(path: string, points: Points, limit: number | undefined): PointData {
  const [count, dimensions] = points.shape;
  const { train, validation, test } = splitByHash(count, (i) => rowOf(points, i).join(' '));
  return {
    name: basename(path),
    kind: 'points',
    source: path,
    dimensions,
    train: gather(points, train, limit),
    validation: gather(points, validation, limit),
    test: gather(points, test, limit),
  };
}

/** Two seeds of the generator: 2 s for training and 2 s + 1 for test. */
function drawClusters({ count = 2000, seed = 0, limit }: LoadPointsOptions): PointData {
  if (!Number.isSafeInteger(seed) || seed < 0 || seed > 2 ** 51) {
    throw new RangeError(`loadPoints: seed must be a whole number from 0 to 2^51, got ${seed}.`);
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`loadPoints: count must be a positive whole number, got ${count}. Omit it to use 2000.`);
  }
  const training = gaussianClusters({ count, seed: 2 * seed });
  const test = gaussianClusters({ count: Math.max(1, Math.floor(count / 4)), seed: 2 * seed + 1 });
  const { train, validation } = splitIndices(count);
  const all = Uint32Array.from(test.labels.data.keys());
  return {
    name: 'gaussian-clusters',
    kind: 'points',
    source: `made by the project (seed ${seed})`,
    dimensions: training.points.shape[1],
    train: gather(training.points, train, limit, training.labels.data),
    validation: gather(training.points, validation, limit, training.labels.data),
    test: gather(test.points, all, limit, test.labels.data),
  };
}

const rowOf = ({ data, shape: [, dimensions] }: Points, i: number) =>
  data.subarray(i * dimensions, (i + 1) * dimensions);

/** The first `limit` of these rows. */
function gather(points: Points, indices: Uint32Array, limit: number | undefined, labels?: Uint8Array): PointPart {
  const kept = indices.subarray(0, limit);
  const data = new Float32Array(kept.length * points.shape[1]);
  kept.forEach((index, i) => {
    data.set(rowOf(points, index), i * points.shape[1]);
  });
  return {
    points: data,
    ...(labels && { labels: Uint8Array.from(kept, (index) => labels[index]!) }),
    count: kept.length,
  };
}
