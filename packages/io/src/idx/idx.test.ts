import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { Random } from '../internal/random.ts';
import { type IdxArray, readIdx, writeIdx } from './idx.ts';

const message = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

it('reads what a Buffer holds, a part of a larger one too, and leaves it', () => {
  // As Node's Buffer does it: a slice is a view of the same memory.
  class Sharing extends Uint8Array {
    override slice(start?: number, end?: number): Sharing {
      return this.subarray(start, end) as Sharing;
    }
  }
  const file = [0, 0, 11, 1, 0, 0, 0, 2, 0x01, 0x02, 0xff, 0xfe];
  const pool = Sharing.from([9, 9, 9, ...file]);
  expect([...readIdx(pool.subarray(3)).data]).toEqual([258, -2]);
  expect([...pool]).toEqual([9, 9, 9, ...file]);
});

// Golden: written by hand after the format's description on http://yann.lecun.com/exdb/mnist (big-endian throughout).
it.each<[string, number[], IdxArray, number[]]>([
  ['u8', [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 7, 255], Uint8Array.of(7, 255), [2, 1]],
  ['i8', [0, 0, 9, 1, 0, 0, 0, 2, 0x80, 0x7f], Int8Array.of(-128, 127), [2]],
  ['i16', [0, 0, 11, 1, 0, 0, 0, 2, 0x01, 0x02, 0xff, 0xfe], Int16Array.of(258, -2), [2]],
  ['i32', [0, 0, 12, 1, 0, 0, 0, 1, 0x01, 0x02, 0x03, 0x04], Int32Array.of(16909060), [1]],
  ['f32', [0, 0, 13, 1, 0, 0, 0, 1, 0xc0, 0x48, 0, 0], Float32Array.of(-3.125), [1]],
  ['f64', [0, 0, 14, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], Float64Array.of(1.5), [1]],
  ['scalar', [0, 0, 8, 0, 9], Uint8Array.of(9), []],
  ['empty', [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28], new Uint8Array(0), [0, 28, 28]],
])('reads and writes %s', (_, file, data, shape) => {
  const bytes = Uint8Array.from(file);
  expect(readIdx(bytes)).toEqual({ data, shape });
  expect(writeIdx({ data, shape })).toEqual(bytes);
  expect(readIdx(gzipSync(bytes))).toEqual({ data, shape });
  // Inside a larger buffer, at an odd place.
  const larger = new Uint8Array(bytes.length + 5);
  larger.set(bytes, 3);
  expect(readIdx(larger.subarray(3, 3 + bytes.length))).toEqual({ data, shape });
});

it('round-trips any values of any type, gzipped or not', () => {
  const arrays: fc.Arbitrary<IdxArray> = fc.oneof(
    fc.uint8Array(),
    fc.int8Array(),
    fc.int16Array(),
    fc.int32Array(),
    fc.float32Array(),
    fc.float64Array(),
  );
  fc.assert(
    fc.property(arrays, fc.boolean(), (data, packed) => {
      const bytes = writeIdx({ data, shape: [data.length, 1] });
      const read = readIdx(packed ? gzipSync(bytes) : bytes);
      expect(read.data.constructor).toBe(data.constructor);
      expect([...read.data]).toEqual([...data]);
    }),
    { seed: 1, numRuns: 200 },
  );
});

it('does not hand out the caller’s memory', () => {
  const bytes = writeIdx({ data: Uint8Array.of(1, 2, 3), shape: [3] });
  const { data } = readIdx(bytes);
  bytes.fill(0);
  expect([...data]).toEqual([1, 2, 3]);
});

describe('says in one line what is wrong', () => {
  const images = writeIdx({ data: new Uint8Array(2 * 28 * 28).fill(9), shape: [2, 28, 28] });
  const name = 'train-images';

  it.each<[string, Uint8Array, string]>([
    ['cut off', images.subarray(0, 1000), '1,584 bytes in all, got 1,000 bytes. The file is cut off'],
    ['one byte short', images.subarray(0, -1), 'got 1,583 bytes. The file is cut off'],
    ['trailing byte', Uint8Array.from([...images, 0]), 'got 1,585 bytes. There are bytes after the end'],
    ['inside the header', images.subarray(0, 9), 'got 9 bytes that end inside its header'],
    ['two bytes', images.subarray(0, 2), 'got 2 bytes that end inside its header'],
    ['empty', new Uint8Array(0), 'got an empty file'],
    ['a web page', new TextEncoder().encode('<!DOCTYPE html><html>'), 'got a web page'],
    ['text', new TextEncoder().encode('a,b\n1,2\n'), 'got text'],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'got a PNG picture'],
    ['unknown type', Uint8Array.of(0, 0, 10, 1, 0, 0, 0, 0), 'got bytes 00 00 0a 01'],
  ])('%s', (_, bytes, says) => {
    expect(message(() => readIdx(bytes, { name }))).toContain(`${name}: `);
    expect(message(() => readIdx(bytes, { name }))).toContain(says);
    const packed = message(() => readIdx(gzipSync(bytes), { name }));
    expect(packed).toContain(says);
  });

  it('cut-off gzip', () => {
    const random = new Random(1);
    const noise = Uint8Array.from({ length: 200_000 }, () => random.below(256));
    const packed = gzipSync(writeIdx({ data: noise, shape: [200_000] }));
    expect(message(() => readIdx(packed.subarray(0, Math.floor(packed.length / 2))))).toMatch(
      /gzip data are cut off|checksum/,
    );
  });

  it('damaged gzip: the checksum tells, although it unpacks to the right length', () => {
    const packed = gzipSync(images);
    packed[packed.length - 5]! ^= 1;
    expect(message(() => readIdx(packed))).toContain('gzip checksum');
  });
});

describe('a hostile header', () => {
  const huge = Uint8Array.of(0, 0, 14, 4, ...Array(16).fill(255), 1, 2, 3);

  it('allocates nothing', () => {
    expect(message(() => readIdx(huge))).toContain('got 23 bytes. The file is cut off');
  });

  it('allocates nothing from gzip', () => {
    expect(message(() => readIdx(gzipSync(huge)))).toContain('of gzip can hold');
  });

  it('of a bomb stops at the declared size', () => {
    const bomb = new Uint8Array(16 << 20); // 16 MiB in 16 KB, where 24 bytes are declared
    bomb.set([0, 0, 8, 1, 0, 0, 0, 16]);
    expect(message(() => readIdx(gzipSync(bomb)))).toMatch(/24 bytes in all, got [\d,]+ bytes. There are bytes after/);
  });
});

it('refuses a shape that does not fit', () => {
  expect(() => writeIdx({ data: new Uint8Array(3), shape: [2, 2] })).toThrow('shape [2,2] holds 4 values, got 3');
});
