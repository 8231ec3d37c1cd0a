import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { gaussianClusters } from '../points/gaussian-clusters.ts';
import { loadPoints, type PointData } from './load-points.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proj-io-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const counts = ({ train, validation, test }: PointData) => [train.count, validation.count, test.count];
const rows = ({ train, validation, test, dimensions }: PointData) =>
  [train, validation, test].map(({ points, count }) =>
    Array.from({ length: count }, (_, i) => points.subarray(i * dimensions, (i + 1) * dimensions).join(' ')),
  );

it('gaussian-clusters: 1,800 + 200 + 500 points of the plane, no point twice', async () => {
  const data = await loadPoints('gaussian-clusters');
  expect(data).toMatchObject({ name: 'gaussian-clusters', kind: 'points', dimensions: 2 });
  expect(data.source).toBe('made by the project (seed 0)');
  expect(counts(data)).toEqual([1800, 200, 500]);
  expect(new Set(rows(data).flat()).size).toBe(2500);
  const test = gaussianClusters({ count: 500, seed: 1 });
  expect(data.test).toEqual({ points: test.points.data, labels: test.labels.data, count: 500 });
  const train = gaussianClusters({ count: 2000, seed: 0 });
  const all = new Map(
    Array.from(train.labels.data, (label, i) => [train.points.data.subarray(2 * i, 2 * i + 2).join(' '), label]),
  );
  expect(rows(data)[0]!.map((row) => all.get(row))).toEqual([...data.train.labels!]);
});

it('takes count, seed and limit', async () => {
  const data = await loadPoints('gaussian-clusters', { count: 100, seed: 2, limit: 15 });
  expect(counts(data)).toEqual([15, 10, 15]);
  expect(data.test.points).toEqual(gaussianClusters({ count: 25, seed: 5 }).points.data.subarray(0, 30));
  await expect(loadPoints('gaussian-clusters', { limit: 0 })).rejects.toThrow('limit must be a positive whole number');
  await expect(loadPoints('gaussian-clusters', { seed: -1 })).rejects.toThrow('seed must be a whole number');
  await expect(loadPoints('gaussian-clusters', { count: 0 })).rejects.toThrow('count must be a positive whole number');
});

it.each([
  ['points.tsv', (lines: number[][]) => lines.map((line) => line.join('\t')).join('\n')],
  ['points.csv', (lines: number[][]) => `a,b,c\n${lines.map((line) => line.join(',')).join('\n')}`],
  ['points.json', (lines: number[][]) => JSON.stringify(lines)],
])('%s: cut 80/10/10 by the row, whatever its form', async (name, write) => {
  const lines = Array.from({ length: 1000 }, (_, i) => [i % 500, (i % 500) / 4, -1]); // every row twice
  const path = join(folder, name);
  await writeFile(path, write(lines));
  const data = await loadPoints(path);
  expect(data).toMatchObject({ name, source: path, dimensions: 3 });
  const parts = rows(data);
  expect(parts.flat().sort()).toEqual(lines.map((line) => line.join(' ')).sort());
  const sets = parts.map((part) => new Set(part));
  expect(sets.map(({ size }) => size).reduce((a, b) => a + b)).toBe(500); // equal rows stay together
  expect(data.train.count).toBeGreaterThan(700);
  expect(Math.min(data.validation.count, data.test.count)).toBeGreaterThan(50);
  expect(data.train.labels).toBe(undefined);
  expect(counts(await loadPoints(path, { limit: 7 }))).toEqual([7, 7, 7]);
});

it('says in one line what is wrong', async () => {
  const refuses = async (name: string, message: string) => {
    const error = await loadPoints(name).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('\n');
  };
  await refuses('digits', 'digits: expected points, this is a set of kind images. Use gaussian-clusters.');
  await refuses('gausian-clusters', 'Did you mean gaussian-clusters?');
  await refuses('nowhere.csv', 'nowhere.csv: no such file. Check the path, or name a data set.');
  await refuses(folder, 'could not be read: it is a folder');
  const picture = join(folder, 'a.csv');
  await writeFile(picture, Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2));
  await refuses(picture, 'expected numbers as TSV, CSV or JSON, it looks like a PNG picture.');
});
