import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPng, threeClusters } from '@proj/io';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;
let trained: string;
let lines: { event: string; loss: number; val: { logLikelihood: number }; metrics: { logLikelihood: number } }[];

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, json: () => printed.map((line) => JSON.parse(line) as Record<string, never>) };
}

const THREE = ['--engine', 'wasm', '--set', 'components=3', '--set', 'covariance=full'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-trainer-'));
  trained = join(folder, 'three');
  const { status, json } = await trainer('train', 'gmm', ...THREE, '--epochs', '12', '--out', trained, '--json');
  expect(status).toBe(0);
  lines = json() as unknown as typeof lines;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('an epoch is an iteration, which never lowers the bound', () => {
  expect(lines.map(({ event }) => event)).toEqual([...new Array(12).fill('epoch'), 'done']);
  const losses = lines.slice(0, 12).map(({ loss }) => loss);
  losses.slice(1).forEach((loss, i) => {
    expect(loss).toBeLessThanOrEqual(losses[i]! + 1e-12);
  });
  expect(Object.keys(lines[12]!.metrics)).toEqual(['logLikelihood']);
});

// The three clusters hardly overlap, so the entropy is that of the weights and of each Gaussian: -3.555 nats a point is the most that a
// model has on average. 5 standard errors of the test part's mean, 1.09 / sqrt(500) each.
it('reaches the likelihood of the clusters that made the points', () => {
  const entropy = threeClusters.reduce((sum, { weight, factor }) => {
    const [[a], [, b]] = factor as [[number], [number, number]];
    return sum + weight * (-Math.log(weight) + 1 + Math.log(2 * Math.PI) + Math.log(a * b));
  }, 0);
  expect(Math.abs(lines[12]!.metrics.logLikelihood + entropy)).toBeLessThan(5 * 0.049);
});

it('eval repeats the figure, and per example it has that mean', async () => {
  const { json } = await trainer('eval', trained, '--per-example', '--json');
  const all = json() as unknown as { metrics: { logLikelihood: number } }[];
  expect(all).toHaveLength(501);
  expect(all.at(-1)).toEqual({ model: 'gmm', split: 'test', count: 500, metrics: lines[12]!.metrics });
  const mean = all.slice(0, 500).reduce((sum, { metrics }) => sum + metrics.logLikelihood / 500, 0);
  expect(mean).toBeCloseTo(lines[12]!.metrics.logLikelihood, 6);
});

it('a resumed run ends as an uninterrupted one', async () => {
  const half = join(folder, 'half');
  await trainer('train', 'gmm', ...THREE, '--epochs', '5', '--out', half, '--quiet');
  const config = JSON.parse(readFileSync(join(half, 'config.json'), 'utf8')) as object;
  writeFileSync(join(half, 'config.json'), JSON.stringify({ ...config, epochs: 12 }));
  const { status, json } = await trainer('resume', half, '--json');
  expect(status).toBe(0);
  const done = json().at(-1) as unknown as { metrics: object };
  expect(done.metrics).toEqual(lines[12]!.metrics);
  const weights = (run: string) => readFileSync(join(run, 'checkpoints', 'best', 'checkpoint.safetensors'));
  const bestOf = (run: string) => weights(run).subarray(-4 * 21); // 3 weights, 6 of means, 12 of scales
  expect(bestOf(half)).toEqual(bestOf(trained));
});

it('draws points, near the clusters', async () => {
  const { json } = await trainer('sample', trained, '--count', '300', '--seed', '1', '--json');
  const [{ model, count, samples }] = json() as unknown as [{ model: string; count: number; samples: number[][] }];
  expect([model, count, samples.length]).toEqual(['gmm', 300, 300]);
  const mean = [0, 1].map((axis) => samples.reduce((sum, point) => sum + point[axis]! / 300, 0));
  const expected = [0, 1].map((axis) => threeClusters.reduce((sum, c) => sum + c.weight * c.mean[axis]!, 0));
  for (const axis of [0, 1]) expect(Math.abs(mean[axis]! - expected[axis]!)).toBeLessThan((5 * 3) / Math.sqrt(300));
  const cold = await trainer('sample', trained, '--count', '20', '--temperature', '0');
  expect(new Set(cold.printed).size).toBeLessThanOrEqual(3);
});

it('reconstruct gives each point its likeliest component', async () => {
  const { json } = await trainer('reconstruct', trained, '--count', '5', '--json');
  const [{ samples }] = json() as unknown as [{ samples: { point: number[]; probability: number; mean: number[] }[] }];
  expect(samples).toHaveLength(5);
  for (const { point, probability, mean } of samples) {
    expect(probability).toBeGreaterThan(1 / 3);
    expect(Math.hypot(point[0]! - mean[0]!, point[1]! - mean[1]!)).toBeLessThan(8);
  }
});

it('pictures: components with ellipses, the clusters, and the bound by iteration', () => {
  const colours = (file: string) => {
    const { data } = readPng(readFileSync(join(trained, file)));
    return new Set(Array.from({ length: data.length / 3 }, (_, i) => data.subarray(3 * i, 3 * i + 3).join(' ')));
  };
  for (const file of ['components.png', 'clusters.png']) {
    for (const rgb of ['68 119 170', '238 102 119', '34 136 51']) expect(colours(file)).toContain(rgb); // three classes
  }
  const report = readFileSync(join(trained, 'report.html'), 'utf8').replaceAll(/base64,[^"]+/g, '');
  expect(report).toMatch(/logLikelihood<\/strong> by epoch .*training.*validation/);
  expect(report).not.toContain('<strong>loss</strong>');
  expect(report).not.toContain('Adam');
  expect(report.match(/NaN|undefined/)).toBeNull();
});

it('takes a file of numbers, of any width', async () => {
  const path = join(folder, 'rows.csv');
  const rows = Array.from({ length: 200 }, (_, i) => [i % 2, (i % 7) / 7, i / 200].join(','));
  writeFileSync(path, `a,b,c\n${rows.join('\n')}`);
  const out = join(folder, 'rows');
  const { status, json } = await trainer(
    'train',
    'gmm',
    '--engine',
    'cpu',
    '--data',
    path,
    '--epochs',
    '3',
    '--out',
    out,
    '--json',
  );
  expect(status).toBe(0);
  expect(json().at(-1)).toMatchObject({ model: 'gmm', params: 2 + 6 + 6 });
  expect(readPng(readFileSync(join(out, 'components.png'))).shape[0]).toBe(640);
  const wrong = await trainer('eval', out, '--data', 'gaussian-clusters');
  expect(wrong.status).toBe(2);
  expect(wrong.logged[0]).toContain('this gmm takes points of 3 numbers, gaussian-clusters has 2 numbers.');
});

it('a run’s config.json trains again', async () => {
  const { status, json } = await trainer(
    'train',
    '--config',
    join(trained, 'config.json'),
    '--out',
    join(folder, 'again'),
    '--json',
  );
  expect(status).toBe(0);
  expect(json().at(-1)).toMatchObject({ metrics: lines.at(-1)!.metrics });
});

// Equal rows are cut by one hash: they lie in one part.
it('points that cannot be cut, or are fewer than the components, leave no run folder', async () => {
  const path = join(folder, 'equal.csv');
  writeFileSync(path, '1,2\n'.repeat(100));
  const out = join(folder, 'none');
  const empty = await trainer('train', 'gmm', '--data', path, '--out', out);
  expect(empty.status).toBe(2);
  expect(empty.logged[0]).toMatch(/equal\.csv: expected one of the points or more in each part, got (100|0) train/);
  const few = await trainer('train', 'gmm', '--limit', '3', '--set', 'components=4', '--out', out);
  expect(few.status).toBe(2);
  expect(few.logged[0]).toContain('setting components must be at most 3, the training points of gaussian-clusters');
  expect(existsSync(out)).toBe(false);
});

it.each([
  [
    ['train', 'gmm', '--data', 'digits'],
    'digits: expected points, this is a set of kind images. Use gaussian-clusters.',
  ],
  [
    ['train', 'gmm', '--set', 'covariance=diagonal'],
    "gmm: setting covariance must be one of diag, full, got 'diagonal'.",
  ],
  [['eval', 'THREE', '--noise', 'mask'], '--noise and --level are for models of images'],
])('%j is the user’s mistake', async (argv, message) => {
  const { status, logged } = await trainer(...argv.map((arg) => (arg === 'THREE' ? trained : arg)));
  expect(status).toBe(2);
  expect(logged[0]).toContain(message);
});
