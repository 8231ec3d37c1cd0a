import { encodeUtf32 } from '@proj/tokun';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { exampleBytes, trainingBytes } from '../models/byte-model.ts';
import { type ByteTexts, balanced, CHARACTERS, excerptDataset, MARGIN } from './excerpts.ts';

beforeAll(() => tf.setBackend('cpu'));

const TEXT = Array.from({ length: 300 }, (_, i) => String.fromCharCode(0x4e00 + i)).join('');
const bytes = encodeUtf32(TEXT);
const parts = { train: bytes, validation: bytes, test: bytes };
const excerpts = [0, 1, 2].map((i) => ({ file: 0, from: CHARACTERS * i, characters: Math.min(128, 300 - 128 * i) }));
const data: ByteTexts = {
  ...{ name: 'x', source: 'x', files: [{ name: 'x', bytes: parts }] },
  excerpts: { train: excerpts, validation: excerpts, test: excerpts },
};
const PLAIN = { random: 0, planes: 17, jitter: 0 };
const batch = () => excerptDataset(data, 'train').batch(Uint32Array.from([0, 1, 2, 1])) as tf.Tensor2D;
/** Code points of rows of bytes. */
const points = (x: tf.Tensor) => {
  const all = x.dataSync();
  return Array.from({ length: x.shape[0]! }, (_, row) =>
    Array.from({ length: x.shape[1]! / 4 }, (_, i) => {
      const at = row * x.shape[1]! + 4 * i;
      return all[at]! * 2 ** 24 + all[at + 1]! * 2 ** 16 + all[at + 2]! * 256 + all[at + 3]!;
    }),
  );
};

it('a batch holds excerpts with their margin, zeros after the end', () => {
  const [first, , last] = points(batch());
  expect(first).toHaveLength(CHARACTERS + MARGIN);
  expect([first![0], first!.at(-1)]).toEqual([0x4e00, 0x4e00 + 142]);
  expect([last![0], last![43], last![44]]).toEqual([0x4e00 + 256, 0x4e00 + 299, 0]);
});

it('training begins at any character of a token, all examples alike; evaluation at the first', () => {
  const starts = new Set<number>();
  for (let seed = 0; seed < 60; seed++) {
    const found = points(trainingBytes(batch(), 16, PLAIN, seed));
    const start = found[0]![0]! - 0x4e00;
    starts.add(start);
    expect(found[1]![0]).toBe(0x4e00 + 128 + start);
    expect(found[0]).toEqual(Array.from({ length: 128 }, (_, i) => 0x4e00 + start + i));
  }
  expect([...starts].sort()).toEqual([0, 1, 2, 3]);
  expect(points(exampleBytes(batch(), 16))[0]![0]).toBe(0x4e00);
});

it('tokens that do not divide an example are filled with zeros', () => {
  expect(exampleBytes(batch(), 24).shape).toEqual([4, 528]);
  expect(points(trainingBytes(batch(), 24, PLAIN, 0))[0]!.slice(-4)).toEqual([0, 0, 0, 0]);
});

it('a share of the rows is random code points, new in every step', () => {
  const augmentation = { ...PLAIN, random: 0.5, planes: 1 };
  const [a, b] = [0, 1].map((seed) => points(trainingBytes(batch(), 16, augmentation, seed)));
  expect(a![1]!.every((c) => c >= 0x4e00 && c < 0x4e00 + 300)).toBe(true);
  expect(a![2]!.filter((c) => c >= 0x4e00 && c < 0x4e00 + 300).length).toBeLessThan(10);
  expect(Math.max(...a![2]!)).toBeLessThan(0x10000);
  expect(a![2]).not.toEqual(b![2]);
  expect(points(trainingBytes(batch(), 16, augmentation, 0))).toEqual(a);
});

it('jitter draws the last byte of a share of the characters anew', () => {
  const offset = points(trainingBytes(batch(), 16, PLAIN, 3));
  const found = points(trainingBytes(batch(), 16, { ...PLAIN, jitter: 0.3 }, 3));
  const all = found.flatMap((row, i) => row.map((c, j) => [c, offset[i]![j]!] as const));
  expect(all.every(([c, was]) => c >> 8 === was >> 8)).toBe(true);
  const share = all.filter(([c, was]) => c !== was).length / all.length;
  expect(Math.abs(share - (0.3 * 255) / 256)).toBeLessThan(5 * Math.sqrt(0.21 / all.length));
});

it('balance repeats the excerpts of short files', () => {
  const of = (file: number, count: number) => Array.from({ length: count }, () => ({ file, from: 0, characters: 1 }));
  const all = [...of(0, 9), ...of(1, 1)];
  const counts = (balance: number) =>
    [0, 1].map((file) => balanced(all, balance).filter((excerpt) => excerpt.file === file).length);
  expect([0, 0.5, 1].map(counts)).toEqual([
    [9, 1],
    [9, 3],
    [9, 9],
  ]);
});
