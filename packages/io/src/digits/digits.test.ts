import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { digits } from './digits.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

// Golden: pinned from the first version (Node 20, x64); Node 22 and 24 draw the same. A change of even one grey level
// makes users' runs incomparable: then this is a new data set.
it('draws the same bytes on every machine', () => {
  const { images, labels } = digits({ count: 100, seed: 0 });
  expect(sha256(images.data)).toBe('ee45f40410f2b70d259445bcbf07bee375d132c5479c2ec9bb8e916941fbaf43');
  expect([...labels.data.subarray(0, 20)].join(' ')).toBe('3 7 5 2 9 4 8 6 0 1 1 6 9 4 3 8 5 2 0 7');
});

it('uses no function that engines round differently', () => {
  const here = dirname(fileURLToPath(import.meta.url));
  const files = [...readdirSync(here).map((name) => join(here, name)), join(here, '../internal/random.ts')];
  const sources = files.filter((name) => !name.endsWith('.test.ts')).map((name) => readFileSync(name, 'utf8'));
  const used = new Set(sources.flatMap((source) => [...source.matchAll(/Math\.(\w+)/g)].map(([, name]) => name)));
  expect([...used].sort()).toEqual(['ceil', 'floor', 'imul', 'max', 'min', 'sqrt']);
  expect(sources.filter((source) => /[^/]\*\*/.test(source))).toEqual([]);
});

it('is laid out as MNIST, in equal classes', () => {
  const { images, labels } = digits({ count: 1005, seed: 3 });
  expect(images.shape).toEqual([1005, 28, 28, 1]);
  expect(labels.shape).toEqual([1005]);
  const counts = new Array<number>(10).fill(0);
  for (const label of labels.data.subarray(0, 1000)) counts[label]!++;
  expect(counts).toEqual(new Array(10).fill(100));
});

it('an image does not depend on how many are drawn', () => {
  const few = digits({ count: 7, seed: 5 });
  const many = digits({ count: 23, seed: 5 });
  expect(many.images.data.subarray(0, 7 * 784)).toEqual(few.images.data);
  expect(many.labels.data.subarray(0, 7)).toEqual(few.labels.data);
  expect(digits({ count: 0, seed: 0 }).images.shape).toEqual([0, 28, 28, 1]);
});

it('no two images are equal, within a seed or between seeds', () => {
  const seen = new Set<string>();
  for (const seed of [0, 1, 2]) {
    const { images } = digits({ count: 1000, seed });
    for (let i = 0; i < 1000; i++) seen.add(sha256(images.data.subarray(i * 784, (i + 1) * 784)));
  }
  expect(seen.size).toBe(3000);
});

// MNIST: mean 0.1307 of 1; per digit 0.173 (0) to 0.076 (1); 19 % of the pixels have ink.
it('has ink as MNIST has', () => {
  const { images, labels } = digits({ count: 2000, seed: 1 });
  const ink = new Float64Array(10);
  let touched = 0;
  images.data.forEach((value, i) => {
    ink[labels.data[Math.floor(i / 784)]!]! += value / 255 / 784 / 200;
    if (value > 0) touched++;
  });
  const mean = ink.reduce((sum, each) => sum + each, 0) / 10;
  expect(mean).toBeGreaterThan(0.12);
  expect(mean).toBeLessThan(0.14);
  expect(ink[1]).toBe(Math.min(...ink));
  expect(touched / images.data.length).toBeGreaterThan(0.17);
  expect(touched / images.data.length).toBeLessThan(0.22);
});

// A nearest-class-mean classifier reaches 82 % on MNIST: digits that nobody can tell apart would fall to 10 %, ones that
// are all alike would reach 100 %.
it('can be told apart, but not trivially', () => {
  const train = digits({ count: 2000, seed: 10 });
  const test = digits({ count: 500, seed: 11 });
  const means = Array.from({ length: 10 }, () => new Float64Array(784));
  train.labels.data.forEach((label, i) => {
    for (let p = 0; p < 784; p++) means[label]![p]! += train.images.data[i * 784 + p]! / 200;
  });
  let right = 0;
  test.labels.data.forEach((label, i) => {
    const distances = means.map((mean) =>
      mean.reduce((sum, value, p) => sum + (value - test.images.data[i * 784 + p]!) ** 2, 0),
    );
    if (distances.indexOf(Math.min(...distances)) === label) right++;
  });
  expect(right / 500).toBeGreaterThan(0.7);
  expect(right / 500).toBeLessThan(0.97);
});

it('draws other sizes', () => {
  const { images } = digits({ count: 10, seed: 0, size: 16 });
  expect(images.shape).toEqual([10, 16, 16, 1]);
  const mean = images.data.reduce((sum, value) => sum + value, 0) / images.data.length / 255;
  expect(mean).toBeGreaterThan(0.08);
  expect(mean).toBeLessThan(0.2);
});

it('refuses what it can not draw', () => {
  expect(() => digits({ count: 1.5, seed: 0 })).toThrow('count must be a whole number');
  expect(() => digits({ count: 1, seed: -1 })).toThrow('a seed is a non-negative safe integer, got -1');
  expect(() => digits({ count: 1, seed: 0, size: 4 })).toThrow('size must be a whole number from 8 to 256');
});
