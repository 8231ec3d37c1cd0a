import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { digits } from '../digits/digits.ts';
import { writeIdx } from '../idx/idx.ts';
import { writePng } from '../png/png.ts';
import type { ImageData, ImagePart } from './image-data.ts';
import { loadImages } from './load-images.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proj-io-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const counts = ({ train, validation, test }: ImageData) => [train.count, validation.count, test.count];
const firstPixels = ({ images, count }: ImagePart, size: number) =>
  Array.from({ length: count }, (_, i) => images[i * size]!);

async function failure(act: Promise<unknown>): Promise<string> {
  const error = await act.then(
    () => new Error('nothing was thrown'),
    (fault: unknown) => fault,
  );
  expect(error).toBeInstanceOf(DataError);
  expect((error as Error).message).not.toContain('\n');
  return (error as Error).message;
}

/** n images of 2 x 2 whose pixels and label are their number. */
const numbered = (n: number) => ({
  images: writeIdx({ data: Uint8Array.from({ length: 4 * n }, (_, i) => i >> 2), shape: [n, 2, 2] }),
  labels: writeIdx({ data: Uint8Array.from({ length: n }, (_, i) => i), shape: [n] }),
});

describe('digits', () => {
  it('has 7,200 + 800 + 2,000 images and no image twice', async () => {
    const data = await loadImages('digits');
    expect(counts(data)).toEqual([7200, 800, 2000]);
    expect(data).toMatchObject({ name: 'digits', kind: 'images', height: 28, width: 28, channels: 1 });
    expect(data.source).toBe('made by the project (seed 0)');
    const seen = new Set<string>();
    for (const { images, labels, count } of [data.train, data.validation, data.test]) {
      expect([images.length, labels!.length]).toEqual([count * 784, count]);
      for (let i = 0; i < count; i++) seen.add(Buffer.from(images.subarray(i * 784, (i + 1) * 784)).toString('latin1'));
    }
    expect(seen.size).toBe(10_000);
  });

  it('takes count, seed, size and limit', async () => {
    const data = await loadImages('digits', { count: 100, seed: 1, size: 16, limit: 20 });
    expect(counts(data)).toEqual([20, 10, 20]);
    expect(data.width).toBe(16);
    const drawn = digits({ count: 25, seed: 3, size: 16 });
    expect(data.test.images).toEqual(drawn.images.data.subarray(0, 20 * 256));
    expect(data.test.labels).toEqual(drawn.labels.data.subarray(0, 20));
    await expect(loadImages('digits', { limit: 0 })).rejects.toThrow('limit must be a positive whole number');
    await expect(loadImages('digits', { seed: 0.5 })).rejects.toThrow('seed must be a whole number');
  });
});

describe('idx files', () => {
  it('a folder with the names of MNIST: test part as it lies, validation from training', async () => {
    const train = numbered(100);
    const test = numbered(10);
    await writeFile(join(folder, 'train-images-idx3-ubyte.gz'), gzipSync(train.images));
    await writeFile(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(train.labels));
    await writeFile(join(folder, 't10k-images-idx3-ubyte'), test.images);
    await writeFile(join(folder, 't10k-labels-idx1-ubyte'), test.labels);
    for (const path of [folder, join(folder, 'train-images-idx3-ubyte.gz')]) {
      const data = await loadImages(path);
      expect(counts(data)).toEqual([90, 10, 10]);
      expect(data).toMatchObject({ source: path, height: 2, width: 2, channels: 1 });
      expect([...data.test.labels!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      for (const part of [data.train, data.validation, data.test]) {
        expect(firstPixels(part, 4)).toEqual([...part.labels!]);
      }
      const all = [...data.train.labels!, ...data.validation.labels!].sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: 100 }, (_, i) => i));
    }
  });

  it('one file without siblings is cut 80/10/10, equal images together', async () => {
    const pixels = Uint8Array.from({ length: 400 }, (_, i) => i % 50);
    const path = join(folder, 'shapes.idx');
    await writeFile(path, writeIdx({ data: pixels, shape: [400, 1, 1] }));
    const data = await loadImages(path);
    expect(counts(data).reduce((sum, count) => sum + count)).toBe(400);
    const parts = [data.train, data.validation, data.test].map(({ images }) => new Set(images));
    expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(50);
    expect(data.train.labels).toBeUndefined();
    expect(counts(await loadImages(path, { limit: 3 }))).toEqual([3, 3, 3]);
  });

  it('colour', async () => {
    const path = join(folder, 'colour-images-idx4-ubyte');
    await writeFile(path, writeIdx({ data: new Uint8Array(10 * 12).map((_, i) => i), shape: [10, 2, 2, 3] }));
    expect((await loadImages(path)).channels).toBe(3);
  });

  it('says what is wrong', async () => {
    const train = join(folder, 'train-images-idx3-ubyte');
    await writeFile(train, numbered(10).images);
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), numbered(9).labels);
    expect(await failure(loadImages(folder))).toContain('expected 10 labels, one an image, got 9');
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), numbered(10).images);
    expect(await failure(loadImages(folder))).toContain('expected labels, bytes of shape [N]');
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), numbered(10).labels);
    const other = writeIdx({ data: new Uint8Array(9), shape: [1, 3, 3] });
    await writeFile(join(folder, 't10k-images-idx3-ubyte'), other);
    expect(await failure(loadImages(folder))).toContain('training images are 2 x 2 x 1, test images 3 x 3 x 1');
    await writeFile(train, numbered(10).images.subarray(0, 30));
    expect(await failure(loadImages(train))).toContain('The file is cut off');
    await writeFile(train, gzipSync(numbered(10).images).subarray(0, 40));
    expect(await failure(loadImages(train))).toMatch(/cut off or damaged|checksum/);
    await writeFile(train, gzipSync(Buffer.concat([numbered(10).images, Buffer.alloc(9)])));
    expect(await failure(loadImages(train))).toContain('There are bytes after the end');
    await writeFile(train, writeIdx({ data: new Float32Array(4), shape: [1, 2, 2] }));
    expect(await failure(loadImages(train))).toContain('expected images, bytes of shape [N, H, W]');
    await writeFile(train, 'hello');
    expect(await failure(loadImages(train))).toContain('expected an idx file');
  });
});

describe('folders of PNGs', () => {
  const picture = (value: number, shape = [2, 3]) =>
    writePng({ data: new Uint8Array(shape.reduce((a, b) => a * b)).fill(value), shape });

  it('without classes', async () => {
    for (let i = 0; i < 30; i++) await writeFile(join(folder, `${i}.png`), picture(i));
    await writeFile(join(folder, '.DS_Store'), 'x');
    const data = await loadImages(folder);
    expect(data).toMatchObject({ height: 2, width: 3, channels: 1 });
    const pixels = [data.train, data.validation, data.test].flatMap((part) => firstPixels(part, 6));
    expect(pixels.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(Math.min(...counts(data))).toBeGreaterThan(0);
    expect(data.train.labels).toBeUndefined();
  });

  it.each([
    [
      ['cat', 'dog'],
      [0, 1],
    ],
    [
      ['3', '07'],
      [7, 3],
    ],
  ])('classes %j', async (names, labels) => {
    for (const [k, name] of names.entries()) {
      await mkdir(join(folder, name));
      for (let i = 0; i < 10; i++) await writeFile(join(folder, name, `${i}.PNG`), picture(100 * k + i, [1, 1, 3]));
    }
    const data = await loadImages(folder);
    const sorted = [...names].sort();
    for (const part of [data.train, data.validation, data.test]) {
      const expected = firstPixels(part, 3).map((value) => labels[sorted.indexOf(names[value >= 100 ? 1 : 0]!)]);
      expect([...part.labels!]).toEqual(expected);
    }
  });

  it('says what is wrong', async () => {
    expect(await failure(loadImages(folder))).toContain('it is empty');
    await writeFile(join(folder, 'a.png'), picture(1));
    await writeFile(join(folder, 'b.png'), picture(1, [3, 2]));
    expect(await failure(loadImages(folder))).toContain(
      'b.png: expected 2 x 3 x 1 (height, width, channels) as a.png has, got 3 x 2 x 1',
    );
    await writeFile(join(folder, 'b.png'), 'no picture');
    expect(await failure(loadImages(folder))).toContain('expected a PNG picture, got text');
    await writeFile(join(folder, 'c.jpg'), 'x');
    expect(await failure(loadImages(folder))).toContain('got c.jpg');
    await mkdir(join(folder, 'class'));
    expect(await failure(loadImages(folder))).toContain('expected pictures or class folders, got both');
    expect(await failure(loadImages(join(folder, 'a.png')))).toContain('one picture is no data set');
  });
});

it('unknown names, absent paths and sets of another kind', async () => {
  expect(await failure(loadImages('minst'))).toContain(
    'unknown data set "minst". Did you mean mnist? Known are digits,',
  );
  expect(await failure(loadImages('./nowhere'))).toContain('./nowhere: no such file or folder');
  expect(await failure(loadImages('nowhere.png'))).toContain('no such file or folder');
  expect(await failure(loadImages('names'))).toContain('expected images, this is a set of kind text');
});
