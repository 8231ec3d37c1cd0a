import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngine } from '@proj/backend';
import { uniform } from '@proj/distributions/random';
import { readPng, readSafetensors } from '@proj/io';
import { PixelCnnPlusPlus } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

const SIZE = ['size=8', 'numFilters=8', 'numLogisticMix=3', 'averageDecay=0.9'].flatMap((value) => ['--set', value]);
const SMALL = ['--engine', 'wasm', '--limit', '90', '--batch', '30', '--epochs', '4', '--seed', '3', ...SIZE];

let folder: string;
let trained: string;

async function trainer(...argv: string[]) {
  const { io, printed, logged, lastJson } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, lastJson };
}

const weightsOf = (path: string) => {
  const file = readFileSync(join(path, 'checkpoints', 'last', 'checkpoint.safetensors'));
  return readSafetensors(new Uint8Array(file)).tensors;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-pixelcnn-pp-'));
  trained = join(folder, 'run');
  const { status } = await trainer('train', 'pixelcnn-pp', ...SMALL, '--out', trained, '--json');
  expect(status).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('describe prints live taps, and what masked kernels would store', async () => {
  const { lastJson } = await trainer('describe', 'pixelcnn-pp', '--json');
  expect(lastJson()).toMatchObject({ params: 353_950, fullKernelParams: 624_990 });
  const { printed } = await trainer('describe', 'pixelcnn-pp');
  expect(printed.join('\n')).toMatch(/353,950[\s\S]*624,990/);
});

it('a run learns, measures bits per dimension with the averages, and leaves its pictures', () => {
  const lines = readFileSync(join(trained, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { val?: Record<string, number>; metrics?: object });
  const bits = events.slice(0, 4).map(({ val }) => val!.bitsPerDim!);
  expect(bits[3]).toBeLessThan(0.92 * bits[0]!); // 3.87 and 3.37
  expect(Object.keys(events.at(-1)!.metrics!)).toEqual(['bitsPerDim']);
  const samples = readPng(readFileSync(join(trained, 'samples.png')));
  expect(new Set(samples.data).size).toBeGreaterThan(20);
  expect(readPng(readFileSync(join(trained, 'completions.png'))).data.length).toBeGreaterThan(0);
  expect(readFileSync(join(trained, 'report.html'), 'utf8').match(/<img /g)!.length).toBeGreaterThanOrEqual(2);
});

it('sample draws the same picture for the same seed, reconstruct keeps upper halves', async () => {
  const picture = async (name: string, ...argv: string[]) => {
    const out = join(folder, `${name}.png`);
    expect((await trainer(...argv, '--out', out)).status).toBe(0);
    return readPng(readFileSync(out));
  };
  const draw = (name: string, seed: string) => picture(name, 'sample', trained, '--count', '4', '--seed', seed);
  const [one, again, other] = [await draw('one', '1'), await draw('again', '1'), await draw('other', '2')];
  expect([...again.data]).toEqual([...one.data]);
  expect([...other.data]).not.toEqual([...one.data]);
  // Originals of 8 rows, drawn twice as large, above their completions; the gap between tiles is one pixel, twice.
  const { data, shape } = await picture('halves', 'reconstruct', trained, '--count', '10');
  const [height, width] = shape;
  const row = (y: number) => [...data.subarray((y * data.length) / height, ((y + 1) * data.length) / height)];
  const completed = Array.from({ length: height }, (_, y) => y).filter((y) => y >= 18 && y < height);
  expect(width).toBeGreaterThan(100);
  const kept = completed.filter((y) => row(y).join() === row(y - 18).join());
  expect(kept.length).toBeGreaterThanOrEqual(8);
  expect(kept.length).toBeLessThan(16);
});

it('a stopped and resumed run ends in the very weights and averages of an uninterrupted one', async () => {
  const out = join(folder, 'stopped');
  const stop = new AbortController();
  const { io } = fakeIo(stop.signal);
  let epochs = 0;
  const counting = { ...io, print: () => void (++epochs === 2 && stop.abort('SIGINT')) };
  expect(await run(counting, ['train', 'pixelcnn-pp', ...SMALL, '--out', out, '--json'])).toBe(130);
  expect((await trainer('resume', out, '--quiet')).status).toBe(0);
  const [whole, resumed] = [weightsOf(trained), weightsOf(out)];
  expect(Object.keys(resumed)).toEqual(Object.keys(whole));
  expect(Object.keys(whole)).toContain('average/head/bias');
  for (const [name, { data }] of Object.entries(whole)) expect([...resumed[name]!.data], name).toEqual([...data]);
});

it.each([
  [['--set', 'size=9'], /multiples of 2 for 2 hierarchies, got 9 x 9\. .* 10 x 10/],
  [['--set', 'dropout=1'], /setting dropout must be at most 0\.99, got '1'/],
  [['--set', 'numfilters=3'], /Did you mean 'numFilters'/],
])('%j is the user’s mistake', async (argv, message) => {
  const { status, logged } = await trainer('train', 'pixelcnn-pp', ...argv, '--out', join(folder, 'never'));
  expect(status).toBe(2);
  expect(logged[0]).toMatch(message);
});

// Packages/models tests the gradient on cpu; wasm has the kernels for it from @proj/backend alone.
it('loss and gradients on wasm are those on cpu', async () => {
  const step = async (engine: 'cpu' | 'wasm') => {
    await useEngine(engine);
    const model = new PixelCnnPlusPlus({
      ...{ imageShape: [8, 8, 3], numResnet: 1, numHierarchies: 2, numFilters: 6, numLogisticMix: 2, averageDecay: 0 },
    });
    const images = tf.tensor(
      uniform(4 * 192, 1).map((u) => Math.floor(256 * u)),
      [4, 8, 8, 3],
    );
    const weights = Object.entries(model.weights);
    const { value, grads } = tf.variableGrads(
      () => model.loss(images, 5),
      weights.map(([, weight]) => weight),
    );
    const gradients = weights.map(([name, w]) => [name, [...grads[w.name]!.dataSync()]] as const);
    const loss = value.dataSync()[0]!;
    tf.dispose([value, grads, images]);
    model.dispose();
    return { loss, gradients };
  };
  const [cpu, wasm] = [await step('cpu'), await step('wasm')];
  expect(Math.abs(wasm.loss / cpu.loss - 1)).toBeLessThan(1e-5);
  cpu.gradients.forEach(([name, gradient], i) => {
    const scale = Math.max(...gradient.map(Math.abs));
    for (const [j, g] of gradient.entries()) {
      expect(Math.abs(wasm.gradients[i]![1][j]! - g), name).toBeLessThan(2e-4 * scale);
    }
  });
});
