import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngine } from '@proj/backend';
import { standardNormal } from '@proj/distributions';
import { plantedTopics, splitWords } from '@proj/io';
import { TopicGuidedVae } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;
let trained: string;
let epochs: { epoch: number; loss: number; val: Record<string, number> }[];
let metrics: Record<string, number>;

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, lines: () => printed.map((line) => JSON.parse(line)) };
}

const SIZES = ['units=16', 'embedding=8', 'topicUnits=16', 'latent=4', 'topics=3', 'reflections=2', 'warmup=20'];
const MODEL = [...SIZES.flatMap((set) => ['--set', set]), '--engine', 'wasm'];
const documents = plantedTopics({ count: 150, seed: 5, topics: 3 }).documents;
const corpus = () => join(folder, 'corpus.txt');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-topics-'));
  writeFileSync(corpus(), `${documents.join('\n')}\n`);
  trained = join(folder, 'run');
  const options = ['--data', corpus(), '--epochs', '4', '--batch', '16', '--learning-rate', '0.02'];
  const { status, lines, logged } = await trainer(
    'train',
    'tgvae',
    ...options,
    ...MODEL,
    '--out',
    trained,
    '--json',
    '--quiet',
  );
  expect(logged).toEqual([]);
  expect(status).toBe(0);
  epochs = lines().slice(0, -1);
  metrics = lines().at(-1).metrics;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Arithmetic: see the test of TopicGuidedVae.
it('describe says how many parameters there are', async () => {
  expect((await trainer('describe', 'tgvae', '--json')).lines()[0].params).toBe(2_530_226);
  const { lines } = await trainer('describe', 'tgvae', '--set', 'reflections=5', '--json');
  expect(lines()[0].params).toBe(2_530_226 + 33 * 32);
});

it('learns, and reports the bound in nats a document, its parts, perplexity and coherence', () => {
  const names = [
    'elbo',
    'kl',
    'klMonteCarlo',
    'npmi',
    'perplexity',
    'reconstruction',
    'topicKl',
    'topicReconstruction',
  ];
  expect(epochs).toHaveLength(4);
  for (const { val } of epochs) {
    expect(Object.keys(val).sort()).toEqual(names);
    expect(val.elbo).toBeCloseTo(val.reconstruction! - val.kl! + val.topicReconstruction! - val.topicKl!, 3);
    expect(val.elbo).toBeLessThan(0);
  }
  expect(epochs.at(-1)!.val.elbo).toBeGreaterThan(epochs[0]!.val.elbo! + 10);
  expect(epochs.at(-1)!.val.perplexity).toBeLessThan(0.7 * epochs[0]!.val.perplexity!);
  expect(metrics.npmi).toBeGreaterThan(0.2); // topics start as clusters
  expect(metrics.activeUnits).toBeLessThanOrEqual(4);
});

it('eval repeats the figures; per example, tokens make their perplexity', async () => {
  const { lines } = await trainer('eval', trained, '--per-example', '--json');
  const all = lines() as { metrics: Record<string, number> }[];
  expect(all.pop()!.metrics).toEqual(metrics);
  const sum = (of: (m: Record<string, number>) => number) => all.reduce((total, row) => total + of(row.metrics), 0);
  const nats = sum((m) => Math.log(m.perplexity!) * m.tokens!);
  expect(nats / sum((m) => m.tokens!)).toBeCloseTo(Math.log(metrics.perplexity!), 5);
  expect(sum((m) => m.elbo!) / all.length).toBeCloseTo(metrics.elbo!, 3);
});

it('leaves topics of each epoch and of the end, in the folder, the report and the terminal', async () => {
  const planted = plantedTopics({ count: 0, seed: 0, topics: 3 }).topics.flat();
  for (let epoch = 1; epoch <= 4; epoch++) {
    const lines = readFileSync(join(trained, `topics-epoch-000${epoch}.txt`), 'utf8').split('\n');
    expect(lines).toHaveLength(7); // two a topic, and the end
    const words = lines[0]!.replace('0: ', '').split(' ');
    expect(words).toHaveLength(10);
    expect(words.filter((word) => planted.includes(word)).length).toBeGreaterThan(6);
  }
  const report = readFileSync(join(trained, 'report.html'), 'utf8');
  expect(report).toContain(readFileSync(join(trained, 'topics.txt'), 'utf8').split('\n')[2]!);
  expect(report).toContain('<summary>after epoch 4</summary>');
  expect(readFileSync(join(trained, 'samples.txt'), 'utf8')).toMatch(
    /^topic 0: \w+ \w+ \w+\n {2}\w+.*\n {2}.*\n {2}.*\n/,
  );
  expect(readFileSync(join(trained, 'reconstructions.txt'), 'utf8')).toMatch(
    /\n {2}written from its code: .*\n {2}under its topics/,
  );
  expect(existsSync(join(trained, 'latent-plane.png'))).toBe(true);
  const once = [
    '--data',
    corpus(),
    '--epochs',
    '1',
    '--limit',
    '20',
    '--set',
    'start=random',
    '--out',
    join(folder, 'loud'),
  ];
  const { logged, status } = await trainer('train', 'tgvae', ...once, ...MODEL);
  expect(status).toBe(0);
  expect(logged.some((line) => /^0: (\w+ ){9}\w+\n {3}/.test(line))).toBe(true);
});

describe('sample', () => {
  const draw = async (...options: string[]) => {
    const { lines } = await trainer('sample', trained, '--json', '--count', '5', ...options);
    return lines()[0] as { count: number; samples: string[] };
  };

  it('draws the same for the same seed, and others under another topic or seed', async () => {
    const first = await draw('--topic', '1');
    expect(first).toMatchObject({ model: 'tgvae', count: 5 });
    expect(first.samples).toHaveLength(5);
    expect((await draw('--topic', '1')).samples).toEqual(first.samples);
    for (const other of [['--topic', '2'], ['--topic', '1', '--seed', '1'], []]) {
      expect((await draw(...other)).samples).not.toEqual(first.samples);
    }
    const known = new Set(documents.flatMap(splitWords));
    expect(first.samples.flatMap(splitWords).every((word) => known.has(word))).toBe(true); // never [UNK]
  });

  it('takes the cuts of all texts', async () => {
    const likeliest = await draw('--temperature', '0', '--topic', '0');
    expect((await draw('--top-k', '1', '--topic', '0')).samples).toEqual(likeliest.samples);
    for (const text of (await draw('--max-tokens', '4')).samples)
      expect(splitWords(text).length).toBeLessThanOrEqual(4);
  });
});

it('reconstruct shows documents, what is written from their codes, and their topics', async () => {
  const { lines } = await trainer('reconstruct', trained, '--count', '3', '--json');
  const { samples } = lines()[0] as { samples: Record<string, string | number>[] };
  expect(samples).toHaveLength(3);
  for (const sample of samples) {
    expect(Object.keys(sample)).toEqual(['document', 'reconstruction', 'topic', 'share', 'underItsTopics']);
    expect(documents).toContain(sample.document);
    expect(sample.share).toBeGreaterThan(1 / 3 - 1e-6);
    expect([0, 1, 2]).toContain(sample.topic);
  }
});

it.each<[string, () => string[], string | RegExp]>([
  [
    'a topic that is not there',
    () => ['sample', trained, '--topic', '3'],
    '--topic must be from 0 to 2, got 3. topics.txt of the run lists them.',
  ],
  [
    'an option of other texts',
    () => ['sample', trained, '--prompt', 'the'],
    /^--prompt is for lstm, gru; this run is of tgvae. Leave it out.$/,
  ],
  [
    'no word for topics',
    () => [
      'train',
      'tgvae',
      '--data',
      file('empty.txt', Array.from({ length: 40 }, (_, i) => `the and of ${i}`).join('\n')),
      '--engine',
      'wasm',
    ],
    /^topicWordIds: no word of \d+ documents is left for topics/,
  ],
  [
    'one word for topics, of which no pair can be coherent',
    () => [
      'train',
      'tgvae',
      '--data',
      file(
        'one-word.txt',
        Array.from({ length: 40 }, (_, i) => `the and ${i % 3 === 0 ? 'leek' : 'of'} ${i}`).join('\n'),
      ),
      '--engine',
      'wasm',
    ],
    'topics need two words or more, and "leek" alone is left: the others are stop words, or in over 0.5 of the documents. Give more documents, --set stopWords=none or a larger maxShare.',
  ],
])('%s is one clear line and exit 2', async (_, argv, message) => {
  const { status, logged } = await trainer(...argv());
  expect(status).toBe(2);
  const said = logged[0]!.replace(/^error: /, '');
  if (typeof message === 'string') expect(said).toBe(message);
  else expect(said).toMatch(message);
});

it('words that are not the run’s are one clear line and exit 2', async () => {
  const path = join(trained, 'topic-words.json');
  const own = readFileSync(path, 'utf8');
  writeFileSync(path, own.replace('[', '["extra",'));
  const { status, logged } = await trainer('sample', trained, '--count', '1');
  writeFileSync(path, own);
  expect(status).toBe(2);
  expect(logged[0]).toContain('topic-words.json');
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

// On plain wasm the gradient of the look-up has no kernel; with ours a step is the same on both engines.
it('loss, gradients and documents on wasm are those on cpu', async () => {
  const on = async (engine: 'cpu' | 'wasm') => {
    await useEngine(engine);
    const sizes = { vocabulary: 20, topicWords: 9, topics: 3, topicUnits: 5, latent: 6, units: 9, embedding: 7 };
    const model = new TopicGuidedVae({ ...sizes, warmup: 10 });
    const words = tf.tensor2d([2, 5, 3, 0, 7, 1, 14, 18, 4, 0, 0, 0], [3, 4], 'int32');
    const bag = tf.abs(standardNormal([3, 9], 1)) as tf.Tensor2D;
    const { value, grads } = tf.variableGrads(() => model.loss({ words, bag }, 3, 5), Object.values(model.weights));
    const gradients = Object.entries(model.weights).map(([name, w]) => [name, [...grads[w.name]!.dataSync()]] as const);
    const loss = value.dataSync()[0]!;
    const texts = await model.sample(3, 4, { topic: 1, maxTokens: 12 });
    tf.dispose([value, grads, words, bag]);
    model.dispose();
    return { loss, gradients, texts };
  };
  const [cpu, wasm] = [await on('cpu'), await on('wasm')];
  expect(Math.abs(wasm.loss / cpu.loss - 1)).toBeLessThan(1e-5);
  for (const [i, [name, gradient]] of cpu.gradients.entries()) {
    const scale = Math.max(...gradient.map(Math.abs));
    expect(scale, name).toBeGreaterThan(1e-5);
    for (const [j, slope] of gradient.entries()) {
      expect(Math.abs(wasm.gradients[i]![1][j]! - slope), name).toBeLessThan(2e-4 * scale);
    }
  }
  expect(wasm.texts).toEqual(cpu.texts);
});
