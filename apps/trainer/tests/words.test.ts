import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngine } from '@proj/backend';
import { uniform } from '@proj/distributions/random';
import { CharacterVocabulary } from '@proj/io';
import { WordVae, type WordVaeConfig } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;
let data: string;
let trained: string;
let done: { metrics: Record<string, number>; params: number };

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, lines: () => printed.map((line) => JSON.parse(line)) };
}

/** One to four syllables of ten each; common ones more often. */
function syllables(count: number): string[] {
  const draws = uniform(5 * count, 1);
  const parts = ['ka', 'to', 'mi', 'ren', 'sa', 'lu', 'ne', 'bor', 'vi', 'du'];
  return Array.from({ length: count }, (_, i) => {
    const [length, ...rest] = draws.subarray(5 * i, 5 * i + 5);
    return Array.from(rest.slice(0, 1 + Math.floor(4 * length!)), (u) => parts[Math.floor(10 * u ** 1.5)]).join('');
  });
}

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-words-'));
  data = write('words.txt', syllables(1500).join('\n'));
  trained = join(folder, 'run');
  const settings = [
    '--set',
    'units=24',
    '--set',
    'latent=4',
    '--set',
    'beta=0.3',
    '--set',
    'warmup=0',
    '--learning-rate',
    '0.02',
  ];
  const { status, lines } = await trainer(
    ...['train', 'word-vae', '--data', data, '--engine', 'wasm', '--epochs', '6', '--out', trained, '--json'],
    ...settings,
  );
  expect(status).toBe(0);
  const all = lines();
  expect(all.map(({ event }) => event)).toEqual([...new Array(6).fill('epoch'), 'done']);
  expect(Object.keys(all[0].val)).toEqual(['elbo', 'reconstruction', 'kl', 'reconstructionRate']);
  done = all[6];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  [[], 46_089],
  [['--set', 'config=small'], 7443],
  [['--set', 'config=small', '--set', 'reset=before'], 7323],
  [['--set', 'reset=before'], 45_705],
])('describe word-vae %o: %i parameters', async (settings, params) => {
  const { lines } = await trainer('describe', 'word-vae', ...settings, '--json');
  const [{ model, params: told, layers }] = lines();
  expect([model, told]).toEqual(['word-vae', params]);
  expect(layers.reduce((sum: number, layer: { params: number }) => sum + layer.params, 0)).toBe(params);
});

it('measures bound, reconstructions, baselines and draws; the bound beats letters drawn alike', () => {
  expect(Object.keys(done.metrics)).toEqual([
    ...['elbo', 'reconstruction', 'kl', 'reconstructionRate', 'iwae', 'nllPerChar', 'activeUnits'],
    ...['bigramNllPerChar', 'trigramNllPerChar', 'novelRate', 'duplicateRate', 'sampleNllPerChar'],
  ]);
  const { elbo, reconstruction, kl, iwae, nllPerChar, trigramNllPerChar, bigramNllPerChar } = done.metrics;
  expect(elbo).toBeCloseTo(reconstruction! - kl!, 4);
  expect(iwae).toBeGreaterThan(elbo!);
  expect(nllPerChar).toBeLessThan(Math.log(18)); // 17 letters and the end
  expect(trigramNllPerChar).toBeLessThan(bigramNllPerChar!);
  for (const rate of ['reconstructionRate', 'novelRate', 'duplicateRate']) {
    expect(done.metrics[rate]).toBeGreaterThanOrEqual(0);
    expect(done.metrics[rate]).toBeLessThanOrEqual(1);
  }
});

it('eval repeats the figures; per example they are those of its words', async () => {
  const { lines } = await trainer('eval', trained, '--per-example', '--json');
  const all = lines();
  const { model, split, count, metrics } = all.pop();
  expect([model, split]).toEqual(['word-vae', 'test']);
  expect(metrics).toEqual(done.metrics);
  expect(all).toHaveLength(count);
  const mean = (name: string) => all.reduce((sum, own) => sum + own.metrics[name] / count, 0);
  expect(mean('iwae')).toBeCloseTo(metrics.iwae, 4);
  // Each word's own bound over its own symbols; the mean of those is another figure than sums over sums.
  const symbols = all.map((own) => -own.metrics.iwae / own.metrics.nllPerChar);
  for (const n of symbols) expect(Math.abs(n - Math.round(n))).toBeLessThan(1e-3);
  expect((-metrics.iwae * count) / symbols.reduce((a, b) => a + b)).toBeCloseTo(metrics.nllPerChar, 4);
});

it('eval takes other words of the alphabet, longer ones too', async () => {
  const other = write('other.txt', `${syllables(40).join(' ')} kamirentosakamirentosa Zed9`);
  const { status, lines } = await trainer('eval', trained, '--data', other, '--split', 'train', '--json');
  expect(status).toBe(0);
  expect(lines()[0].metrics.iwae).toBeLessThan(0);
});

it('leaves words after each epoch, and samples, reconstructions and interpolations in the report', () => {
  for (const epoch of [1, 6]) {
    const lines = readFileSync(join(trained, `words-epoch-000${epoch}.txt`), 'utf8').split('\n');
    expect(lines[0]).toMatch(/^drawn: /);
    expect(lines[1]).toMatch(/^reconstructed: \w+/);
    expect(lines[2]).toMatch(/^from \w+ to \w+: /);
  }
  const report = readFileSync(join(trained, 'report.html'), 'utf8');
  for (const title of ['after epoch 6', 'Samples', 'Reconstructions', 'Interpolations']) {
    expect(report).toContain(title);
  }
});

it('prints the words after an epoch', async () => {
  const { logged } = await trainer(
    ...['train', 'word-vae', '--data', data, '--limit', '80', '--epochs', '1', '--out', join(folder, 'loud')],
    ...['--engine', 'wasm', '--set', 'config=small'],
  );
  expect(logged.join('\n')).toMatch(/^drawn: .*\nreconstructed: .*\nfrom \w+ to \w+: /m);
});

it('samples words, the same for the same seed, cold ones from few letters', async () => {
  const words = async (...options: string[]): Promise<string[]> => {
    const { lines } = await trainer('sample', trained, '--count', '60', '--json', ...options);
    expect(lines()[0]).toMatchObject({ model: 'word-vae', count: 60 });
    return lines()[0].samples;
  };
  const drawn = await words('--seed', '1');
  expect(drawn).toHaveLength(60);
  for (const word of drawn) expect(word).toMatch(/^[a-zA-Z0-9]{0,16}$/);
  expect(await words('--seed', '1')).toEqual(drawn);
  expect(await words('--seed', '2')).not.toEqual(drawn);
  const different = (all: string[]) => new Set(all).size;
  expect(different(await words('--seed', '1', '--temperature', '0'))).toBeLessThan(different(drawn));
});

it('walks between two words, their reconstructions at the ends', async () => {
  const between = async (...options: string[]): Promise<string[]> =>
    (await trainer('sample', trained, '--between', 'kato,miren', '--json', ...options)).lines()[0].samples;
  const pairFile = write('pair.txt', 'kato kato kato miren');
  const { lines } = await trainer('reconstruct', trained, '--data', pairFile, '--split', 'train', '--json');
  const spelt = new Map(
    lines()[0].samples.map((s: { word: string; reconstruction: string }) => [s.word, s.reconstruction]),
  );
  const path = await between();
  expect(path).toHaveLength(10);
  expect(await between('--count', '3')).toHaveLength(3);
  for (const [word, place] of [
    ['kato', 0],
    ['miren', 9],
  ] as const) {
    if (spelt.has(word)) expect(path[place]).toBe(spelt.get(word)); // the cut is by a hash: one of them may be held out
  }
  expect(spelt.size).toBeGreaterThan(0);
  expect(new Set(path).size).toBeGreaterThan(1);
});

it('reconstructs words of a part', async () => {
  const { lines } = await trainer('reconstruct', trained, '--count', '25', '--json');
  const [{ count, samples }] = lines();
  expect(count).toBe(25);
  for (const { word, reconstruction, isExact } of samples) expect(isExact).toBe(word === reconstruction);
});

it('goes on after an interruption as if there had been none', async () => {
  const options = ['--data', data, '--limit', '200', '--engine', 'wasm', '--set', 'config=small', '--set', 'warmup=4'];
  const [whole, half] = [join(folder, 'whole'), join(folder, 'half')];
  const one = await trainer('train', 'word-vae', ...options, '--epochs', '4', '--out', whole, '--json');
  await trainer('train', 'word-vae', ...options, '--epochs', '2', '--out', half, '--quiet');
  const config = JSON.parse(readFileSync(join(half, 'config.json'), 'utf8')) as object;
  writeFileSync(join(half, 'config.json'), JSON.stringify({ ...config, epochs: 4 }));
  const two = await trainer('resume', half, '--json');
  expect(two.lines().at(-1).metrics).toEqual(one.lines().at(-1).metrics);
});

it('takes an alphabet, which stays with the run', async () => {
  const greek = write('greek.txt', 'αβ βα αβγ γγ α β γ αγ γα βγ γβ αβγα');
  const out = join(folder, 'greek');
  const alphabet = ['--set', 'alphabet=αβγ', '--engine', 'wasm'];
  const { status } = await trainer(
    'train',
    'word-vae',
    '--data',
    greek,
    ...alphabet,
    '--epochs',
    '1',
    '--out',
    out,
    '--quiet',
  );
  expect(status).toBe(0);
  const vocabulary = JSON.parse(readFileSync(join(out, 'vocabulary.json'), 'utf8'));
  expect(CharacterVocabulary.fromJSON(vocabulary, '').alphabet).toBe('αβγ');
  for (const word of (await trainer('sample', out, '--json')).lines()[0].samples) expect(word).toMatch(/^[αβγ]*$/);

  writeFileSync(join(out, 'vocabulary.json'), JSON.stringify(new CharacterVocabulary('αβδ')));
  const { status: changed, logged } = await trainer('sample', out);
  expect(changed).toBe(2);
  expect(logged[0]).toMatch(/vocabulary\.json/);
});

it.each([
  [
    'a letter outside the alphabet',
    `${syllables(60).join(' ')} zoë`,
    [],
    /"zoë": expected letters of a-z, A-Z, 0-9, got "ë"/,
  ],
  ['invalid UTF-8', Uint8Array.of(97, 0xff, 98), [], /UTF-8/],
  ['an empty corpus', ' \n ', [], /nothing but blanks/],
  ['nothing but punctuation', '. , !', [], /expected words/],
  ['an alphabet with a letter twice', 'anna', ['--set', 'alphabet=anna'], /alphabet .*a letter stands in it twice/],
] as [string, string | Uint8Array, string[], RegExp][])(
  '%s is one line, exit 2',
  async (name, content, options, message) => {
    const path = write(`${name.replaceAll(' ', '-')}.txt`, content);
    const { status, logged, printed } = await trainer(
      'train',
      'word-vae',
      '--data',
      path,
      ...options,
      '--out',
      join(folder, 'x'),
    );
    expect(status).toBe(2);
    expect(printed).toEqual([]);
    expect(logged[0]).toMatch(message);
    expect(logged[0]).not.toContain('\n');
  },
);

it('says which letter of --between it does not know, and that others do not walk between words', async () => {
  const { status, logged } = await trainer('sample', trained, '--between', 'anna,zoë');
  const short = await trainer('sample', trained, '--between', 'kato,miren', '--count', '1');
  expect(short.status).toBe(2);
  expect(short.logged[0]).toContain('--count must be 2 or more with --between, got 1');
  expect([status, logged[0]]).toEqual([2, expect.stringContaining('got "ë"')]);
  const prompt = await trainer('sample', trained, '--prompt', 'an');
  expect([prompt.status, prompt.logged[0]]).toEqual([2, expect.stringContaining('--prompt is for')]);
});

// The kernels of @proj/backend against plain operations of the CPU engine; tfjs's own wasm: packages/models.
it.each<WordVaeConfig>([{}, { reset: 'before' }, { config: 'small' }, { config: 'small', reset: 'before' }])(
  'on fused kernels %o has the loss, gradients, bounds and words of plain ones',
  async (config) => {
    const everything = async (engine: 'cpu' | 'wasm') => {
      if (engine === 'wasm') await useEngine('wasm');
      else await tf.setBackend('cpu');
      const model = new WordVae({ letters: 4, units: 7, latent: 3, embedding: 5, length: 6, seed: 2, ...config });
      const x = tf.tensor2d([0, 1, 2, 5, 6, 6, 3, 3, 5, 6, 6, 6, 5, 6, 6, 6, 6, 6], [3, 6], 'int32');
      const weights = Object.values(model.weights);
      const { value, grads } = tf.variableGrads(() => model.loss(x, 3, 500), weights);
      const numbers = [
        ...value.dataSync(),
        ...weights.flatMap((weight) => Array.from(grads[weight.name]!.dataSync())),
        ...model.iwae(x, 4, 1).dataSync(),
        ...model.reconstructed(x).dataSync(),
      ];
      const drawn = (await model.sample(9, 1)).arraySync();
      model.dispose();
      return { numbers, drawn };
    };
    const [cpu, wasm] = [await everything('cpu'), await everything('wasm')];
    expect(wasm.numbers.length).toBe(cpu.numbers.length);
    wasm.numbers.forEach((x, i) => {
      expect(Math.abs(x - cpu.numbers[i]!)).toBeLessThan(1e-4);
    });
    expect(Math.max(...cpu.numbers.slice(1).map(Math.abs))).toBeGreaterThan(0.1);
    expect(wasm.drawn).toEqual(cpu.drawn);
  },
);
