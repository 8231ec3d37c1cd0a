import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  readKeras,
  readProjectorMetadata,
  readProjectorTensors,
  readSafetensors,
  writeKeras,
  writeSafetensors,
} from '@proj/io';
import { registerLayers } from '@proj/layers';
import { modelFromKeras, modelToKeras } from '@proj/layers/keras';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { RunFolder } from '../src/run-folder.ts';
import { loadSession } from '../src/session.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const bytesOf = (name: string) => new Uint8Array(readFileSync(at(name)));

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, lines: () => printed.map((line) => JSON.parse(line)) };
}

const ENGINE = ['--engine', 'wasm'];
const RUNS: Record<string, string[]> = {
  autoencoder: ['--limit', '60', '--batch', '30'],
  vae: ['--limit', '60', '--batch', '30', '--set', 'hidden=8', '--set', 'latent=3', '--set', 'layers=2'],
  lstm: ['--limit', '40', '--set', 'embedding=5', '--set', 'units=6', '--set', 'length=12', '--set', 'layers=2'],
  tokun: ['--limit', '20', '--set', 'groups=2,4', '--set', 'dim=6', '--batch', '10'],
  'tokun-bits': ['--limit', '20', '--set', 'token=2', '--batch', '10'],
  gru: ['--limit', '40', '--set', 'embedding=5', '--set', 'units=6', '--set', 'length=12', '--set', 'reset=after'],
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-exchange-'));
  for (const [model, options] of Object.entries(RUNS)) {
    const { status, logged } = await trainer(
      'train',
      model,
      ...options,
      '--epochs',
      '1',
      ...ENGINE,
      '--out',
      at(model),
      '--quiet',
    );
    expect(logged).toEqual([]);
    expect(status).toBe(0);
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes of a run's export. */
async function exported(model: string, format: string): Promise<Uint8Array> {
  const out = at(`${model}-${format}.file`);
  if (!existsSync(out)) expect((await trainer('export', at(model), '--to', format, '--out', out)).status).toBe(0);
  return new Uint8Array(readFileSync(out));
}

const weightsOf = async (run: string) => (await RunFolder.open(at(run)).folder.load('best'))!;
const metrics = async (run: string) => (await trainer('eval', at(run), '--json')).lines()[0].metrics;

describe.each(Object.keys(RUNS))('a run of %s', (model) => {
  it.each(['keras', 'h5', 'safetensors'])('goes to %s and comes back as it was', async (format) => {
    const out = at(`${model}-${format}.file`);
    const exported = await trainer('export', at(model), '--to', format, '--out', out, '--json');
    expect(exported.status).toBe(0);
    const count = Object.keys((await weightsOf(model)).tensors).length;
    expect(exported.lines()).toEqual([{ model, to: format, count, out, bytes: readFileSync(out).length }]);
    const { status, logged } = await trainer('import', out, '--out', at(`${model}-${format}`));
    expect(logged).toEqual([]);
    expect(status).toBe(0);
    expect(await metrics(`${model}-${format}`)).toEqual(await metrics(model));
  });

  it('gives the same outputs as layers, from model.json too', async () => {
    registerLayers();
    await trainer('export', at(model), '--to', 'tfjs', '--out', at(`${model}-tfjs`));
    const { modelTopology, weightsManifest, format } = JSON.parse(readFileSync(at(`${model}-tfjs/model.json`), 'utf8'));
    expect([format, weightsManifest[0].paths]).toEqual(['layers-model', ['weights.bin']]);
    const weightData = bytesOf(`${model}-tfjs/weights.bin`).buffer as ArrayBuffer;
    const artifacts = { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
    const nets = [
      await loadLayersModel(tf.io.fromMemory(artifacts)),
      modelFromKeras(readKeras(await exported(model, 'keras'))),
    ];
    const { folder: opened, config } = RunFolder.open(at(model));
    const session = await loadSession(opened, config);
    const text = model === 'lstm' || model === 'gru';
    const bytes = tf.tensor2d([0, 65, 255, 7], [2, 2], 'int32');
    const words = tf.tensor2d([1, 4, 2, 0, 3, 1], [2, 3], 'int32');
    const eight = tf.tensor2d([0, 0, 0, 65, 0, 1, 246, 0, 0, 0, 0, 66, 0, 0, 0, 0], [2, 8], 'int32');
    const inputs: Record<string, tf.Tensor> = { lstm: words, gru: words, tokun: eight, 'tokun-bits': bytes };
    const x = inputs[model] ?? tf.randomUniform([2, 784], 0, 1, 'float32', 1);
    const golden = tf.tidy(() => {
      const own = session.model as never as Record<string, (x: tf.Tensor) => tf.Tensor> & {
        network: Record<'logits' | 'encode', (x: tf.Tensor) => tf.Tensor>;
      };
      if (text) return own.network.logits(x);
      if (model === 'tokun') return own.network.logits(own.network.encode(x));
      if (model === 'tokun-bits') {
        const { 'encoder/embedding': table, 'decoder/kernel': kernel, 'decoder/bias': bias } = session.model.weights;
        return tf.add(tf.matMul(tf.reshape(tf.gather(table!, x), [2, -1]), kernel!), bias!);
      }
      const pixels = own.decode!(own.encode!(x));
      return tf.log(tf.div(pixels, tf.sub(1, pixels))); // logits again
    });
    for (const net of nets) {
      const y = [net.predict(x)].flat().at(-1)!;
      expect(tf.max(tf.abs(tf.sub(y, golden))).dataSync()[0]).toBeLessThan(1e-4);
    }
    session.model.dispose();
  });
});

it('safetensors has the weights by name, and what import needs', async () => {
  const { tensors, metadata } = readSafetensors(await exported('lstm', 'safetensors'));
  expect(Object.keys(tensors).sort()).toEqual([
    'embedding/embeddings',
    ...[1, 2].flatMap((n) => ['bias', 'kernel', 'recurrentKernel'].map((leaf) => `lstm${n}/${leaf}`)),
    'output/bias',
    'output/kernel',
  ]);
  expect(JSON.parse(metadata.proj_run!)).toMatchObject({ config: { model: 'lstm' } });
});

it('tsv: a row for every word, and the file by which TensorBoard finds them', async () => {
  const { status } = await trainer('export', at('lstm'), '--to', 'tsv', '--out', at('projector'));
  expect(status).toBe(0);
  const { words } = JSON.parse(readFileSync(at('lstm/vocabulary.json'), 'utf8')) as { words: string[] };
  const labels = readProjectorMetadata(readFileSync(at('projector/metadata.tsv'), 'utf8'));
  const { shape, data } = readProjectorTensors(readFileSync(at('projector/tensors.tsv'), 'utf8'));
  expect(labels.slice(-3)).toEqual(words.slice(-3));
  expect(shape).toEqual([labels.length, 5]);
  const table = readSafetensors(await exported('lstm', 'safetensors')).tensors['embedding/embeddings']!;
  expect([...data]).toEqual([...(table.data as Float32Array)]);
  expect(readFileSync(at('projector/projector_config.pbtxt'), 'utf8')).toContain('metadata_path: "metadata.tsv"');
});

it('weights that another program trained on come back with --like', async () => {
  const archive = readKeras(await exported('autoencoder', 'keras'));
  const net = modelFromKeras(archive);
  net.setWeights(net.getWeights().map((weight) => tf.mul(weight, 0.5)));
  writeFileSync(at('trained-on.keras'), writeKeras(modelToKeras(net))); // which says nothing of a run
  const without = await trainer('import', at('trained-on.keras'), '--out', at('again'));
  expect(without.status).toBe(2);
  expect(without.logged[0]).toBe(
    'error: trained-on.keras does not say which run it is of. Name one of the same model with --like RUN.',
  );
  expect(existsSync(at('again'))).toBe(false);
  const { status } = await trainer('import', at('trained-on.keras'), '--like', at('autoencoder'), '--out', at('again'));
  expect(status).toBe(0);
  expect((await metrics('again')).mse).not.toBe((await metrics('autoencoder')).mse);
  const { config } = RunFolder.open(at('again'));
  expect(config.notes.at(-1)).toBe('weights imported from trained-on.keras');
});

const data = process.env.PROJ_DATA_DIR;
if (!data) console.warn('skipped: the import of archives of tokun needs PROJ_DATA_DIR');

// Parameters: systems.md 1b.2.
it.skipIf(!data).each([
  ['1x8', 2120],
  ['4x8', 3104],
  ['4x64', 24_608],
])('the archive %s of tokun is a run of tokun-bits that errs nowhere (needs PROJ_DATA_DIR)', async (name, params) => {
  const [out, file] = [at(`archive-${name}`), join(data!, 'tokun', `vqvae.${name}.keras`)];
  const { status, lines } = await trainer('import', file, '--out', out, '--json');
  expect(status).toBe(0);
  expect(lines()).toEqual([{ run: out, model: 'tokun-bits', params }]);
  const evaluated = await trainer('eval', out, '--data', 'random-codepoints', '--json');
  expect(evaluated.logged).toEqual([]);
  expect(evaluated.lines()[0].metrics).toMatchObject({ charAccuracy: 1, byteAccuracy: 1 });
  const back = at(`archive-${name}.keras`);
  expect((await trainer('export', out, '--to', 'keras', '--out', back)).status).toBe(0);
  const y = modelFromKeras(readKeras(bytesOf(`archive-${name}.keras`))).predict(
    tf.fill([1, Number(name[0])], 0x41, 'int32'),
  ) as tf.Tensor;
  // Golden logits: systems.md 1b.2.
  const golden: Record<string, number[]> = {
    '1x8': [-13.1526, 13.4622, -13.1574, -13.1683, -13.4602, -13.3211, -13.3976, 13.2326],
    '4x64': [-15.0567, 16.254, -15.3598, -14.7079, -15.6311, -15.7108, -28.2466, 14.7075],
  };
  const found = y.dataSync();
  for (const [i, logit] of (golden[name] ?? []).entries()) expect(Math.abs(found[i]! - logit)).toBeLessThan(1e-3);
});

it('mistakes are named', async () => {
  const refused = async (...argv: string[]) => {
    const { status, logged } = await trainer(...argv);
    return [status, logged[0]];
  };
  await exported('vae', 'keras');
  const vae = ['import', at('vae-keras.file'), '--like', at('autoencoder'), '--out', at('none')];
  const [status, line] = await refused(...vae);
  expect(status).toBe(2);
  expect(line).toContain('vae-keras.file: expected the weights of this autoencoder, [784,128]');
  expect(await refused('export', at('lstm'), '--out', at('x'))).toEqual([
    2,
    "error: required option '--to <format>' not specified",
  ]);
  const [tsvStatus, tsvLine] = await refused('export', at('vae'), '--to', 'tsv', '--out', at('x'));
  expect(tsvStatus).toBe(2);
  expect(tsvLine).toMatch(/^error: --to tsv is for lstm, gru, tokun.*; this run is of vae\. Use --to safetensors/);
  writeFileSync(at('not.keras'), 'PK text');
  expect((await refused('import', at('not.keras'), '--out', at('none')))[0]).toBe(1);
  expect(await refused('import', at('nowhere.keras'), '--out', at('none'))).toMatchObject([
    2,
    expect.stringContaining('cannot read'),
  ]);
  const evil = async (assets: object) => {
    const { tensors, metadata } = readSafetensors(await exported('lstm', 'safetensors'));
    const { config } = JSON.parse(metadata.proj_run!);
    writeFileSync(at('evil.safetensors'), writeSafetensors(tensors, { proj_run: JSON.stringify({ config, assets }) }));
    return refused('import', at('evil.safetensors'), '--out', at('none'));
  };
  for (const name of ['../outside', 'config.json', 'a/b', '.hidden', 'con\0']) {
    expect(await evil({ [name]: 'x' })).toEqual([
      2,
      'error: evil.safetensors: what it says of its run names files that no run has. Export the run again.',
    ]);
  }
  expect(existsSync(at('none'))).toBe(false);
});
