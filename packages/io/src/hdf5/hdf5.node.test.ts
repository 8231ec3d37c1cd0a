import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { readHdf5 } from './read-hdf5.ts';
import { findInHdf5, type Hdf5Dataset, type Hdf5Group } from './tree.ts';
import { hdf5Group, setInHdf5, writeHdf5 } from './write-hdf5.ts';

// Fixtures: h5py 3.16.0, tooling/keras/fixtures.py, where the values are.
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`./fixtures/${name}.h5`, import.meta.url)));
const dataset = (root: Hdf5Group, path: string) => findInHdf5(root, path) as Hdf5Dataset;
const values = (root: Hdf5Group, path: string) => [...dataset(root, path).data];

const NUMBERS = Array.from({ length: 35 }, (_, i) => i);

describe('what h5py writes by default', () => {
  const root = readHdf5(fixture('earliest'));

  it('is read in every layout: whole, compact, in chunks, packed, written in part', () => {
    expect(dataset(root, 'contiguous')).toEqual({
      kind: 'dataset',
      shape: [5, 7],
      data: Float32Array.from(NUMBERS),
      attributes: new Map(),
    });
    expect(values(root, 'gzip')).toEqual(NUMBERS);
    expect(dataset(root, 'chunked').shape).toEqual([3, 4, 5]);
    expect(values(root, 'chunked')).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(values(root, 'compact')).toEqual([1, 2, 255]);
    expect(values(root, 'sparse')).toEqual([1, ...Array(15).fill(2.5)]);
    expect(values(root, 'unwritten')).toEqual([7, 7, 7]);
    expect(dataset(root, 'scalar')).toMatchObject({ shape: [], data: Float64Array.of(2.5) });
    expect(dataset(root, 'empty')).toMatchObject({ shape: [0, 3], data: new Float32Array(0) });
  });

  it('is read in every type', () => {
    for (const type of [
      'f2',
      'f4',
      'f8',
      'i1',
      'i2',
      'i4',
      'i8',
      'u1',
      'u2',
      'u4',
      'u8',
      'big-f4',
      'big-i8',
      'big-u2',
    ]) {
      expect(values(root, `types/${type}`).map(Number), type).toEqual([1, 0, 3]);
    }
    expect(dataset(root, 'types/big-i8').data).toBeInstanceOf(BigInt64Array);
    expect(dataset(root, 'types/f2').data).toBeInstanceOf(Float32Array);
    expect(values(root, 'types/bool')).toEqual([1, 0]);
    expect(values(root, 'types/fixed')).toEqual(['ab', 'c']);
    expect(values(root, 'types/text')).toEqual(['hé', '', '😀']);
  });

  it('has its attributes, groups of many, and one object under two names', () => {
    const attributes = Object.fromEntries(root.attributes);
    expect(attributes).toEqual({
      text: { shape: [], data: ['héllo'] },
      fixed: { shape: [], data: ['bytes'] },
      list: { shape: [2], data: ['a', 'bb'] },
      numbers: { shape: [2, 2], data: Float64Array.of(1.5, 2, 3, 4) },
    }); // but not "pair", whose type is left out
    expect(Array.from({ length: 40 }, (_, i) => values(root, `many/${i}`)[0])).toEqual(
      Array.from({ length: 40 }, (_, i) => BigInt(i)),
    );
    expect(dataset(root, 'twice')).toBe(dataset(root, 'contiguous'));
  });

  it('is left out where it is not wanted', () => {
    const some = readHdf5(fixture('earliest'), { filter: (path) => path !== 'types' && !path.startsWith('many/1') });
    expect(some.members.has('types')).toBe(false);
    expect((some.members.get('many') as Hdf5Group).members.size).toBe(29);
  });
});

it('the newest form is read, where groups are small', () => {
  const root = readHdf5(fixture('latest'));
  expect(values(root, 'group/values')).toEqual(NUMBERS);
  expect(root.members.get('group')!.attributes.get('text')).toEqual({ shape: [], data: ['late'] });
  expect(values(root, 'scalar')).toEqual([-3n]);
});

describe('writeHdf5', () => {
  const root = hdf5Group({ text: 'héllo', list: { shape: [3], data: ['a', 'bb', ''] } });
  const arrays = [
    Float32Array.of(1.5, -2),
    Float64Array.of(Math.PI, Number.NaN),
    Int8Array.of(-1, 2),
    Uint8Array.of(1, 255),
    Int16Array.of(-300, 3),
    Uint16Array.of(1, 65_535),
    Int32Array.of(-5, 6),
    Uint32Array.of(7, 2 ** 32 - 1),
    BigInt64Array.of(-9n, 2n ** 62n),
    BigUint64Array.of(1n, 2n ** 63n),
    ['x', '😀'],
  ];
  for (const [i, data] of arrays.entries()) setInHdf5(root, `types/${i}`, { shape: [2], data });
  setInHdf5(root, 'scalar', { shape: [], data: Float32Array.of(3) });
  setInHdf5(root, 'nothing', { shape: [0, 3], data: new Float32Array(0) });
  root.members.set('empty', hdf5Group());
  // Two levels of the tree of names: 8 names a leaf, 32 leaves a node.
  for (let i = 0; i < 700; i++) setInHdf5(root, `many/n${i}`, { shape: [1], data: Int32Array.of(i) });
  const bytes = writeHdf5(root);

  it('writes what readHdf5 reads', () => {
    const back = readHdf5(bytes);
    const sorted = (group: Hdf5Group): Hdf5Group => ({
      ...group,
      members: new Map(
        [...group.members]
          .map(([name, node]): [string, Hdf5Group | Hdf5Dataset] => [name, node.kind === 'group' ? sorted(node) : node])
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    });
    expect(back).toEqual(sorted(root));
    expect([...(back.members.get('many') as Hdf5Group).members.keys()]).toEqual(
      [...(root.members.get('many') as Hdf5Group).members.keys()].sort(),
    );
  });

  it('writes the same bytes of the same tree', () => {
    expect(writeHdf5(readHdf5(bytes))).toEqual(bytes);
  });

  it('refuses what does not fit', () => {
    const one = hdf5Group();
    setInHdf5(one, 'a', { shape: [3], data: Float32Array.of(1) });
    expect(() => writeHdf5(one)).toThrow('writeHdf5: "/a": shape [3] holds 3 values, got 1');
    expect(() => setInHdf5(hdf5Group(), 'a//b', { shape: [], data: ['x'] })).toThrow(
      'names between slashes, got "a//b"',
    );
    expect(() => setInHdf5(one, 'a/b', { shape: [], data: ['x'] })).toThrow('"a" in "a/b" is a value, not a group');
    const named = hdf5Group();
    named.members.set('a/b', hdf5Group());
    expect(() => writeHdf5(named)).toThrow('must be without slashes and zero bytes, got "a/b"');
    const large = hdf5Group({ big: { shape: [9000], data: new Float64Array(9000) } });
    expect(() => writeHdf5(large)).toThrow('attribute "big" of "/": at most 65,000 bytes fit');
  });
});

describe('a hostile file', () => {
  const read = (bytes: Uint8Array, maxBytes?: number) => () =>
    readHdf5(bytes, { name: 'w.h5', ...(maxBytes === undefined ? {} : { maxBytes }) });

  it('is told from a foreign one', () => {
    expect(read(Uint8Array.of(0x50, 0x4b, 3, 4))).toThrow('w.h5: expected an HDF5 file, got a zip archive');
    expect(read(new Uint8Array(0))).toThrow('got an empty file');
  });

  it('with groups in a circle ends', () => {
    expect(read(fixture('cycle'))).toThrow(DataError);
    expect(read(fixture('cycle'))).toThrow('w.h5: "a/b/back" is a link back to a group that holds it');
  });

  it('with soft links is refused', () => {
    expect(read(fixture('soft-link'))).toThrow('w.h5: "link" is a soft or an external link');
  });

  it('takes no more than it may', () => {
    expect(read(fixture('earliest'), 100)).toThrow(
      'data set "chunked" of shape [3, 4, 5] takes 120 bytes, more than the 100 bytes that all values',
    );
    expect(read(fixture('earliest'), 2000)).not.toThrow();
  });

  /** A file of one data set [2], whose size in the header is then another. */
  const withShape = (size: bigint, layout: (root: Hdf5Group) => Uint8Array = writeHdf5) => {
    const root = hdf5Group();
    setInHdf5(root, 'a', { shape: [2], data: Float32Array.of(1, 2) });
    const bytes = layout(root);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 16 <= bytes.length; at++) {
      const isShape = view.getBigUint64(at, true) === 0x101n && view.getBigUint64(at + 8, true) === 2n;
      if (isShape) view.setBigUint64(at + 8, size, true);
    }
    return bytes;
  };

  it('cannot claim what it does not hold', () => {
    expect(read(withShape(1000n))).toThrow('data set "a" takes 4,000 bytes, 8 bytes are there');
    expect(read(withShape(2n ** 40n))).toThrow('takes 4,398,046,511,104 bytes, more than the 67,108,864 bytes');
    expect(read(withShape(2n ** 63n))).toThrow('it claims a size of 9,223,372,036,854,775,808');
  });

  it('of names that are all one long name ends', () => {
    const root = hdf5Group();
    for (let i = 0; i < 200; i++) setInHdf5(root, `${'x'.repeat(2000)}${i}`, { shape: [], data: Int8Array.of(1) });
    const bytes = writeHdf5(root);
    const view = new DataView(bytes.buffer);
    // Symbol tables: every entry points to the first name, which runs through all others.
    for (let at = 0; at < bytes.length; at++) {
      if (String.fromCharCode(...bytes.subarray(at, at + 4)) === 'HEAP') {
        const [start, size] = [Number(view.getBigUint64(at + 24, true)), Number(view.getBigUint64(at + 8, true))];
        bytes.fill(120, start + 8, start + size - 1);
      }
      if (String.fromCharCode(...bytes.subarray(at, at + 4)) !== 'SNOD') continue;
      for (let i = 0; i < view.getUint16(at + 6, true); i++) view.setBigUint64(at + 8 + 40 * i, 8n, true);
    }
    expect(read(bytes)).toThrow('its parts overlap');
  });
});

/** A generator of whole numbers below n (mulberry32). */
function randomBelow(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

describe.each(['earliest', 'latest'])('the file "%s", damaged', (name) => {
  const whole = fixture(name);
  const endsWell = (bytes: Uint8Array): 'read' | 'refused' => {
    try {
      readHdf5(bytes);
      return 'read';
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return 'refused';
    }
  };

  it('cut off anywhere, is read or refused', () => {
    const ends = Array.from({ length: 160 }, (_, i) => Math.floor((whole.length * i) / 160));
    const outcomes = ends.map((end) => endsWell(whole.slice(0, end)));
    expect(outcomes.filter((outcome) => outcome === 'refused').length).toBeGreaterThan(100);
  });

  it('with bytes changed, is read or refused, soon', () => {
    const below = randomBelow(7);
    const counts = { read: 0, refused: 0 };
    const start = performance.now();
    for (let run = 0; run < 800; run++) {
      const bytes = whole.slice();
      for (let i = 0; i <= run % 4; i++) {
        // Where the structure is, not the zeros between.
        let at = below(bytes.length);
        while (bytes[at] === 0) at = below(bytes.length);
        bytes[at] = [0, 255, below(256), bytes[at]! ^ (1 << below(8))][below(4)]!;
      }
      counts[endsWell(bytes)]++;
    }
    expect(counts.refused).toBeGreaterThan(100);
    expect(counts.read).toBeGreaterThan(100);
    expect((performance.now() - start) / 800).toBeLessThan(100); // ms a file, of some 1 where the machine is free
  });
});
