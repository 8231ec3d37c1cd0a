import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  hdf5Group,
  readKeras,
  readKerasH5,
  readSafetensors,
  type SafetensorsTensor,
  setInHdf5,
  writeHdf5,
  writeKeras,
  writeKerasH5,
  writeProjectorMetadata,
  writeProjectorTensors,
  writeSafetensors,
} from '@proj/io';
import { modelFromKeras, modelToKeras, modelToKerasH5 } from '@proj/layers/keras';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputsOf, MODELS, randomWeights } from './models.ts';

// A Python that has keras (3), jax or another engine of it, h5py and safetensors; tensorboard if it may be:
// python -m venv VENV && VENV/bin/pip install keras jax h5py safetensors tensorboard
const python = process.env.PROJ_KERAS_PYTHON ?? 'python3';
const env = { KERAS_BACKEND: 'jax', ...process.env };
const present =
  spawnSync(python, ['-c', 'import keras, h5py, safetensors; assert keras.__version__[0] == "3"'], { env }).status ===
  0;
if (!present)
  console.warn(`skipped: ${python} has no Keras 3 with h5py and safetensors; PROJ_KERAS_PYTHON names another`);

const NAMES = Object.keys(MODELS);
const LABELS = ['plain', 'a\ttab', 'a\nline', ' ', '', 'back\\slash', '"quoted"', '😀'];

interface Report {
  versions: Record<string, string>;
  models: Record<string, { keras: number; h5: number; weights: number; other: number; params: number }>;
  projector: { shape: number[]; sum: number; lines: string[] };
  hdf5: { keys: string[]; text: string; many: number[]; words: string[]; f8: number[] };
}

const outputsOf = (net: LayersModel, x: tf.Tensor[]): tf.Tensor[] => [net.predict(x.length === 1 ? x[0]! : x)].flat();

const asTensors = (prefix: string, list: readonly tf.Tensor[]) =>
  list.map(
    (one, i) => [`${prefix}${i}`, { shape: one.shape, data: one.dataSync() as Float32Array | Int32Array }] as const,
  );

describe.skipIf(!present)('Keras, h5py, safetensors and TensorBoard (skipped where Python has no Keras 3)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keras-'));
  const params: Record<string, number> = {};
  let report: Report;
  afterAll(() => rmSync(folder, { recursive: true }));

  beforeAll(() => {
    const write = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);
    for (const [i, name] of NAMES.entries()) {
      const net = MODELS[name]!();
      randomWeights(net, 100 * i);
      params[name] = net.countParams();
      const x = inputsOf(net);
      const archive = modelToKeras(net);
      write(`${name}.keras`, writeKeras(archive));
      write(`${name}.h5`, writeKerasH5(modelToKerasH5(net)));
      write(`${name}.weights.h5`, writeKerasH5({ form: 'paths', weights: archive.weights }));
      const tensors = [...asTensors('x', x), ...asTensors('y', outputsOf(net, x))];
      write(`${name}.safetensors`, writeSafetensors(Object.fromEntries(tensors)));
    }
    write('names.json', JSON.stringify(NAMES));
    const vectors = Float32Array.from({ length: 3 * LABELS.length }, (_, i) => Math.fround(Math.sin(i)));
    write('tensors.tsv', writeProjectorTensors({ shape: [LABELS.length, 3], data: vectors }));
    write('metadata.tsv', writeProjectorMetadata(LABELS));
    const root = hdf5Group({ text: 'héllo' });
    for (let i = 0; i < 300; i++) setInHdf5(root, `many/${i}`, { shape: [], data: Int16Array.of(-i) });
    setInHdf5(root, 'words', { shape: [2], data: ['a', '😀'] });
    setInHdf5(root, 'f8', { shape: [2], data: Float64Array.of(Math.PI, -1) });
    write('plain.h5', writeHdf5(root));
    const script = fileURLToPath(new URL('../check.py', import.meta.url));
    const { status, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8', env });
    if (status !== 0) throw new Error(stderr.slice(-3000));
    report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
    console.log(report.versions);
  }, 600_000);

  it.each(NAMES)('%s opens there, and gives the same outputs to 1e-5', (name) => {
    const { keras, h5, weights, other, params: count } = report.models[name]!;
    expect(Math.max(keras, h5, weights)).toBeLessThan(1e-5);
    expect(other).toBeGreaterThan(1e-3); // with other weights, which .weights.h5 mended
    expect(count).toBe(params[name]);
  });

  it.each(NAMES)('%s, with other weights and saved there, opens here', (name) => {
    const read = (file: string) => new Uint8Array(readFileSync(join(folder, `back-${name}${file}`)));
    const { tensors, metadata } = readSafetensors(read('.safetensors'));
    expect(metadata).toEqual({ made: 'there' });
    const of = (letter: string) =>
      Object.entries(tensors)
        .filter(([key]) => key.startsWith(letter))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, one]: [string, SafetensorsTensor]) =>
          tf.tensor(one.data as Float32Array, one.shape, one.dtype === 'I32' ? 'int32' : 'float32'),
        );
    const h5 = readKerasH5(read('.h5'));
    if (h5.form !== 'layers' || h5.config === undefined) throw new Error('expected a whole model');
    for (const file of [readKeras(read('.keras')), { config: h5.config, layers: h5.layers }]) {
      const y = outputsOf(modelFromKeras(file), of('x'));
      const golden = of('y');
      expect(y.length).toBe(golden.length);
      for (const [i, one] of y.entries()) {
        expect(tf.max(tf.abs(tf.sub(one, golden[i]!))).dataSync()[0]).toBeLessThan(1e-5);
      }
    }
  });

  it('the files of the projector have a row for every label', () => {
    const { shape, sum, lines } = report.projector;
    expect(shape).toEqual([LABELS.length, 3]);
    const values = Array.from({ length: 3 * LABELS.length }, (_, i) => Math.fround(Math.sin(i)));
    expect(sum).toBeCloseTo(
      values.reduce((total, one) => total + one, 0),
      5,
    );
    expect(lines).toEqual(['plain', 'a\\ttab', 'a\\nline', '\\u0020', '\\e', 'back\\\\slash', '"quoted"', '😀']);
  });

  it('h5py reads our HDF5', () => {
    expect(report.hdf5).toEqual({
      keys: ['f8', 'many', 'words'],
      text: 'héllo',
      many: Array.from({ length: 300 }, (_, i) => 0 - i),
      words: ['a', '😀'],
      f8: [Math.PI, -1],
    });
  });
});
