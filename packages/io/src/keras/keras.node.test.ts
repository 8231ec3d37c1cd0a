import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { hdf5Group, setInHdf5, writeHdf5 } from '../hdf5/write-hdf5.ts';
import { type KerasArchive, readKeras, readKerasH5, writeKeras, writeKerasH5 } from './keras.ts';

// Fixtures: Keras 3.15.1, tooling/keras/fixtures.py.
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));

const SHAPES = {
  'layers/batch_normalization/vars/0': [2],
  'layers/batch_normalization/vars/1': [2],
  'layers/batch_normalization/vars/2': [2],
  'layers/batch_normalization/vars/3': [2],
  'layers/conv2d/vars/0': [3, 3, 2, 3],
  'layers/conv2d/vars/1': [3],
  'layers/conv2d_transpose/vars/0': [3, 3, 2, 3],
  'layers/conv2d_transpose/vars/1': [2],
  'layers/dense/vars/0': [72, 6],
  'layers/dense/vars/1': [6],
  'layers/layer_normalization/vars/0': [2],
  'layers/layer_normalization/vars/1': [2],
};

/** In each symbol table of two members, the second leads to where the first does. */
function linkedTwice(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 96 <= bytes.length; at += 8) {
    const isTable = String.fromCharCode(...bytes.subarray(at, at + 4)) === 'SNOD';
    if (!isTable || view.getUint16(at + 6, true) !== 2) continue;
    bytes.copyWithin(at + 56, at + 16, at + 48);
  }
  return bytes;
}

describe('files of Keras', () => {
  const archive = readKeras(fixture('pictures.keras'));

  it('an archive has its configuration, and its weights by path, without those of the optimiser', () => {
    expect(archive.metadata).toMatchObject({ keras_version: '3.15.1' });
    expect(archive.config).toMatchObject({ class_name: 'Sequential', config: { name: 'pictures' } });
    const shapes = Object.fromEntries([...archive.weights].map(([path, { shape }]) => [path, shape]));
    expect(shapes).toEqual(SHAPES);
    expect(archive.weights.get('layers/dense/vars/0')!.data).toBeInstanceOf(Float32Array);
  });

  it('a .weights.h5 file has the same weights', () => {
    const file = readKerasH5(fixture('pictures.weights.h5'));
    if (file.form !== 'paths') throw new Error('expected paths');
    expect([...file.weights.keys()].sort()).toEqual(Object.keys(SHAPES).sort());
    for (const [path, weight] of archive.weights) expect(file.weights.get(path)).toEqual(weight);
  });

  it('a .h5 file has them by layer, in their order', () => {
    const file = readKerasH5(fixture('pictures.h5'));
    if (file.form !== 'layers') throw new Error('expected layers');
    expect(file.config).toMatchObject({ class_name: 'Sequential' });
    expect(file.metadata).toEqual({ keras_version: '3.15.1', backend: 'jax' });
    const dense = file.layers.find(({ name }) => name === 'dense')!;
    expect(dense.weights.map(({ name }) => name)).toEqual(['pictures/dense/kernel', 'pictures/dense/bias']);
    expect(dense.weights[0]).toMatchObject(archive.weights.get('layers/dense/vars/0')!);
    expect(file.layers.map(({ name }) => name)).toContain('flatten');
  });

  it('are written as they are read', () => {
    const bytes = writeKeras(archive);
    expect(readKeras(bytes)).toEqual(archive);
    expect(writeKeras(readKeras(bytes))).toEqual(bytes);
    for (const name of ['pictures.h5', 'pictures.weights.h5']) {
      const file = readKerasH5(fixture(name));
      expect(readKerasH5(writeKerasH5(file)), name).toEqual(file);
    }
    const whole = readKerasH5(fixture('pictures.h5'));
    if (whole.form !== 'layers') throw new Error('expected layers');
    const { config: _, ...weights } = whole;
    expect(readKerasH5(writeKerasH5(weights))).toEqual(weights); // an older file of weights alone
  });

  it('of names that occur twice are refused', () => {
    const weight = { name: 'w', shape: [1], data: Float32Array.of(1) };
    const layer = { name: 'a', weights: [weight] };
    const file = (layers: (typeof layer)[]) => () => writeKerasH5({ form: 'layers', metadata: {}, layers });
    expect(file([layer, layer])).toThrow('the name "a" occurs twice');
    expect(file([{ name: 'b', weights: [weight, weight] }])).toThrow('the name "w" occurs twice');
  });
});

describe('a hostile archive', () => {
  const whole = fixture('pictures.keras');
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const parts = { 'config.json': json({}), 'metadata.json': json({}), 'model.weights.h5': writeHdf5(hdf5Group()) };
  const read = (bytes: Uint8Array) => () => readKeras(bytes, { name: 'm.keras' });

  it('that is none at all', () => {
    expect(read(zipSync(parts))).not.toThrow();
    expect(read(new Uint8Array(0))).toThrow('m.keras: the directory of the zip archive is missing or damaged');
    expect(read(fixture('pictures.h5'))).toThrow('expected a .keras archive, got an HDF5 file');
    expect(() => readKerasH5(whole)).toThrow('got a zip archive. Read it as a .keras archive');
    const { 'model.weights.h5': weights, ...others } = parts;
    expect(read(zipSync(others))).toThrow('expected model.weights.h5 in it, found config.json, metadata.json');
    expect(read(zipSync({ ...others, 'model.weights.json': json({}) }))).toThrow('Save it again, in one piece');
    expect(read(zipSync({ ...parts, 'config.json': json([1]) }))).toThrow(
      'config.json: expected a JSON object, got [1]',
    );
    expect(read(zipSync({ ...parts, 'config.json': weights }))).toThrow('config.json is not JSON');
  });

  it('that unpacks to more than it may', () => {
    const bomb = { ...parts, 'config.json': new Uint8Array(70_000_000).fill(0x20) };
    const bytes = zipSync(bomb);
    expect(bytes.length).toBeLessThan(100_000);
    expect(read(bytes)).toThrow('config.json unpacks to 70,000,000 bytes, more than the 67,108,864 bytes');
    // The same, and it says that it is small: where it claims to have 10 bytes.
    const liar = bytes.slice();
    const view = new DataView(liar.buffer);
    for (let at = 0; at + 4 <= liar.length; at++) {
      if (view.getUint32(at, true) === 70_000_000) view.setUint32(at, 10, true);
    }
    expect(read(liar)).toThrow('config.json in it is damaged (more than the 10 bytes');
  });

  it('of members that are packed otherwise, or lie elsewhere', () => {
    const changed = (change: (view: DataView, central: number) => void) => {
      const bytes = zipSync(parts, { level: 0 });
      const view = new DataView(bytes.buffer);
      let central = 0;
      while (view.getUint32(central, true) !== 0x02014b50) central++;
      change(view, central); // config.json, the first
      return read(bytes);
    };
    expect(changed((view, at) => view.setUint16(at + 10, 12, true))).toThrow('config.json is packed by method 12');
    expect(changed((view, at) => view.setUint16(at + 8, 1, true))).toThrow('config.json is encrypted');
    expect(changed((view, at) => view.setUint32(at + 42, 2 ** 31, true))).toThrow('its header is missing');
    expect(changed((view, at) => view.setUint32(at + 20, 2 ** 31, true))).toThrow('it ends behind the file');
    expect(changed((view, at) => view.setUint32(at + 16, 1, true))).toThrow('its checksum is another');
    expect(changed((view, at) => view.setUint32(at + 24, 3, true))).toThrow('2 bytes, expected 3 bytes');
  });

  // A file of a few kilobytes can have 2^45 paths so, and by layers as many weights as layers times names.
  it('with objects under several names', () => {
    const laughs = hdf5Group();
    let inner = laughs;
    for (let i = 0; i < 10; i++) {
      const next = hdf5Group();
      inner.members.set('a', next);
      inner.members.set('b', hdf5Group());
      inner = next;
    }
    setInHdf5(inner, 'vars/0', { shape: [1], data: Float32Array.of(1) });
    const file = linkedTwice(writeHdf5(laughs));
    expect(() => readKerasH5(file, { name: 'w.h5' })).toThrow(/^w\.h5: "(a\/)*b" has another name too/);
    expect(() => readKerasH5(file, { name: 'w.h5' })).toThrow(DataError);
    const layered = hdf5Group({ layer_names: { shape: [2], data: ['a', 'a'] } });
    layered.members.set('a', hdf5Group({ weight_names: { shape: [0], data: [] } }));
    expect(() => readKerasH5(writeHdf5(layered), { name: 'w.h5' })).toThrow('w.h5: "a" has another name too');
    const twice = hdf5Group({ layer_names: { shape: [1], data: ['a'] } });
    const layer = hdf5Group({ weight_names: { shape: [2], data: ['k', 'k'] } });
    setInHdf5(layer, 'k', { shape: [1], data: Float32Array.of(1) });
    twice.members.set('a', layer);
    expect(() => readKerasH5(writeHdf5(twice), { name: 'w.h5' })).toThrow('w.h5: "a/k" has another name too');
  });

  it('with a chunk that unpacks to more than it should', () => {
    const bomb = deflateSync(new Uint8Array(5_000_000));
    const h5 = new Uint8Array(readFileSync(new URL('../hdf5/fixtures/earliest.h5', import.meta.url)));
    const start = h5.findIndex((byte, at) => byte === 0x78 && h5[at + 1] === 0x5e); // a chunk of zlib data
    h5.set(bomb.subarray(0, 20), start + 2);
    expect(() => readKerasH5(h5)).toThrow(DataError);
  });

  it('cut off anywhere, or with bytes changed', () => {
    const outcome = (bytes: Uint8Array) => {
      try {
        readKeras(bytes);
        return 'read';
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        return 'refused';
      }
    };
    for (let i = 0; i < 100; i++) {
      expect(outcome(whole.subarray(0, Math.floor((whole.length * i) / 100)))).toBe('refused');
    }
    // Every byte is under a checksum or part of the zip's own structure.
    for (let i = 0; i < 200; i++) {
      const bytes = whole.slice();
      bytes[(i * 7919) % whole.length]! ^= 1 << (i % 8);
      outcome(bytes);
    }
  });
});

const folder = process.env.PROJ_DATA_DIR;
if (!folder) console.warn('skipped: the tests on archives of tokun need PROJ_DATA_DIR');

/** sha256 of the archives and what is in them: systems.md 1b.2, measured with h5py. */
const ARCHIVES = [
  {
    file: 'vqvae.1x8.keras',
    hash: '262dc2c0807f',
    tokens: 1,
    embedding: 8,
    params: 2120,
    logits: [-13.1526, 13.4622, -13.1574, -13.1683, -13.4602, -13.3211, -13.3976, 13.2326],
  },
  { file: 'vqvae.4x8.keras', hash: '2ea163e47671', tokens: 4, embedding: 8, params: 3104 },
  {
    file: 'vqvae.4x64.keras',
    hash: 'e86e4d4efd03',
    tokens: 4,
    embedding: 64,
    params: 24_608,
    logits: [-15.0567, 16.254, -15.3598, -14.7079, -15.6311, -15.7108, -28.2466, 14.7075],
  },
];

/** Table and dense layer of an archive of this kind. */
function parametersOf({ weights }: KerasArchive) {
  const of = (path: string) => weights.get(`layers/${path}`)!;
  return {
    table: of('encoder/layers/embedding/vars/0'),
    kernel: of('decoder/layers/dense/vars/0'),
    bias: of('decoder/layers/dense/vars/1'),
  };
}

/** Logits [8 T] of a token of T bytes: its rows of the table side by side, times the kernel, plus the bias. */
function logitsOf({ table, kernel, bias }: ReturnType<typeof parametersOf>, bytes: readonly number[]): number[] {
  const [width, outputs] = [table.shape[1]!, bias.shape[0]!];
  return Array.from({ length: outputs }, (_, k) => {
    let sum = Number(bias.data[k]!);
    for (const [t, byte] of bytes.entries())
      for (let e = 0; e < width; e++)
        sum += Number(table.data[byte * width + e]!) * Number(kernel.data[(t * width + e) * outputs + k]!);
    return sum;
  });
}

describe.skipIf(!folder).each(ARCHIVES)(
  '$file of tokun (needs PROJ_DATA_DIR)',
  ({ file, hash, tokens, embedding, params, logits }) => {
    const bytes = folder ? new Uint8Array(readFileSync(join(folder, 'tokun', file))) : new Uint8Array(0);

    it('is the file that was measured', () => {
      expect(createHash('sha256').update(bytes).digest('hex').slice(0, 12)).toBe(hash);
    });

    it('has its configuration, shapes and parameters', () => {
      const archive = readKeras(bytes);
      expect(archive.config).toMatchObject({
        class_name: 'QuantizedAutoEncoder',
        registered_name: 'models>QuantizedAutoEncoder',
        config: { token_dim: tokens, input_dim: 256, embed_dim: embedding, binary_dim: 8 },
        build_config: { input_shape: [64, 1024, tokens] },
      });
      expect(archive.metadata.keras_version).toBe('3.8.0');
      expect([...archive.weights.keys()].length).toBe(3);
      const { table, kernel, bias } = parametersOf(archive);
      expect([table.shape, kernel.shape, bias.shape]).toEqual([
        [256, embedding],
        [tokens * embedding, 8 * tokens],
        [8 * tokens],
      ]);
      expect([table, kernel, bias].reduce((sum, { data }) => sum + data.length, 0)).toBe(params);
    });

    it('gives the golden logits, and all 256 bytes back, most significant bit first', () => {
      const parameters = parametersOf(readKeras(bytes));
      const found = logitsOf(parameters, Array(tokens).fill(0x41));
      for (const [i, golden] of (logits ?? []).entries()) expect(Math.abs(found[i]! - golden)).toBeLessThan(1e-3);
      for (let byte = 0; byte < 256; byte++) {
        const token = Array.from({ length: tokens }, (_, t) => (byte + 67 * t) % 256);
        const bits = logitsOf(parameters, token).map((logit) => (logit > 0 ? 1 : 0));
        const decoded = token.map((_, t) => Number.parseInt(bits.slice(8 * t, 8 * t + 8).join(''), 2));
        expect(decoded).toEqual(token);
      }
    });

    it('is read in well under 50 ms where the machine is free', () => {
      const times = Array.from({ length: 5 }, () => {
        const start = performance.now();
        readKeras(bytes);
        return performance.now() - start;
      });
      expect(Math.min(...times)).toBeLessThan(50);
    });
  },
);
