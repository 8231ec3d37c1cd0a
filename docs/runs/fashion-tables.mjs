// Baselines of fashion-pixelcnn.md: counts of Fashion-MNIST at 16 x 16 in 4 levels, fitted on the training images and scored on
// the test images, in nats a pixel. From the root, Node 20 or newer:
//   PROJ_DATA_DIR=... node docs/runs/fashion-tables.mjs
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const SIDE = 16;
const PIXELS = SIDE * SIDE;
const LEVELS = 4;
const EDGES = [0, LEVELS]; // what a neighbour beyond the edge is: level 0, or a symbol of its own

/** Images of an idx file as levels: bilinear 28 -> 16 with half-pixel centres, no antialiasing, floor(v / 64). */
function levelsOf(path) {
  const file = gunzipSync(readFileSync(path));
  const [count, height, width] = [4, 8, 12].map((at) => file.readUInt32BE(at));
  const levels = new Uint8Array(count * PIXELS);
  for (let i = 0; i < levels.length; i++) {
    const image = 16 + Math.floor(i / PIXELS) * height * width;
    const y = ((Math.floor((i % PIXELS) / SIDE) + 0.5) * height) / SIDE - 0.5;
    const x = (((i % SIDE) + 0.5) * width) / SIDE - 0.5;
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const row = (r) => {
      const at = image + r * width + left;
      return file[at] * (1 - (x - left)) + file[at + 1] * (x - left);
    };
    levels[i] = Math.floor((row(top) * (1 - (y - top)) + row(top + 1) * (y - top)) / 64);
  }
  return { count, levels };
}

/** A table of counts over contexts, all counts beginning at 1 (Laplace): its mean cross-entropy on the test images. */
function score(train, test, context, outside) {
  const tables = new Map();
  const cell = (levels, image, pixel) => {
    const y = Math.floor(pixel / SIDE);
    const x = pixel % SIDE;
    const at = (dy, dx) => {
      const [r, c] = [y + dy, x + dx];
      return r < 0 || c < 0 || c >= SIDE ? outside : levels[image * PIXELS + r * SIDE + c];
    };
    const key = context(pixel, at).reduce((k, v) => 1024 * k + v, 0);
    let counts = tables.get(key);
    if (counts === undefined) {
      counts = new Float64Array(LEVELS).fill(1);
      tables.set(key, counts);
    }
    return counts;
  };
  for (let image = 0; image < train.count; image++) {
    for (let p = 0; p < PIXELS; p++) cell(train.levels, image, p)[train.levels[image * PIXELS + p]]++;
  }
  let nats = 0;
  for (let image = 0; image < test.count; image++) {
    for (let p = 0; p < PIXELS; p++) {
      const counts = cell(test.levels, image, p);
      nats -= Math.log(counts[test.levels[image * PIXELS + p]] / counts.reduce((sum, n) => sum + n, 0));
    }
  }
  return nats / (test.count * PIXELS);
}

const CONTEXTS = {
  'global histogram': () => [],
  'per-position histogram': (p) => [p],
  'left neighbour': (_, at) => [at(0, -1)],
  'left, up': (_, at) => [at(0, -1), at(-1, 0)],
  'left, up, up-left, up-right': (_, at) => [at(0, -1), at(-1, 0), at(-1, -1), at(-1, 1)],
  'position, left, up': (p, at) => [p, at(0, -1), at(-1, 0)],
  'position + 4 neighbours': (p, at) => [p, at(0, -1), at(-1, 0), at(-1, -1), at(-1, 1)],
};

const folder = process.env.PROJ_DATA_DIR && join(process.env.PROJ_DATA_DIR, 'fashion-mnist');
if (!folder) {
  console.error('fashion-tables.mjs: PROJ_DATA_DIR must be the folder that has fashion-mnist/.');
  process.exit(2);
}
const file = (part) =>
  join(
    folder,
    readdirSync(folder).find((name) => name.startsWith(part) && name.includes('images')),
  );
const [train, test] = ['train', 't10k'].map((part) => levelsOf(file(part)));
console.log(
  `${train.count} training images, ${test.count} test images; beyond the edge is level 0, or a symbol of its own`,
);
for (const [name, context] of Object.entries(CONTEXTS)) {
  console.log(`${EDGES.map((edge) => score(train, test, context, edge).toFixed(4)).join('  ')}  ${name}`);
}
