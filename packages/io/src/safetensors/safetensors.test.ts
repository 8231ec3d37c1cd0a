import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half.ts';
import { readSafetensors, type SafetensorsArray, writeSafetensors } from './safetensors.ts';

/** A file from its header as text, by the format's page: 8 bytes of length, the header, the data. */
function file(header: string | Uint8Array, data: number[] = [], declared?: bigint): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, declared ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

// Golden: the bytes that huggingface/safetensors writes for these tensors (safetensors/src/tensor.rs, its tests
// test_serialization_forced_alignement and test_empty): header padded with spaces to a multiple of 8.
it('writes what the reference writes', () => {
  const tensors = { attn0: { shape: [1, 1, 2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) } };
  const data = [0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64, 0, 0, 160, 64];
  const header = '{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       ';
  expect(writeSafetensors(tensors)).toEqual(file(header, data));
  expect(writeSafetensors({})).toEqual(file('{}      '));
  expect(writeSafetensors({}, { framework: 'pt' })).toEqual(file('{"__metadata__":{"framework":"pt"}}     '));
});

it('sorts by size of type, then name, so that every tensor is aligned', () => {
  const bytes = writeSafetensors({
    b: { shape: [1], data: Uint8Array.of(1) },
    z: { shape: [1], data: Float32Array.of(1) },
    a: { shape: [1], data: Float32Array.of(1) },
    d: { shape: [1], data: Float64Array.of(1) },
    h: { dtype: 'F16', shape: [1], data: Float32Array.of(1) },
  });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    { data_offsets: number[] }
  >;
  expect(Object.fromEntries(Object.entries(header).map(([key, value]) => [key, value.data_offsets]))).toEqual({
    d: [0, 8],
    a: [8, 12],
    z: [12, 16],
    h: [16, 18],
    b: [18, 19],
  });
});

/** As Node's Buffer does it: a slice is a view of the same memory. */
class Sharing extends Uint8Array {
  override slice(start?: number, end?: number): Sharing {
    return this.subarray(start, end) as Sharing;
  }
}

it('reads what a Buffer holds, a part of a larger one too', () => {
  const bytes = writeSafetensors({
    a: { shape: [2], data: Float32Array.of(1, 2) },
    b: { shape: [1], data: Uint8Array.of(7) },
  });
  const pool = new Sharing(bytes.length + 5);
  pool.set(bytes, 5);
  const { a, b } = readSafetensors(pool.subarray(5)).tensors;
  expect([...a!.data]).toEqual([1, 2]);
  expect([...b!.data]).toEqual([7]);
});

it('round-trips every type', () => {
  const shaped = (data: SafetensorsArray) => ({ shape: [data.length, 1], data });
  const tensor = fc.oneof(
    fc.float32Array().map((data) => ({ dtype: 'F32' as const, ...shaped(data) })),
    fc.float64Array().map((data) => ({ dtype: 'F64' as const, ...shaped(data) })),
    fc.int8Array().map((data) => ({ dtype: 'I8' as const, ...shaped(data) })),
    fc.uint8Array().map((data) => ({ dtype: 'U8' as const, ...shaped(data) })),
    fc.uint8Array({ max: 1 }).map((data) => ({ dtype: 'BOOL' as const, ...shaped(data) })),
    fc.int16Array().map((data) => ({ dtype: 'I16' as const, ...shaped(data) })),
    fc.uint16Array().map((data) => ({ dtype: 'U16' as const, ...shaped(data) })),
    fc.int32Array().map((data) => ({ dtype: 'I32' as const, ...shaped(data) })),
    fc.uint32Array().map((data) => ({ dtype: 'U32' as const, ...shaped(data) })),
    fc.bigInt64Array().map((data) => ({ dtype: 'I64' as const, ...shaped(data) })),
    fc.bigUint64Array().map((data) => ({ dtype: 'U64' as const, ...shaped(data) })),
  );
  const name = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', '0', 'a"b\\', 'encoder/bias'));
  const names = fc.dictionary(
    name.filter((key) => key !== '__metadata__'),
    tensor,
  );
  fc.assert(
    fc.property(names, fc.dictionary(name, fc.string({ unit: 'grapheme' })), (tensors, metadata) => {
      const read = readSafetensors(writeSafetensors(tensors, metadata));
      expect(new Map(Object.entries(read.tensors))).toEqual(new Map(Object.entries(tensors)));
      expect(new Map(Object.entries(read.metadata))).toEqual(new Map(Object.entries(metadata)));
    }),
    { seed: 1, numRuns: 200 },
  );
});

describe('half floats', () => {
  // Golden: IEEE 754-2008 binary16, table of notable values.
  it.each([
    [0x0000, 0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x7bff, 65504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xc000, -2],
    [0x8000, -0],
  ])('float16 %i is %f', (bits, value) => {
    expect(fromFloat16(bits)).toBe(value);
    expect(toFloat16(value)).toBe(bits);
  });

  it('every float16 and bfloat16 survives', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const half = fromFloat16(bits);
      if (Number.isNaN(half) ? !Number.isNaN(fromFloat16(toFloat16(half))) : toFloat16(half) !== bits) {
        throw new Error(`float16 ${bits} became ${toFloat16(half)}`);
      }
      const brain = fromBfloat16(bits);
      if (Number.isNaN(brain) ? !Number.isNaN(fromBfloat16(toBfloat16(brain))) : toBfloat16(brain) !== bits) {
        throw new Error(`bfloat16 ${bits} became ${toBfloat16(brain)}`);
      }
    }
    expect(fromBfloat16(0x3f80)).toBe(1);
    expect(fromBfloat16(0xc049)).toBe(-3.140625);
  });

  it('rounds to the nearest, ties to even', () => {
    const nearestHalf = (value: number) => {
      let best = 0;
      for (let bits = 1; bits <= 0x7c00; bits++) {
        const distance = Math.abs((bits === 0x7c00 ? 65536 : fromFloat16(bits)) - value);
        const least = Math.abs((best === 0x7c00 ? 65536 : fromFloat16(best)) - value);
        if (distance < least || (distance === least && bits % 2 === 0)) best = bits;
      }
      return best;
    };
    const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 2 ** -25 * 1.0001, 3 * 2 ** -25, 65519, 65520, 0.1, 6e-5];
    for (const value of values.map(Math.fround)) expect([value, toFloat16(value)]).toEqual([value, nearestHalf(value)]);
    expect(toBfloat16(1 + 2 ** -8)).toBe(0x3f80);
    expect(toBfloat16(1 + 3 * 2 ** -8)).toBe(0x3f82);
  });

  it('F16 and BF16 read as float32 and write back the same', () => {
    const header =
      '{"b":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"h":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}}    ';
    const bytes = file(header, [0x49, 0xc0, 0x00, 0x3c]);
    const { tensors } = readSafetensors(bytes);
    expect(tensors).toEqual({
      b: { dtype: 'BF16', shape: [1], data: Float32Array.of(-3.140625) },
      h: { dtype: 'F16', shape: [1], data: Float32Array.of(1) },
    });
    expect(writeSafetensors(tensors)).toEqual(bytes);
  });
});

describe('says in one line what is wrong', () => {
  const one = (fields: string) => `{"w":{${fields}}}`;
  const f32 = (name: string, begin: number, end: number, shape = (end - begin) / 4) =>
    `"${name}":{"dtype":"F32","shape":[${shape}],"data_offsets":[${begin},${end}]}`;
  const zeros = (count: number) => Array<number>(count).fill(0);

  it.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(0), 'got 0 bytes'],
    ['cut off in the header', file('{"a":', [], 5000n), 'got a header of 5,000 bytes in a file of 13 bytes'],
    ['an absurd header', file('{}', [], 2n ** 63n), 'got a header of 9,223,372,036,854,775,808 bytes'],
    ['a pickle', Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9), 'looks like a Python pickle'],
    ['not JSON', file('{"a"'), 'not JSON'],
    ['not UTF-8', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22)), 'not JSON'],
    ['a list', file('[]'), 'does not begin with "{"'],
    ['a leading blank', file(' {}'), 'does not begin with "{"'],
    ['a key twice', file(`{${f32('a', 0, 4)},"\\u0061":{}}`, zeros(4)), 'the key "a" twice'],
    ['a key twice inside', file(one('"dtype":"F32","dtype":"F32"')), 'the key "dtype" twice'],
    ['metadata of numbers', file('{"__metadata__":{"n":1}}'), 'strings to strings'],
    ['an unknown type', file(one('"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]'), [0]), 'got "F8_E4M3"'],
    ['a fraction', file(one('"dtype":"F32","shape":[1.5],"data_offsets":[0,6]')), 'natural numbers, got [1.5]'],
    ['a negative size', file(one('"dtype":"F32","shape":[-1],"data_offsets":[0,4]')), 'natural numbers, got [-1]'],
    ['reversed offsets', file(one('"dtype":"U8","shape":[2],"data_offsets":[2,0]')), 'with begin <= end, got [2,0]'],
    ['another size', file(`{${f32('a', 0, 8, 3)}}`, zeros(8)), 'takes 12 bytes, its data_offsets hold 8'],
    [
      'an overflowing size',
      file(one('"dtype":"U8","shape":[9007199254740991,9007199254740991],"data_offsets":[0,1]'), [0]),
      'its data_offsets hold 1',
    ],
    ['out of range', file(`{${f32('a', 0, 8)}}`, zeros(4)), 'end at byte 8 of 4'],
    ['an overlap', file(`{${f32('a', 0, 8)},${f32('b', 4, 12)}}`, zeros(12)), 'tensor "b": its data overlap'],
    ['a gap', file(`{${f32('a', 0, 4)},${f32('b', 8, 12)}}`, zeros(12)), 'tensor "b": a gap before'],
    ['a gap at the start', file(`{${f32('a', 4, 8)}}`, zeros(8)), 'a gap before'],
    ['bytes after the end', file(`{${f32('a', 0, 4)}}`, zeros(5)), 'There are bytes after the end'],
    ['a tensor that is none', file('{"a":3}'), 'expected {dtype, shape, data_offsets}, got 3'],
    ['a third truth', file(one('"dtype":"BOOL","shape":[1],"data_offsets":[0,1]'), [2]), 'BOOL is 0 or 1, got 2'],
  ])('%s', (_, bytes, says) => {
    const read = () => readSafetensors(bytes, { name: 'm.safetensors' });
    expect(read).toThrow(DataError);
    expect(read).toThrow(/^m\.safetensors: [^\n]*$/);
    expect(read).toThrow(says);
  });

  it('takes what only looks like a duplicate', () => {
    const header = '{"__metadata__":{"a":"\\"a\\":{","b":"a"},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}';
    expect(readSafetensors(file(header)).metadata).toEqual({ a: '"a":{', b: 'a' });
  });

  it('refuses to write what does not fit', () => {
    const data = Float32Array.of(1, 2);
    expect(() => writeSafetensors({ a: { shape: [3], data } })).toThrow('tensor "a": shape [3] holds 3 values, got 2');
    expect(() => writeSafetensors({ a: { dtype: 'I32', shape: [2], data } })).toThrow('dtype I32 does not fit');
    expect(() => writeSafetensors({ __metadata__: { shape: [2], data } })).toThrow('Rename the tensor');
    expect(() => writeSafetensors({}, { a: 1 as never })).toThrow('metadata are strings, got number');
    const odd = { a: { dtype: 'BOOL' as const, shape: [1], data: Uint8Array.of(2) } };
    expect(() => writeSafetensors(odd)).toThrow('BOOL is 0 or 1');
  });
});
