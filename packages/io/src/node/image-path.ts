import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { DataError } from '../data-error.ts';
import { looksLike } from '../internal/signature.ts';
import { readPng } from '../png/png.ts';
import { readBytes, readIdxImages } from './idx-images.ts';
import type { RawImages } from './image-data.ts';

/** What a path holds: training images, and a test part if one lies beside them. */
export interface ImagesAtPath {
  training: RawImages;
  test?: RawImages;
}

/**
 * Reads images from an idx file (with the labels and test files beside it), a folder of idx files with the names of
 * MNIST, or a folder of PNGs of equal size, whose subfolders, if any, are the classes.
 */
export async function readImagesAt(path: string): Promise<ImagesAtPath> {
  if ((await stat(path)).isDirectory()) return readFolder(path);
  const bytes = await readBytes(path);
  if (looksLike(bytes) === 'a PNG picture') {
    throw new DataError(`${path}: one picture is no data set. Give the folder of PNGs: ${dirname(path)}.`);
  }
  return readIdxSet(dirname(path), basename(path));
}

async function readFolder(folder: string): Promise<ImagesAtPath> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  const idx = names.map(({ name }) => name).filter((name) => /images.*idx[34]/.test(name));
  const train = idx.find((name) => name.startsWith('train')) ?? idx[0];
  if (train !== undefined) return readIdxSet(folder, train);
  const classes = names.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const files = names.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  if (classes.length > 0 && files.some(isPng)) {
    throw new DataError(`${folder}: expected pictures or class folders, got both. Move the pictures into folders.`);
  }
  if (classes.length === 0)
    return {
      training: await readPngs(
        folder,
        files.map((file) => [file, undefined]),
      ),
    };
  if (classes.length > 256) {
    throw new DataError(`${folder}: expected at most 256 class folders, got ${classes.length}.`);
  }
  const numbers = classes.every((name) => /^\d{1,3}$/.test(name) && Number(name) < 256);
  const labelled: [string, number][] = [];
  for (const [i, name] of classes.entries()) {
    const inside = (await readdir(join(folder, name))).filter((file) => !file.startsWith('.')).sort();
    for (const file of inside) labelled.push([join(name, file), numbers ? Number(name) : i]);
  }
  return { training: await readPngs(folder, labelled) };
}

/** The images file, its labels, and the test files of the same naming, each if it is there. */
async function readIdxSet(folder: string, images: string): Promise<ImagesAtPath> {
  const there = new Set(await readdir(folder));
  const beside = (name: string) => {
    const plain = name.replace(/\.gz$/, '');
    return [name, plain, `${plain}.gz`].find((candidate) => candidate !== images && there.has(candidate));
  };
  const toLabels = (name: string) => name.replace('images', 'labels').replace(/idx[34]/, 'idx1');
  const read = (name: string) => {
    const labels = name.includes('images') ? beside(toLabels(name)) : undefined;
    return readIdxImages(join(folder, name), labels && join(folder, labels));
  };
  const training = await read(images);
  if (!/train/.test(images)) return { training };
  const tests = [images.replace('train', 't10k'), images.replace('train', 'test')].map(beside);
  // Parts of a set carry their size in the name, as in train-first8226-images and t10k-first6978-images.
  const other = [...there].sort().find((name) => /^(t10k|test).*images.*idx3/.test(name));
  const test = tests.find((name) => name !== undefined) ?? other;
  return test === undefined ? { training } : { training, test: await read(test) };
}

async function readPngs(
  folder: string,
  files: readonly [file: string, label: number | undefined][],
): Promise<RawImages> {
  const wrong = files.find(([file]) => !isPng(file));
  if (files.length === 0 || wrong) {
    const got = wrong ? `got ${wrong[0]}` : 'it is empty';
    throw new DataError(
      `${folder}: expected PNG pictures, class folders of them, or idx files named as MNIST's, ${got}. Leave nothing else in the folder.`,
    );
  }
  let images = new Uint8Array(0);
  let shape: readonly number[] = [];
  for (const [i, [file]] of files.entries()) {
    const path = join(folder, file);
    const picture = readPng(await readBytes(path), { name: path });
    if (i === 0) {
      shape = picture.shape;
      images = new Uint8Array(files.length * picture.data.length);
    }
    if (picture.shape.some((size, axis) => size !== shape[axis])) {
      throw new DataError(
        `${path}: expected ${shape.join(' x ')} (height, width, channels) as ${files[0]![0]} has, got ${picture.shape.join(' x ')}. Make all pictures one size and colour type.`,
      );
    }
    images.set(picture.data, i * picture.data.length);
  }
  const [height = 0, width = 0, channels = 0] = shape;
  const labels = files[0]![1] === undefined ? undefined : Uint8Array.from(files, ([, label]) => label!);
  return { images, ...(labels && { labels }), count: files.length, height, width, channels };
}

const isPng = (file: string) => extname(file).toLowerCase() === '.png';
