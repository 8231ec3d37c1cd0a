import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPng } from '@proj/io';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, json: () => printed.map((line) => JSON.parse(line) as Record<string, never>) };
}

const SMALL = ['--engine', 'wasm', '--limit', '200', '--batch', '50', '--epochs', '1', '--seed', '3'];
const DVAE = ['--set', 'latent=3', '--set', 'hidden=16'];

/** Trains into a folder of that name; the metrics of the last line. */
async function train(name: string, model: string, ...set: string[]): Promise<Record<string, number>> {
  const { status, json } = await trainer('train', model, ...SMALL, ...set, '--out', join(folder, name), '--json');
  expect(status).toBe(0);
  return (json().at(-1) as unknown as { metrics: Record<string, number> }).metrics;
}

async function evaluate(name: string, ...options: string[]): Promise<Record<string, number>> {
  const { json, status } = await trainer('eval', join(folder, name), ...options, '--json');
  expect(status).toBe(0);
  return (json().at(-1) as unknown as { metrics: Record<string, number> }).metrics;
}

let dvae: Record<string, number>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-trainer-'));
  dvae = await train('dvae', 'dvae', ...DVAE, '--set', 'level=0.3');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

// systems.md 7.2 and 8.2, interface.md.
it.each([
  [['dvae'], 385_084],
  [['categorical-vae'], 1_221_180],
  [['categorical-vae', '--set', 'variables=20'], 1_169_880],
])('describe %j prints %i parameters, the sum of its layers', async (argv, params) => {
  const { json } = await trainer('describe', ...argv, '--json');
  const [line] = json() as unknown as [{ params: number; layers: { params: number }[] }];
  expect(line.params).toBe(params);
  expect(line.layers.reduce((sum, layer) => sum + layer.params, 0)).toBe(params);
});

it('dvae measures its bounds and its denoising, and draws three rows', async () => {
  const names = ['elbo', 'reconstruction', 'kl', 'iwae', 'dvaeBound', 'mixtureBound', 'denoisingMse'];
  expect(Object.keys(dvae)).toEqual(expect.arrayContaining(names));
  expect(dvae.elbo).toBeCloseTo(dvae.reconstruction! - dvae.kl!, 3);
  expect(dvae.iwae).toBeGreaterThan(dvae.elbo!);
  const { shape } = readPng(readFileSync(join(folder, 'dvae', 'denoising.png')));
  expect(shape[0]).toBe(2 * (6 * 28 + 7)); // twenty images in three versions: six rows of tiles and gaps, doubled
  const report = readFileSync(join(folder, 'dvae', 'report.html'), 'utf8');
  expect(report).toContain('with salt-pepper noise of 0.3');
});

it('eval gives a dvae its denoising at the level of its training, or at another', async () => {
  expect(await evaluate('dvae')).toEqual(dvae);
  expect(await evaluate('dvae', '--noise', 'salt-pepper', '--level', '0.3')).toEqual(dvae);
  const { denoisingMse, ...rest } = await evaluate('dvae', '--noise', 'mask', '--level', '0.9');
  expect({ ...rest, denoisingMse: dvae.denoisingMse }).toEqual(dvae);
  expect(denoisingMse).not.toBe(dvae.denoisingMse);
});

it('eval --noise measures denoising of any model of images, on the same noise', async () => {
  await train('vae', 'vae', ...DVAE);
  expect(await evaluate('vae')).not.toHaveProperty('denoisingMse');
  const [none, some] = [await evaluate('vae', '--level', '0'), await evaluate('vae', '--level', '0.5')];
  expect(some.denoisingMse).toBeGreaterThan(none.denoisingMse!);
  expect(await evaluate('vae', '--noise', 'salt-pepper')).toEqual(await evaluate('vae', '--level', '0.05'));
  // A Vae is a dvae without noise, with the network and the seed of this one: same weights, same figures.
  await train('plain', 'dvae', ...DVAE, '--set', 'level=0', '--set', 'layers=1', '--set', 'activation=tanh');
  const noise = ['--noise', 'gaussian', '--level', '0.5'];
  expect((await evaluate('plain', ...noise)).denoisingMse).toBe((await evaluate('vae', ...noise)).denoisingMse);
  const lines = (await trainer('eval', join(folder, 'vae'), ...noise, '--per-example', '--json')).json();
  const each = lines.slice(0, -1) as unknown as { metrics: { denoisingMse: number } }[];
  const mean = each.reduce((sum, { metrics }) => sum + metrics.denoisingMse / each.length, 0);
  expect(mean).toBeCloseTo((await evaluate('vae', ...noise)).denoisingMse!, 6);
});

it('categorical-vae trains, and judges itself by one-hot samples', async () => {
  const metrics = await train('categorical', 'categorical-vae', '--set', 'variables=4', '--set', 'classes=3');
  expect(Object.keys(metrics)).toEqual(['elbo', 'reconstruction', 'kl', 'iwae']);
  expect(metrics.elbo).toBeCloseTo(metrics.reconstruction! - metrics.kl!, 3);
  expect(metrics.iwae).toBeGreaterThan(metrics.elbo! - 0.01);
  expect(metrics.kl).toBeLessThan(4 * Math.log(3));
  expect(await evaluate('categorical')).toEqual(metrics);
  const png = async (seed: string, temperature: string) => {
    const out = join(folder, 'samples.png');
    await trainer('sample', join(folder, 'categorical'), '--seed', seed, '--temperature', temperature, '--out', out);
    return readFileSync(out).toString('base64');
  };
  const first = await png('1', '1');
  expect(await png('1', '0.5')).toBe(first); // a uniform prior has no temperature
  expect(await png('2', '1')).not.toBe(first);
});

it.each(['straight-through', 'score-function'])('categorical-vae learns by %s too', async (estimator) => {
  const set = ['--set', 'variables=2', '--set', 'classes=2', '--set', `estimator=${estimator}`];
  const { elbo } = await train(estimator, 'categorical-vae', ...set);
  expect(Number.isFinite(elbo)).toBe(true);
  const { notes } = JSON.parse(readFileSync(join(folder, estimator, 'config.json'), 'utf8')) as { notes: string[] };
  expect(notes.join(' ')).toContain(`estimator ${estimator}`);
});

it.each([
  [['eval', 'dvae', '--noise', 'salt'], 'Allowed choices are salt-pepper, mask, gaussian.'],
  [['eval', 'dvae', '--level', '-1'], 'Expected a number of at least 0.'],
  [['eval', 'dvae', '--level', '2'], '--level of salt-pepper noise is a probability, at most 1, got 2.'],
  [
    ['train', 'dvae', '--set', 'level=1.5'],
    "dvae: setting level is not right: it is a probability, at most 1, got '1.5'.",
  ],
  [
    ['train', 'dvae', '--set', 'noise=salt'],
    "dvae: setting noise must be one of salt-pepper, mask, gaussian, got 'salt'.",
  ],
  [['train', 'categorical-vae', '--set', 'temperature=0'], 'categorical-vae: setting temperature must be more than 0'],
])('%j is the user’s mistake', async ([command, what, ...options], message) => {
  const target = command === 'eval' ? join(folder, what!) : what!;
  const { status, logged } = await trainer(command!, target, ...options);
  expect(status).toBe(2);
  expect(logged[0]).toContain(message);
});
