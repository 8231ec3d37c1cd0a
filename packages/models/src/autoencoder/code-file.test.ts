import { normal } from '@proj/distributions/random';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCodes, writeCodes } from './code-file.ts';

it('10,000 two-dimensional codes take 20,000 bytes and a header of 32: x392 of 784-byte images', () => {
  const bytes = writeCodes({ data: normal(20_000, 0), shape: [10_000, 2] });
  expect(bytes.length).toBe(20_000 + 32);
  expect((10_000 * 784) / (bytes.length - 32)).toBe(392);
});

it('gives back every coordinate to half a step, its ends exactly, whatever the codes', () => {
  const number = fc.float({ min: -1000, max: 1000, noNaN: true });
  const table = fc.integer({ min: 1, max: 5 }).chain((latent) => {
    const row = fc.array(number, { minLength: latent, maxLength: latent });
    return fc.array(row, { maxLength: 20 }).map((rows) => ({ latent, rows }));
  });
  const property = fc.property(table, ({ latent, rows }) => {
    const data = Float32Array.from(rows.flat());
    const back = readCodes(writeCodes({ data, shape: [rows.length, latent] }));
    expect(back.shape).toEqual([rows.length, latent]);
    for (let axis = 0; axis < latent; axis++) {
      const column = rows.map((row) => row[axis]!);
      const [smallest, largest] = [Math.min(...column), Math.max(...column)];
      for (const [i, value] of column.entries()) {
        const error = Math.abs(back.data[i * latent + axis]! - value);
        expect(error).toBeLessThanOrEqual((0.5 * (largest - smallest)) / 255 + 1e-4); // 1e-4: float32 at 1000
        if (value === smallest) expect(error).toBe(0);
      }
    }
  });
  fc.assert(property, { seed: 1, numRuns: 200 });
});

it('writes the bytes its description promises', () => {
  const bytes = writeCodes({ data: Float32Array.of(-1, 5, 3, 5), shape: [2, 2] });
  const view = new DataView(bytes.buffer);
  expect(String.fromCharCode(...bytes.subarray(0, 8))).toBe('PROJCODE');
  expect([view.getUint16(8, true), view.getUint16(10, true), view.getUint32(12, true)]).toEqual([1, 2, 2]);
  expect([16, 20, 24, 28].map((at) => view.getFloat32(at, true))).toEqual([-1, 3, 5, 5]);
  expect(Array.from(bytes.subarray(32))).toEqual([0, 0, 255, 0]); // the second axis is constant
});

it('reads from the middle of a larger buffer', () => {
  const bytes = writeCodes({ data: Float32Array.of(0, 51, 255), shape: [3, 1] });
  const larger = new Uint8Array(bytes.length + 7);
  larger.set(bytes, 5);
  expect(Array.from(readCodes(larger.subarray(5, 5 + bytes.length)).data)).toEqual([0, 51, 255]);
});

it('keeps an empty set of codes', () => {
  expect(readCodes(writeCodes({ data: new Float32Array(0), shape: [0, 2] })).shape).toEqual([0, 2]);
});

const good = () => writeCodes({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
const changed = (at: number, value: number) => good().map((byte, i) => (i === at ? value : byte));

it.each([
  ['an empty file', new Uint8Array(0), /must start with "PROJCODE"/],
  ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), /must start with "PROJCODE"/],
  ['a header cut off', good().subarray(0, 12), /cut off: 16 bytes expected, got 12/],
  ['the codes cut off', good().subarray(0, 35), /cut off: 36 bytes expected, got 35/],
  ['something behind', Uint8Array.of(...good(), 0), /36 bytes expected, got 37/],
  ['a version of the future', changed(8, 2), /version 1 expected, got 2/],
  ['no coordinates', changed(10, 0), /at least one coordinate/],
])('refuses %s', (_, bytes, message) => {
  expect(() => readCodes(bytes)).toThrow(RangeError);
  expect(() => readCodes(bytes)).toThrow(message);
});

it.each([
  ['a shape that does not fit', Float32Array.of(1, 2, 3), [2, 2], /got \[2, 2\] and 3 values/],
  ['NaN', Float32Array.of(1, 2, 3, Number.NaN), [2, 2], /got NaN at code 1, coordinate 1/],
] as const)('does not write %s', (_, data, shape, message) => {
  expect(() => writeCodes({ data, shape })).toThrow(message);
});
