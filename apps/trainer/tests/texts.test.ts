import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;
let trained: string;
let corpus: string;
let epochs: { epoch: number; loss: number; val: Record<string, number> }[];
let metrics: Record<string, number>;

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, lines: () => printed.map((line) => JSON.parse(line)) };
}

const MODEL = ['--set', 'embedding=8', '--set', 'units=16', '--set', 'length=30', '--engine', 'wasm'];
const FOODS = ['leek', 'squash', 'beet', 'kale', 'plum', 'rice', 'corn', 'fig', 'pear', 'bean', 'yam'];
const SAUCES = ['cream', 'butter', 'stock', 'oil', 'wine', 'milk', 'yogurt', 'water', 'cider'];
/** 99 lines of 16 to 20 words and marks, all different. */
const LINES = FOODS.flatMap((food, i) =>
  SAUCES.map(
    (sauce, j) =>
      `Recipe for ${food} | Chop the ${food}, boil it in ${sauce}${(i + j) % 3 ? '' : ' for 10 minutes'}. Serve hot.`,
  ),
);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-texts-'));
  corpus = join(folder, 'corpus.txt');
  writeFileSync(corpus, `${LINES.join('\n')}\n`);
  trained = join(folder, 'run');
  const options = ['--data', corpus, '--epochs', '6', '--batch', '8', '--learning-rate', '0.02', '--clip-norm', '1'];
  const { status, lines, logged } = await trainer(
    'train',
    'lstm',
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

// Golden: systems.md 3.2.
it.each([
  [['lstm'], 2_407_248],
  [['lstm', '--set', 'layers=2'], 2_538_832],
  [['gru'], 2_377_936],
  [['gru', '--set', 'reset=after'], 2_378_320],
])('describe %j: %i parameters', async (model, params) => {
  const { lines } = await trainer('describe', ...model, '--json');
  expect(lines()[0].params).toBe(params);
});

it('learns, and reports nats a token with padding masked, and the book’s way', () => {
  const words = new Set(LINES.flatMap((line) => line.toLowerCase().match(/[a-z0-9]+|[.,|]/g)!));
  expect(epochs).toHaveLength(6);
  for (const { val } of epochs) {
    expect(Object.keys(val)).toEqual(['nll', 'perplexity', 'paddedNll', 'paddedPerplexity']);
    expect(val.perplexity).toBeCloseTo(Math.exp(val.nll!), 6);
  }
  expect(epochs[0]!.val.nll).toBeLessThan(Math.log(words.size + 2)); // all words equally likely
  expect(epochs.at(-1)!.val.nll).toBeLessThan(0.6 * epochs[0]!.val.nll!);
});

it('eval repeats the figures; per example, tokens make their mean', async () => {
  const { lines } = await trainer('eval', trained, '--per-example', '--json');
  const all = lines() as { metrics: Record<string, number> }[];
  const { metrics: again } = all.pop()!;
  expect(again).toEqual(metrics);
  const sum = (of: (m: Record<string, number>) => number) => all.reduce((total, row) => total + of(row.metrics), 0);
  const tokens = sum((m) => m.tokens!);
  expect(sum((m) => m.nll! * m.tokens!) / tokens).toBeCloseTo(metrics.nll!, 5);
  expect(sum((m) => m.nll! * m.tokens!) / (30 * all.length)).toBeCloseTo(metrics.paddedNll!, 5);
  // 16 words and marks after the first and a stop, or with " for 10 minutes" three more.
  for (const row of all) expect([16, 19]).toContain(row.metrics.tokens);
});

it('leaves text of each epoch and of the end, in the folder, the report and the terminal', async () => {
  for (let epoch = 1; epoch <= 6; epoch++) {
    const text = readFileSync(join(trained, `samples-epoch-000${epoch}.txt`), 'utf8');
    expect(text).toMatch(/^temperature 1:\n {2}recipe for.*\ntemperature 0.2:\n {2}recipe for.*\n$/);
  }
  const report = readFileSync(join(trained, 'report.html'), 'utf8');
  expect(report).toContain(readFileSync(join(trained, 'samples.txt'), 'utf8').split('\n')[1]!);
  expect(report).toContain('after epoch 6');
  expect(readFileSync(join(trained, 'continuations.txt'), 'utf8')).toMatch(/^given: recipe for \w+ \| chop/);
  const out = join(folder, 'loud');
  const once = ['--data', corpus, '--epochs', '1', '--limit', '20'];
  const { logged, status } = await trainer('train', 'gru', ...once, ...MODEL, '--set', 'layers=2', '--out', out);
  expect(status).toBe(0);
  expect(logged.some((line) => line.startsWith('temperature 1:\n  '))).toBe(true);
});

describe('sample', () => {
  it('draws the same for the same seed, other texts for another, one text at temperature 0', async () => {
    const draw = async (...options: string[]) => {
      const { lines } = await trainer('sample', trained, '--json', '--count', '3', ...options);
      return lines()[0] as { count: number; samples: string[] };
    };
    const first = await draw();
    expect(first).toMatchObject({ model: 'lstm', count: 3 });
    expect(first.samples).toHaveLength(3);
    expect(new Set(first.samples).size).toBeGreaterThan(1);
    for (const text of first.samples) expect(text).toMatch(/^recipe for /);
    expect((await draw()).samples).toEqual(first.samples);
    expect((await draw('--seed', '1')).samples).not.toEqual(first.samples);
    const likeliest = await draw('--temperature', '0', '--seed', '1');
    expect(new Set(likeliest.samples).size).toBe(1);
    expect((await draw('--top-k', '1')).samples).toEqual(likeliest.samples);
    expect((await draw('--top-p', '1e-9')).samples).toEqual(likeliest.samples);
    const short = await draw('--prompt', 'Recipe for YAM | chop', '--max-tokens', '6');
    for (const text of short.samples) expect(text).toMatch(/^recipe for yam \| chop \w+$/);
  });

  it('--top shows the likeliest words of every step: figure 5-10', async () => {
    const options = ['--top', '4', '--count', '2', '--max-tokens', '60', '--json'];
    const { lines, logged } = await trainer('sample', trained, '--prompt', 'recipe for corn |', ...options);
    expect(logged).toEqual([]);
    const { samples } = lines()[0];
    expect(samples).toHaveLength(2);
    for (const { prompt, text, stopped, steps } of samples) {
      expect(prompt).toBe('recipe for corn |');
      expect(stopped).toBe(true);
      expect(steps.at(-1).word).toBe('[STOP]');
      expect(text.startsWith(`${prompt} ${steps[0].word}`)).toBe(true);
      for (const { word, probability, top } of steps) {
        expect(top).toHaveLength(4);
        const probabilities = top.map((next: { probability: number }) => next.probability);
        expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
        expect(probabilities.reduce((a: number, b: number) => a + b)).toBeLessThan(1 + 1e-6);
        const shown = top.find((next: { word: string }) => next.word === word);
        if (shown) expect(shown.probability).toBe(probability);
        else expect(probability).toBeLessThanOrEqual(probabilities[3]);
        expect(top.map((next: { word: string }) => next.word)).not.toContain('[UNK]');
      }
    }
    // After the title, "chop" in every text.
    expect(samples[0].steps[0].top[0].word).toBe('chop');
    expect(samples[0].steps[0].top[0].probability).toBeGreaterThan(0.5);
  });

  it('says which words of the prompt the model does not know', async () => {
    const { printed, logged, status } = await trainer(
      'sample',
      trained,
      '--prompt',
      'recette pour rice',
      '--count',
      '1',
    );
    expect(status).toBe(0);
    expect(logged).toEqual([
      expect.stringMatching(/^the model does not know 'recette', 'pour' of the prompt: it sees \[UNK\]/),
    ]);
    expect(printed[0]).toMatch(/^recette pour rice/);
  });

  it('begins as a training text does where "recipe for" is not known', async () => {
    const file = join(folder, 'verse.txt');
    writeFileSync(file, Array.from({ length: 30 }, (_, i) => `shall i number ${i} compare thee`).join('\n'));
    const out = join(folder, 'verse');
    await trainer('train', 'lstm', '--data', file, '--epochs', '1', ...MODEL, '--out', out, '--quiet');
    const { printed } = await trainer('sample', out, '--count', '2');
    for (const text of printed) expect(text).toMatch(/^shall i/);
  });

  it.each([
    [['--prompt', ' '], "--prompt must have a word, got ' '"],
    [
      ['--prompt', 'recipe for kale, and', '--max-tokens', '5'],
      '--max-tokens must be more than the 5 words and marks of the prompt, got 5',
    ],
    [['--topic', '1'], '--topic is for '],
    [['--top-p', '1.5'], 'Expected a number above 0 and at most 1.'],
  ])('refuses %j', async (options, message) => {
    const { status, logged } = await trainer('sample', trained, ...options);
    expect(status).toBe(2);
    expect(logged.join('\n')).toContain(message);
  });
});

it('reconstruct goes on from the first words of test texts', async () => {
  const { lines } = await trainer('reconstruct', trained, '--count', '2', '--json');
  const { samples, count } = lines()[0];
  expect(count).toBe(2);
  expect(samples).toHaveLength(2);
  for (const { prompt, original, continuation } of samples) {
    expect(LINES.map((line) => line.toLowerCase())).toContain(original);
    expect(original.startsWith(prompt)).toBe(true);
    expect(continuation.startsWith(prompt)).toBe(true);
    expect(continuation.length).toBeGreaterThan(prompt.length);
  }
});

describe('bad input is one line and exit status 2', () => {
  it.each<[string, Uint8Array, string]>([
    ['bytes that are not UTF-8', Uint8Array.of(97, 0xff, 10), 'UTF-8'],
    ['nothing but blanks', new TextEncoder().encode(' \n\n '), 'nothing but blanks'],
    ['a list of other things', new TextEncoder().encode('[1, 2]'), 'recipe'],
  ])('%s', async (name, bytes, message) => {
    const file = join(folder, `${name.replaceAll(' ', '-')}${name.startsWith('a list') ? '.json' : '.txt'}`);
    writeFileSync(file, bytes);
    const { status, logged } = await trainer('train', 'lstm', '--data', file, '--out', join(folder, 'never'));
    expect(status).toBe(2);
    expect(logged.filter((line) => line.startsWith('error:'))).toHaveLength(1);
    expect(logged[0]).toContain(message);
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  it('a vocabulary that is not the checkpoint’s', async () => {
    const file = join(trained, 'vocabulary.json');
    const own = readFileSync(file, 'utf8');
    try {
      writeFileSync(file, own.replace('"leek"', '"leeks"'));
      const config = readFileSync(join(trained, 'config.json'), 'utf8');
      for (const command of [['sample'], ['resume', '--epochs', '9']]) {
        const { status, logged } = await trainer(command[0]!, trained, ...command.slice(1));
        expect(status).toBe(2);
        expect(logged[0]).toContain('does not match the checkpoint');
      }
      expect(readFileSync(join(trained, 'config.json'), 'utf8')).toBe(config);
    } finally {
      writeFileSync(file, own);
    }
  });
});
