import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngine } from '@proj/backend';
import { plantedGraph, readPng } from '@proj/io';
import { Gae, graphTensors, Vgae } from '@proj/models';
import { averagePrecision, rocAuc } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'proj-graphs-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, json: () => printed.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

// systems.md 10.2, without data.
it.each([
  [['vgae'], 46_880],
  [['gae'], 46_368],
  [['vgae', '--set', 'features=100'], 100 * 32 + 2 * 32 * 16],
  [['gae', '--set', 'featureless=true', '--set', 'hidden=8', '--set', 'latent=4'], 2708 * 8 + 8 * 4],
])('describe %j prints %i parameters', async (argv, params) => {
  const { json, status } = await trainer('describe', ...argv, '--json');
  const [line] = json() as [{ params: number; layers: { params: number }[] }];
  expect(status).toBe(0);
  expect(line.params).toBe(params);
  expect(line.layers.reduce((sum, layer) => sum + layer.params, 0)).toBe(params);
});

interface Metrics {
  readonly metrics: Record<string, number>;
}

/** Pairs as keys i * 300 + j with i < j. */
const keyOf = (i: number, j: number) => 300 * Math.min(i, j) + Math.max(i, j);

// The smoke test of systems.md 10.6's last line: seconds, and an AUC that chance (0.5, with 270 pairs +- 0.035) does not reach.
describe.each([
  ['vgae', ['auc', 'ap', 'elbo', 'reconstruction', 'kl'], []],
  ['gae', ['auc', 'ap', 'logLikelihood'], []],
  ['vgae', ['auc', 'ap', 'elbo', 'reconstruction', 'kl'], ['--set', 'featureless=true', '--set', 'negatives=4']],
] as const)('%s on the planted graph', (model, names, settings) => {
  let out: string;

  beforeAll(async () => {
    out = join(folder, [model, ...settings].join('').replaceAll(/[^a-z]/g, ''));
    const { status, json } = await trainer(
      ...['train', model, ...settings, '--engine', 'wasm', '--epochs', '100', '--seed', '1', '--out', out, '--json'],
    );
    expect(status).toBe(0);
    const lines = json();
    const done = lines.at(-1) as unknown as Metrics;
    expect(lines).toHaveLength(101);
    expect(Object.keys(done.metrics)).toEqual(names);
    expect(done.metrics.auc).toBeGreaterThan(0.75);
    expect(done.metrics.ap).toBeGreaterThan(0.75);
  });

  it('has metrics, pictures, a report', () => {
    const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({
      shape: { nodes: 300, features: 60 },
      examples: { train: 1148, validation: 67, test: 135 },
    });
    for (const file of ['roc.png', 'latent-plane.png']) {
      expect(new Set(readPng(readFileSync(join(out, file))).data).size, file).toBeGreaterThan(10);
    }
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    expect(report).toContain('ROC curve of link prediction');
    expect(report).toContain('1 community 2');
  });

  it('eval scores every pair: the metrics follow from the rows', async () => {
    const { json } = await trainer('eval', out, '--per-example', '--json');
    const rows = json();
    const last = rows.pop() as unknown as Metrics & { count: number };
    const pairs = rows.map((row) => (row as unknown as Metrics).metrics);
    expect([last.count, pairs.length]).toEqual([135, 270]);
    const [scores, labels] = [pairs.map(({ score }) => score!), pairs.map(({ label }) => label!)];
    expect(last.metrics.auc).toBeCloseTo(rocAuc(scores, labels), 12);
    expect(last.metrics.ap).toBeCloseTo(averagePrecision(scores, labels), 12);
    const edges = new Set<number>();
    const planted = plantedGraph().edges;
    for (let e = 0; e < planted.length; e += 2) edges.add(keyOf(planted[e]!, planted[e + 1]!));
    for (const { from, to, label } of pairs) expect(edges.has(keyOf(from!, to!)) ? 1 : 0).toBe(label);

    const training = (await trainer('eval', out, '--split', 'train', '--json')).json()[0] as unknown as typeof last;
    expect(training.count).toBe(1148);
    expect(training.metrics.auc).toBeGreaterThan(last.metrics.auc! - 0.05);
  });

  it('sample gives the most probable links that were not trained on, the same for a seed', async () => {
    const sample = async (...options: string[]) => {
      const { json } = await trainer('sample', out, '--count', '50', '--json', ...options);
      const [line] = json() as unknown as [
        { count: number; samples: { from: number; to: number; probability: number }[] },
      ];
      expect([line.count, line.samples.length]).toEqual([50, 50]);
      return line.samples;
    };
    const drawn = await sample('--seed', '2');
    expect(drawn.map(({ probability }) => probability)).toEqual(
      drawn.map(({ probability }) => probability).sort((a, b) => b - a),
    );
    expect(await sample('--seed', '2')).toEqual(drawn);
    const still = await sample('--seed', '2', '--temperature', '0');
    expect(await sample('--seed', '3', '--temperature', '0')).toEqual(still);
    if (model === 'vgae') expect(drawn).not.toEqual(still);
    const labels = plantedGraph().labels!;
    const within = still.filter(({ from, to }) => labels[from] === labels[to]).length;
    expect(within).toBeGreaterThan(25); // of 50; by chance 8
  });

  it('reconstruct ranks the pairs of a part, as text lines too', async () => {
    const file = join(folder, 'pairs.jsonl');
    expect((await trainer('reconstruct', out, '--split', 'validation', '--count', '30', '--out', file)).status).toBe(0);
    const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
    const pairs = rows.map((row) => JSON.parse(row) as { probability: number; isEdge: boolean });
    expect(pairs).toHaveLength(30);
    for (let k = 1; k < 30; k++) expect(pairs[k]!.probability).toBeLessThanOrEqual(pairs[k - 1]!.probability);
    expect(pairs.filter(({ isEdge }) => isEdge).length).toBeGreaterThan(20); // of 134 half are edges
  });
});

// packages/models may not know the engines: here the kernels ProjSparseMatMul and ProjGaussianKl stand behind the model.
it.each([
  ['vgae', () => new Vgae({ features: 60 })],
  ['vgae with sampled negatives', () => new Vgae({ features: 60, negatives: 2 })],
  ['gae', () => new Gae({ features: 60 })],
])('%s: a step with the kernels of wasm is that of cpu', async (_, make) => {
  const steps = [];
  for (const engine of ['cpu', 'wasm'] as const) {
    await useEngine(engine);
    const [model, graph] = [make(), graphTensors(plantedGraph())];
    const weights = Object.values(model.weights);
    const { value, grads } = tf.variableGrads(() => model.loss(graph, 1), weights);
    const { kernelNames } = await tf.profile(() => model.loss(graph, 1));
    expect(kernelNames.includes('ProjSparseMatMul')).toBe(engine === 'wasm');
    steps.push([value.dataSync(), ...weights.map(({ name }) => grads[name]!.dataSync())]);
    tf.dispose([value, grads, graph]);
    model.dispose();
  }
  for (const [k, expected] of steps[0]!.entries()) {
    const size = Math.max(...expected.map(Math.abs));
    for (const [i, v] of expected.entries()) expect(Math.abs(steps[1]![k]![i]! - v)).toBeLessThan(2e-5 * size);
  }
});

it('a resumed run ends where an uninterrupted one does, split and negatives included', async () => {
  const [whole, halves] = [join(folder, 'whole'), join(folder, 'halves')];
  const options = [
    '--engine',
    'cpu',
    '--seed',
    '5',
    '--set',
    'split=3',
    '--set',
    'negatives=1',
    '--limit',
    '200',
    '--quiet',
  ];
  await trainer('train', 'vgae', ...options, '--epochs', '6', '--out', whole);
  await trainer('train', 'vgae', ...options, '--epochs', '3', '--out', halves);
  const config = join(halves, 'config.json');
  writeFileSync(config, readFileSync(config, 'utf8').replace('"epochs": 3', '"epochs": 6'));
  expect((await trainer('resume', halves)).status).toBe(0);
  const last = (run: string) => {
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    return (JSON.parse(lines.at(-1)!) as Metrics).metrics;
  };
  expect(last(halves)).toEqual(last(whole));
  expect(existsSync(join(halves, 'roc.png'))).toBe(true);
});

it('the user’s mistakes are told in a line', async () => {
  const small = join(folder, 'small.json');
  writeFileSync(small, JSON.stringify({ numNodes: 3, numFeatures: 1, edges: [[0, 1]], features: [[], [], []] }));
  for (const [argv, message] of [
    [['--data', 'mnist'], 'mnist: expected a graph, this is a set of kind images. Use planted-graph, cora.'],
    [['--set', 'features=1433'], "vgae: setting features must be 60 for planted-graph, got '1433'. Leave it out."],
    [['--data', small], `${small}: splitEdges: expected 20 edges at least`],
  ] as const) {
    const out = join(folder, `run${argv[1].length}`);
    const { status, logged } = await trainer('train', 'vgae', ...argv, '--quiet', '--out', out);
    expect(status).toBe(2);
    expect(existsSync(out), 'nothing is written').toBe(false);
    expect(logged[0]).toContain(message);
  }
});
