import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngine } from '@proj/backend';
import { bits } from '@proj/distributions/random';
import { readPng, readSafetensors } from '@proj/io';
import { BitAutoencoder, ByteVae, TokunAutoencoder, TokunQuantizer, tokunActivations } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { writeVectors } from '../src/vector-file.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;
let text: string;
let trained: string;
let done: { params: number; metrics: Record<string, number> };

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, json: () => printed.map((line) => JSON.parse(line) as Record<string, never>) };
}

const SMALL = ['--set', 'dim=24', '--set', 'groups=4'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-trainer-'));
  text = join(folder, 'text');
  mkdirSync(text);
  const words = { en: ['one', 'two', 'three'], el: ['ένα', 'δύο', 'τρία'] };
  for (const [language, some] of Object.entries(words)) {
    const lines = Array.from(
      { length: 120 },
      (_, i) => `${i} ${some[i % 3]} ${some[(i >> 1) % 3]}, ${some[(i >> 2) % 3]}.`,
    );
    writeFileSync(join(text, `${language}.txt`), lines.join('\n'));
  }
  trained = join(folder, 'run');
  const more = ['--set', 'random=0.25', '--set', 'jitter=0.1', '--set', 'balance=1', '--learning-rate', '0.01'];
  const argv = [
    'train',
    'tokun',
    '--engine',
    'wasm',
    '--data',
    text,
    ...SMALL,
    ...more,
    '--epochs',
    '20',
    '--batch',
    '4',
  ];
  const { status, json, logged } = await trainer(...argv, '--out', trained, '--json');
  expect([status, logged]).toEqual([0, []]);
  done = json().at(-1) as never;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('its default is the network of the specification', async () => {
  const { json } = await trainer('describe', 'tokun', '--json');
  expect(json()[0]).toMatchObject({ model: 'tokun', params: 1_188_608 });
  const four = await trainer('describe', 'tokun', '--set', 'groups=4,16', '--json');
  expect(four.json()[0]).toMatchObject({ params: 1_382_912 + 1_387_776 });
  expect((await trainer('describe', 'tokun', '--set', 'groups=[4,4]', '--json')).json()[0]).toMatchObject({
    params: 1_188_608,
  });
});

const SMALL_ONES = {
  ...Object.fromEntries(
    tokunActivations.map((activation) => [
      activation,
      () =>
        new TokunAutoencoder({ groups: [2, 3], dim: 8, activation, scaledAttention: activation === 'gelu', seed: 5 }),
    ]),
  ),
  'without attention and normalisation': () =>
    new TokunAutoencoder({ groups: [3], dim: 8, attention: false, normalization: false }),
  bits: () => new BitAutoencoder({ token: 2, embedding: 16 }),
  codes: () => new TokunQuantizer({ groups: [2, 3], dim: 8, codes: 7, slots: 2 }),
  images: () => new ByteVae({ side: 4, token: 2, embedding: 4, widths: [8, 16], heads: 2 }),
};

it.each(Object.entries(SMALL_ONES))('%s: wasm has the loss and the gradients of cpu', async (_, make) => {
  const firstStep = async (engine: 'cpu' | 'wasm') => {
    await useEngine(engine);
    const model = make();
    const shape = model instanceof ByteVae ? [2, 4, 4, 2] : [5, 12];
    const size = tf.util.sizeFromShape(shape);
    const bytes = tf.tensor(
      Int32Array.from(bits(size, 0), (word) => word & 255),
      shape,
      'int32',
    );
    if (model instanceof TokunQuantizer) model.start(bytes, 1);
    const named = Object.entries(model.weights).filter(([, weight]) => weight.trainable);
    const { value, grads } = tf.variableGrads(
      () => model.loss(bytes, 3),
      named.map(([, weight]) => weight),
    );
    const result = {
      loss: value.dataSync()[0]!,
      grads: named.map(([name, w]) => [name, Array.from(grads[w.name]!.dataSync())] as const),
    };
    tf.dispose([value, grads, bytes]);
    model.dispose();
    return result;
  };
  const [cpu, wasm] = [await firstStep('cpu'), await firstStep('wasm')];
  expect(Math.abs(wasm.loss - cpu.loss)).toBeLessThan(1e-5 * Math.abs(cpu.loss));
  const largest = Math.max(...cpu.grads.flatMap(([, gradient]) => gradient.map(Math.abs)));
  for (const [i, [name, gradient]] of cpu.grads.entries()) {
    gradient.forEach((g, j) => {
      expect(Math.abs(wasm.grads[i]![1][j]! - g), name).toBeLessThan(1e-4 * largest);
    });
  }
});

it('learns, and says so for every file', async () => {
  const { metrics } = done;
  expect(Object.keys(metrics)).toEqual([
    ...['charAccuracy', 'byteAccuracy', 'nllPerByte'],
    ...['charAccuracy el', 'charAccuracy en'],
  ]);
  expect(metrics.nllPerByte).toBeLessThan(1); // 5.5 at the start; digits and letters of two alphabets
  expect(metrics.byteAccuracy).toBeGreaterThan(0.75); // two of four bytes are 0 always
  const { json } = await trainer('eval', trained, '--per-example', '--json');
  const rows = json() as unknown as { metrics: Record<string, number>; count: number }[];
  expect(rows.at(-1)).toMatchObject({ model: 'tokun', split: 'test', metrics });
  expect(rows).toHaveLength(rows.at(-1)!.count + 1);
});

it('eval --robustness: a curve that falls, the same at each call, and a picture', async () => {
  const argv = ['eval', trained, '--robustness', '--json'];
  const [first, second] = [await trainer(...argv), await trainer(...argv)];
  expect(first.printed).toEqual(second.printed);
  const [{ robustness: rows, metrics }] = first.json() as unknown as [
    { robustness: Record<string, number>[]; metrics: Record<string, number> },
  ];
  expect(rows[0]!.sigma).toBe(0);
  for (const kind of ['independent', 'shared', 'structured']) {
    expect(rows[0]![kind]).toBeCloseTo(metrics.charAccuracy!, 6); // no noise; all test excerpts are measured
    expect(rows.at(-1)![kind]).toBeLessThan(rows[0]![kind]! / 2);
  }
  expect(readPng(readFileSync(join(trained, 'robustness.png'))).shape[0]).toBe(640);
  const table = await trainer('eval', trained, '--robustness');
  expect(table.printed[1]).toMatch(/^sigma +independent +shared +structured$/);
});

it('reconstruct shows texts beside what became of them; sample draws vectors', async () => {
  const reconstructed = (await trainer('reconstruct', trained, '--count', '2', '--json')).json()[0] as unknown as {
    samples: { original: string; decoded: string; charAccuracy: number }[];
  };
  expect(reconstructed.samples).toHaveLength(2);
  for (const { original, decoded, charAccuracy } of reconstructed.samples) {
    const [a, b] = [Array.from(original), Array.from(decoded)];
    expect(original).toContain('\\n');
    if (!decoded.includes('\\u')) {
      expect(a.filter((c, i) => c === b[i]).length / a.length).toBeCloseTo(charAccuracy, 1);
    }
  }
  const [one, again] = [
    await trainer('sample', trained, '--count', '3'),
    await trainer('sample', trained, '--count', '3'),
  ];
  expect(one.printed).toHaveLength(3);
  expect(again.printed).toEqual(one.printed);
});

it('texts and robustness are in the report', () => {
  const report = readFileSync(join(trained, 'report.html'), 'utf8');
  expect(report).toContain('<h2>Text</h2>');
  expect(report).toContain('alt="Robustness"');
  expect(readFileSync(join(trained, 'texts.txt'), 'utf8')).toMatch(/^el: /);
  expect(report.replaceAll(/base64,[^"]+/g, '').match(/NaN|undefined/)).toBeNull();
});

it('a resumed run ends as an uninterrupted one', async () => {
  const [whole, half] = [join(folder, 'whole'), join(folder, 'half')];
  const argv = [
    'train',
    'tokun',
    '--engine',
    'wasm',
    '--data',
    text,
    ...SMALL,
    '--set',
    'random=0.5',
    '--batch',
    '4',
    '--quiet',
  ];
  await trainer(...argv, '--epochs', '2', '--out', whole);
  await trainer(...argv, '--epochs', '1', '--out', half);
  const config = JSON.parse(readFileSync(join(half, 'config.json'), 'utf8')) as object;
  writeFileSync(join(half, 'config.json'), JSON.stringify({ ...config, epochs: 2 }));
  expect((await trainer('resume', half, '--quiet')).status).toBe(0);
  const figures = async (at: string) => (await trainer('eval', at, '--json')).printed;
  expect(await figures(half)).toEqual(await figures(whole));
});

it('a text that is not UTF-8, and settings that are none, are the user’s mistake', async () => {
  const path = join(folder, 'latin1.txt');
  writeFileSync(path, new Uint8Array([97, 10, 0xe9, 10]));
  const out = join(folder, 'none');
  const { status, logged } = await trainer('train', 'tokun', '--data', path, '--out', out);
  expect(status).toBe(2);
  expect(logged[0]).toContain('latin1.txt: expected text in UTF-8, line 2 is not.');
  const wrong = await trainer('train', 'tokun', '--set', 'groups=a', '--out', out);
  expect(wrong.status).toBe(2);
  expect(wrong.logged[0]).toContain(
    "setting groups is not right: give numbers with commas between them, such as 4,4, got 'a'",
  );
  const zero = await trainer('train', 'tokun', '--set', 'groups=0', '--out', out);
  expect(zero.logged[0]).toContain('groups must be a positive integer, got 0');
  expect(existsSync(out)).toBe(false);
  const digits = await trainer(
    'train',
    'vae',
    '--engine',
    'cpu',
    '--limit',
    '5',
    '--epochs',
    '1',
    '--out',
    out,
    '--quiet',
  );
  expect(digits.status).toBe(0);
  const foreign = await trainer('eval', out, '--robustness');
  expect([foreign.status, foreign.logged[0]]).toEqual([
    2,
    expect.stringContaining('--robustness is for models of text as bytes'),
  ]);
});

const MIXED = 'ένα two, 12 τρία.\nδύο 😀 one\n'.repeat(40);

it('encode and decode: the vectors of a file, and a text again; all shards together are the whole', async () => {
  const [source, whole, back] = ['mixed.txt', 'whole.safetensors', 'back.txt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(source, MIXED);
  const characters = Array.from(MIXED).length;
  const encoded = await trainer('encode', trained, '--in', source, '--out', whole, '--json');
  expect(encoded.json()).toMatchObject([{ model: 'tokun', count: characters, out: whole }]); // groups=4: a token a character
  const { tensors, metadata } = readSafetensors(readFileSync(whole));
  expect(tensors.embeddings!.shape).toEqual([characters, 24]);
  expect(metadata).toMatchObject({ model: 'tokun', characters: String(characters), tokenSize: '4', shard: '1/1' });
  expect((await trainer('decode', trained, '--in', whole, '--out', back)).printed[0]).toBe(
    `wrote ${characters} characters to ${back}`,
  );
  const text = readFileSync(back, 'utf8');
  const right = Array.from(text).filter((c, i) => c === Array.from(MIXED)[i]).length;
  expect(right / characters).toBeGreaterThan(0.3);

  const shards = join(folder, 'shards.safetensors');
  for (const part of ['3/3', '1/3', '2/3']) {
    const { status, json } = await trainer(
      'encode',
      trained,
      '--in',
      source,
      '--out',
      shards,
      '--shard',
      part,
      '--json',
    );
    expect([status, json()[0]]).toMatchObject([
      0,
      { shard: part, skipped: false, manifest: join(folder, 'shards.manifest.json') },
    ]);
  }
  const names = [1, 2, 3].map((i) => join(folder, `shards-0000${i}-of-00003.safetensors`));
  const parts = names.map((name) =>
    Array.from(readSafetensors(readFileSync(name)).tensors.embeddings!.data as Float32Array),
  );
  expect(parts.flat()).toEqual(Array.from(tensors.embeddings!.data as Float32Array));
  const manifest = JSON.parse(readFileSync(join(folder, 'shards.manifest.json'), 'utf8')) as {
    shards: { sha256: string }[];
  };
  expect(manifest).toMatchObject({
    format: 1,
    count: 3,
    about: { model: 'tokun' },
    shards: [{ index: 1 }, { index: 2 }, { index: 3 }],
  });
  const hash = createHash('sha256').update(readFileSync(names[1]!)).digest('hex');
  expect(manifest.shards[1]!.sha256).toBe(hash);
  await trainer('decode', trained, '--in', join(folder, 'shards.manifest.json'), '--out', `${back}2`);
  expect(readFileSync(`${back}2`, 'utf8')).toBe(text);

  const one = await trainer('decode', trained, '--in', names[0]!, '--out', `${back}4`);
  expect([one.status, one.logged[0]]).toEqual([2, expect.stringContaining('Give the manifest of all shards.')]);

  const again = await trainer('encode', trained, '--in', source, '--out', shards, '--shard', '2/3');
  expect(again.printed[0]).toContain('is there already');
  writeFileSync(source, `${MIXED}!`);
  const other = await trainer('encode', trained, '--in', source, '--out', shards, '--shard', '2/3');
  expect([other.status, other.logged[0]]).toEqual([2, expect.stringContaining('is there and has another input')]);
  rmSync(names[0]!);
  const damaged = await trainer('decode', trained, '--in', join(folder, 'shards.manifest.json'), '--out', `${back}3`);
  expect(damaged.status).toBeGreaterThan(0);
  expect(existsSync(`${back}3`)).toBe(false);
});

it('export: a row of the projector for each different token, and the weights', async () => {
  const [source, out] = [join(folder, 'chunks.txt'), join(folder, 'projector')];
  writeFileSync(source, 'A\nAé\n😀A');
  expect(
    (await trainer('export', trained, '--to', 'tsv', '--in', source, '--out', out, '--json')).json()[0],
  ).toMatchObject({ count: 4 });
  const [tensors, metadata] = ['tensors', 'metadata'].map((name) => readFileSync(join(out, `${name}.tsv`), 'utf8')) as [
    string,
    string,
  ];
  expect(metadata).toBe('A #00000041\n\\n #0000000A\né #000000E9\n😀 #0001F600\n');
  const rows = tensors
    .trimEnd()
    .split('\n')
    .map((row) => row.split('\t').map(Number));
  expect(rows.map(({ length }) => length)).toEqual([24, 24, 24, 24]);
  const whole = join(folder, 'chunks.safetensors');
  await trainer('encode', trained, '--in', source, '--out', whole);
  const { data } = readSafetensors(readFileSync(whole)).tensors.embeddings!;
  expect(rows[2]).toEqual(Array.from(data.slice(3 * 24, 4 * 24) as Float32Array)); // é is the fourth character
  const weights = join(folder, 'weights.safetensors');
  expect((await trainer('export', trained, '--to', 'safetensors', '--out', weights)).printed[0]).toMatch(
    /^wrote \d+ weights/,
  );
  const { tensors: found } = readSafetensors(readFileSync(weights));
  expect(found['encoder/embedding']!.shape).toEqual([256, 24]);
  expect(Object.values(found).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0)).toBe(done.params);
  const none = await trainer('export', trained, '--to', 'tsv', '--out', out);
  expect([none.status, none.logged[0]]).toEqual([2, expect.stringContaining('tsv needs a text: --in FILE')]);
});

it('encode and decode refuse what is none, and leave nothing behind', async () => {
  const [latin1, out] = [join(folder, 'latin1.txt'), join(folder, 'none.safetensors')];
  writeFileSync(latin1, new Uint8Array([97, 10, 0xe9, 10]));
  const refused = async (message: string, ...argv: string[]) => {
    const { status, logged } = await trainer(...argv, '--out', out);
    expect([status, logged[0]]).toEqual([2, expect.stringContaining(message)]);
    expect(existsSync(out)).toBe(false);
  };
  await refused('latin1.txt: expected text in UTF-8', 'encode', trained, '--in', latin1);
  await refused('none.txt', 'encode', trained, '--in', join(folder, 'none.txt'));
  await refused('expected vectors of trainer encode, this is another file', 'decode', trained, '--in', latin1);
  await refused('i from 1 to n', 'encode', trained, '--in', latin1, '--shard', '4/3');
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('encode and decode never write over what they read, make the folder of --out, and stop when asked', async () => {
  const [source, made, back] = ['own.txt', 'made/own.safetensors', 'made/b/own.txt'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(source, MIXED);
  const own = await trainer('encode', trained, '--in', source, '--out', source);
  expect([own.status, own.logged[0]]).toEqual([2, expect.stringContaining('is the text itself')]);
  expect(readFileSync(source, 'utf8')).toBe(MIXED);
  expect((await trainer('encode', trained, '--in', source, '--out', made)).status).toBe(0);
  const vectors = readFileSync(made);
  const same = await trainer('decode', trained, '--in', made, '--out', made);
  expect([same.status, same.logged[0]]).toEqual([2, expect.stringContaining('is what is to be decoded')]);
  expect(readFileSync(made)).toEqual(vectors);
  expect((await trainer('decode', trained, '--in', made, '--out', back)).status).toBe(0);
  const inWay = await trainer('encode', trained, '--in', source, '--out', folder);
  expect([inWay.status, inWay.logged.length]).toEqual([1, 1]);
  const stop = new AbortController();
  stop.abort('SIGTERM');
  for (const argv of [
    ['encode', trained, '--in', source, '--out', join(folder, 'made', 'stopped')],
    ['decode', trained, '--in', made, '--out', join(folder, 'made', 'stopped')],
  ]) {
    const { io, logged } = fakeIo(stop.signal);
    expect([await run(io, argv), logged]).toEqual([143, ['stopped.']]);
  }
  expect(readdirSync(join(folder, 'made')).sort()).toEqual(['b', 'own.safetensors']);
});

it('decode refuses tokens of another size, and says when the weights are others', async () => {
  const path = join(folder, 'foreign.safetensors');
  const decoded = async (tokenSize: string) => {
    const metadata = { weights: 'others', characters: '2', tokenSize };
    const zeros = (async function* () {
      yield new Float32Array(2 * 24);
    })();
    await writeVectors(path, { rows: 2, columns: 24, metadata }, zeros);
    return trainer('decode', trained, '--in', path, '--out', join(folder, 'foreign.txt'));
  };
  const wide = await decoded('1');
  expect([wide.status, wide.logged[0]]).toEqual([2, expect.stringContaining('has tokens of 1 bytes, this run')]);
  expect(existsSync(join(folder, 'foreign.txt'))).toBe(false);
  const other = await decoded('4');
  expect([other.status, other.logged]).toEqual([0, [expect.stringContaining('is of other weights than the best of')]]);
});

it('tokun-bits: its counts, and every byte learned from random code points', async () => {
  expect((await trainer('describe', 'tokun-bits', '--json')).json()[0]).toMatchObject({ params: 2120 });
  const set = ['--set', 'token=4', '--set', 'embedding=64', '--json'];
  expect((await trainer('describe', 'tokun-bits', ...set)).json()[0]).toMatchObject({ params: 24_608 });
  const out = join(folder, 'bits');
  const argv = ['train', 'tokun-bits', '--engine', 'wasm'];
  const { status, json } = await trainer(...argv, '--out', out, '--json');
  expect(status).toBe(0);
  const { metrics } = json().at(-1) as unknown as { metrics: Record<string, number> };
  expect(metrics).toMatchObject({ charAccuracy: 1, byteAccuracy: 1 });
  expect(metrics.nllPerByte).toBeLessThan(0.01);
});

it('tokun-vq: tokens of few codes, that say what they can', async () => {
  const out = join(folder, 'vq');
  const set = ['--set', 'groups=4', '--set', 'dim=16', '--set', 'slots=4', '--set', 'codes=32'];
  const argv = [
    'train',
    'tokun-vq',
    '--engine',
    'wasm',
    '--data',
    text,
    ...set,
    '--learning-rate',
    '0.01',
    '--batch',
    '4',
  ];
  const { status, json } = await trainer(...argv, '--epochs', '20', '--out', out, '--json');
  expect(status).toBe(0);
  const { metrics } = json().at(-1) as unknown as { metrics: Record<string, number> };
  expect(metrics.nllPerByte).toBeLessThan(1.5);
  expect(metrics.byteAccuracy).toBeGreaterThan(0.7);
  const argvOf = (epochs: string, at: string) => [...argv, '--epochs', epochs, '--out', at, '--quiet'];
  await trainer(...argvOf('2', join(folder, 'vq2')));
  await trainer(...argvOf('1', join(folder, 'vq1')));
  const config = JSON.parse(readFileSync(join(folder, 'vq1', 'config.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'vq1', 'config.json'), JSON.stringify({ ...config, epochs: 2 }));
  expect((await trainer('resume', join(folder, 'vq1'), '--quiet')).status).toBe(0);
  const figures = async (at: string) => (await trainer('eval', join(folder, at), '--json')).printed;
  expect(await figures('vq1')).toEqual(await figures('vq2'));
});

it('tokun-klvae: its count, a short run, and what is done with it', async () => {
  expect((await trainer('describe', 'tokun-klvae', '--json')).json()[0]).toMatchObject({ params: 22_779_232 });
  const out = join(folder, 'klvae');
  const set = ['order=3', 'token=8', 'embedding=8', 'widths=8,16', 'heads=2', 'betaSteps=50'].flatMap((s) => [
    '--set',
    s,
  ]);
  const argv = ['train', 'tokun-klvae', '--engine', 'wasm', '--data', text, ...set, '--learning-rate', '0.005'];
  const { status, json } = await trainer(...argv, '--epochs', '6', '--out', out, '--json');
  expect(status).toBe(0);
  const all = json() as unknown as { loss: number; metrics: Record<string, number> }[];
  expect(all[5]!.loss).toBeLessThan(all[0]!.loss);
  expect(all.at(-1)!.metrics.nllPerByte).toBeLessThan(3); // 5.5 at the start
  const evaluated = await trainer('eval', out, '--json');
  expect(evaluated.json()[0]).toMatchObject({ metrics: all.at(-1)!.metrics });
  const drawn = (...more: string[]) => trainer('sample', out, '--count', '2', '--json', ...more);
  const [{ samples }] = (await drawn()).json() as unknown as [{ samples: string[] }];
  expect(samples[0]).not.toBe(samples[1]);
  const [cold] = (await drawn('--temperature', '0')).json() as unknown as [{ samples: string[] }];
  expect(cold.samples[0]).toBe(cold.samples[1]); // both the mean of the prior
  const [vectors, back] = [join(folder, 'klvae.safetensors'), join(folder, 'klvae.txt')];
  writeFileSync(join(folder, 'short.txt'), MIXED.slice(0, 200));
  expect((await trainer('encode', out, '--in', join(folder, 'short.txt'), '--out', vectors)).status).toBe(0);
  expect(readSafetensors(readFileSync(vectors)).tensors.embeddings!.shape).toEqual([2, 2 * 2 * 16]);
  expect((await trainer('decode', out, '--in', vectors, '--out', back)).status).toBe(0);
});
