import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngine } from '@proj/backend';
import { readPng, writePng } from '@proj/io';
import { PixelCnn } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { Resizer } from '../src/models/level-image-model.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;
let trained: string;

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, lines: () => printed.map((line) => JSON.parse(line)) };
}

const MODEL = ['--set', 'size=8', '--set', 'filters=8', '--set', 'blocks=1', '--set', 'levels=3'];
const SMALL = ['--engine', 'wasm', '--limit', '60', '--batch', '20', '--epochs', '2', '--learning-rate', '0.01'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-pixelcnn-'));
  trained = join(folder, 'run');
  const { status, lines } = await trainer('train', 'pixelcnn', ...SMALL, ...MODEL, '--out', trained, '--json');
  expect(status).toBe(0);
  const [first, second, done] = lines();
  expect([first.epoch, second.epoch]).toEqual([1, 2]);
  expect(second.val.natsPerPixel).toBeLessThan(first.val.natsPerPixel);
  expect(first.val.natsPerPixel).toBeLessThan(Math.log(3)); // uniform
  expect(Object.keys(done.metrics)).toEqual(['natsPerPixel']);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sizeOf = (path: string) => readPng(readFileSync(path)).shape;

it('describe counts as systems.md 4.2 does', async () => {
  const { lines } = await trainer('describe', 'pixelcnn', '--json');
  expect(lines()[0]).toMatchObject({ model: 'pixelcnn', params: 307_460, liveParams: 222_340 });
  const bytes = await trainer('describe', 'pixelcnn', '--set', 'levels=256', '--json');
  expect(bytes.lines()[0].params).toBe(339_968);
  const plain = await trainer('describe', 'pixelcnn');
  expect(plain.printed.join('\n')).toContain('222340');
});

it('leaves sample grids of its epochs, samples and completions', () => {
  // Tiles of 8 x 8 with a gap of 1 on all sides, enlarged twice: 10 x 10 samples; 5 rows of 10 completions.
  for (const file of ['samples-epoch-0001.png', 'samples-epoch-0002.png', 'samples.png']) {
    expect(sizeOf(join(trained, file))).toEqual([182, 182, 1]);
  }
  expect(sizeOf(join(trained, 'completions.png'))).toEqual([92, 182, 1]);
  const report = readFileSync(join(trained, 'report.html'), 'utf8');
  expect(report).toContain('Completions');
  expect(report).toContain('natsPerPixel');
});

it('takes colours with the usual settings: 126 filters, of which each colour has its share', async () => {
  const file = join(folder, 'colours');
  mkdirSync(file);
  for (let i = 0; i < 12; i++) {
    const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, at) => (at * (i + 3) * 17) % 256);
    writeFileSync(join(file, `${i}.png`), writePng({ data, shape: [8, 8, 3] }));
  }
  const out = join(folder, 'colour-run');
  const argv = [
    'pixelcnn',
    '--data',
    file,
    '--set',
    'size=4',
    '--set',
    'blocks=0',
    '--epochs',
    '1',
    '--engine',
    'wasm',
  ];
  const { status, logged } = await trainer('train', ...argv, '--out', out, '--quiet');
  expect(logged).toEqual([]);
  expect(status).toBe(0);
  const run = new PixelCnn({ imageShape: [4, 4, 3], levels: 4, filters: 126, residualBlocks: 0 });
  expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')).params).toBe(run.countParams());
  run.dispose();
});

it('sample draws pictures, the same for one seed', async () => {
  const draw = async (seed: string, file: string) => {
    const out = join(folder, file);
    expect((await trainer('sample', trained, '--count', '4', '--seed', seed, '--out', out)).status).toBe(0);
    return readFileSync(out);
  };
  const first = await draw('1', 'a.png');
  expect(readPng(first).shape).toEqual([38, 38, 1]);
  expect(await draw('1', 'b.png')).toEqual(first);
  expect(await draw('2', 'c.png')).not.toEqual(first);
});

it('reconstruct keeps upper halves and draws the lower ones', async () => {
  const { status } = await trainer('reconstruct', trained, '--count', '10');
  expect(status).toBe(0);
  const { data, shape } = readPng(readFileSync(join(trained, 'reconstructions-test.png')));
  expect(shape).toEqual([38, 182, 1]);
  const row = (y: number) => Array.from(data.subarray(y * 182, (y + 1) * 182));
  const [originals, completed] = [2, 20]; // where the tiles begin
  for (let y = 0; y < 8; y++) expect(row(completed + y)).toEqual(row(originals + y));
  const lower = (from: number) => Array.from({ length: 8 }, (_, y) => row(from + 8 + y)).flat();
  expect(lower(completed)).not.toEqual(lower(originals));
});

it('eval gives what the run measured, and each image', async () => {
  const { lines } = await trainer('eval', trained, '--json', '--per-example');
  const all = lines();
  const { count, metrics } = all.pop();
  expect(count).toBe(60);
  const run = readFileSync(join(trained, 'metrics.jsonl'), 'utf8').trim().split('\n').at(-1)!;
  expect(metrics).toEqual(JSON.parse(run).metrics);
  const mean = all.reduce((sum, line) => sum + line.metrics.natsPerPixel, 0) / 60;
  expect(mean).toBeCloseTo(metrics.natsPerPixel, 6);
});

it("says in one line what a user's mistake is", async () => {
  const refused = await trainer('train', 'pixelcnn', ...SMALL, '--set', 'filters=7');
  expect(refused.status).toBe(2);
  expect(refused.logged[0]).toMatch(/filters must be a multiple of twice the channels, 2, got 7. Use 8/);
  const levels = await trainer('train', 'pixelcnn', ...SMALL, '--set', 'levels=1');
  expect(levels.status).toBe(2);
  expect(existsSync(join(folder, 'pixelcnn'))).toBe(false);
});

// Golden: torch 1.13, F.interpolate(torch.arange(784.) % 251, size, mode='bilinear', align_corners=False) of [1, 1, 28, 28], at
// places 0, 17, 100 and the last of 16 x 16; 0, 33, 500 and the last of 32 x 32.
it('brings images to another size as PyTorch does, exactly', async () => {
  await useEngine('wasm');
  tf.tidy(() => {
    const bytes = Float32Array.from({ length: 784 }, (_, i) => i % 251);
    const x = tf.tensor2d(
      bytes.map((byte) => byte / 255),
      [1, 784],
    );
    for (const [size, golden] of [
      [16, { 0: 10.875, 17: 61.625, 100: 60.875, 255: 19.125 }],
      [32, { 0: 0, 33: 23.5625, 500: 132.1875, 1023: 30 }],
    ] as const) {
      const resizer = new Resizer([28, 28, 1], [size, size]);
      const resized = resizer.apply(x);
      expect(resized.shape).toEqual([1, size, size, 1]);
      const values = resized.dataSync();
      for (const [place, value] of Object.entries(golden)) expect(values[Number(place)]).toBe(value);
      resizer.dispose();
    }
    const same = new Resizer([28, 28, 1], [28, 28]).apply(x);
    expect(Array.from(same.dataSync())).toEqual(Array.from(bytes));
    const colours = tf.tensor2d(
      [0, 100, 200, 10, 110, 210, 20, 120, 220, 30, 130, 230].map((v) => v / 255),
      [1, 12],
    );
    const one = new Resizer([2, 2, 3], [1, 1]);
    expect(Array.from(one.apply(colours).dataSync())).toEqual([15, 115, 215]); // the mean of four pixels, channel by channel
    one.dispose();
  });
});
