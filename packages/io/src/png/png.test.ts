import fc from 'fast-check';
import { encode } from 'fast-png';
import { zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { readPng, writePng } from './png.ts';

it('round-trips 1 to 4 channels', () => {
  const picture = fc
    .record({ h: fc.integer({ min: 1, max: 9 }), w: fc.integer({ min: 1, max: 9 }), c: fc.integer({ min: 1, max: 4 }) })
    .chain(({ h, w, c }) =>
      fc.uint8Array({ minLength: h * w * c, maxLength: h * w * c }).map((data) => ({ data, shape: [h, w, c] })),
    );
  fc.assert(
    fc.property(picture, (image) => {
      expect(readPng(writePng(image))).toEqual(image);
    }),
    { seed: 1, numRuns: 100 },
  );
});

it('takes [H, W] for grey', () => {
  expect(readPng(writePng({ data: Uint8Array.of(1, 2), shape: [1, 2] })).shape).toEqual([1, 2, 1]);
});

/** A PNG of any form, chunk by chunk after the specification (https://www.w3.org/TR/png). No checksums: see below. */
function png(ihdr: number[], rows: number[], extra: [string, number[]][] = []): Uint8Array {
  const chunk = (type: string, body: number[]) => {
    const typed = [...type].map((letter) => letter.charCodeAt(0)).concat(body);
    let crc = -1;
    for (const byte of typed) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    const word = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
    return [...word(body.length), ...typed, ...word(~crc)];
  };
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    ...chunk('IHDR', ihdr),
    ...extra.flatMap(([type, body]) => chunk(type, body)),
    ...chunk('IDAT', [...zlibSync(Uint8Array.from(rows))]),
    ...chunk('IEND', []),
  ]);
}

const header = (width: number, height: number, depth: number, colour: number, interlace = 0) => [
  ...[0, 0, 0, width, 0, 0, 0, height],
  ...[depth, colour, 0, 0, interlace],
];

it.each<[string, Uint8Array, number[], number[]]>([
  [
    '1 bit grey',
    png(header(10, 1, 1, 0), [0, 0b10110000, 0b01000000]),
    [255, 0, 255, 255, 0, 0, 0, 0, 0, 255],
    [1, 10, 1],
  ],
  ['2 bit grey', png(header(5, 1, 2, 0), [0, 0b00011011, 0b01000000]), [0, 85, 170, 255, 85], [1, 5, 1]],
  ['4 bit grey', png(header(3, 2, 4, 0), [0, 0x0f, 0x10, 0, 0x80, 0x20]), [0, 255, 17, 136, 0, 34], [2, 3, 1]],
  ['16 bit grey', png(header(3, 1, 16, 0), [0, 0xff, 0xff, 0x80, 0x00, 0x01, 0x00]), [255, 128, 1], [1, 3, 1]],
  ['16 bit RGB', png(header(1, 1, 16, 2), [0, 0, 0, 0x7f, 0xff, 0xff, 0xff]), [0, 127, 255], [1, 1, 3]],
  [
    'a palette',
    png(header(3, 1, 2, 3), [0, 0b00011000], [['PLTE', [1, 2, 3, 4, 5, 6, 7, 8, 9]]]),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 3, 3],
  ],
  [
    'a palette with transparency',
    png(
      header(2, 1, 8, 3),
      [0, 1, 0],
      [
        ['PLTE', [1, 2, 3, 4, 5, 6]],
        ['tRNS', [77]],
      ],
    ),
    [4, 5, 6, 255, 1, 2, 3, 77],
    [1, 2, 4],
  ],
  ['a transparent grey', png(header(2, 1, 8, 0), [0, 9, 200], [['tRNS', [0, 200]]]), [9, 255, 200, 0], [1, 2, 2]],
  [
    'a transparent colour',
    png(header(3, 1, 8, 2), [0, 1, 2, 3, 1, 2, 4, 0, 0, 0], [['tRNS', [0, 1, 0, 2, 0, 3]]]),
    [1, 2, 3, 0, 1, 2, 4, 255, 0, 0, 0, 255],
    [1, 3, 4],
  ],
  ['a filtered row', png(header(3, 2, 8, 0), [1, 5, 1, 1, 2, 1, 1, 1]), [5, 6, 7, 6, 7, 8], [2, 3, 1]],
])('reads %s', (_, file, data, shape) => {
  expect(readPng(file)).toEqual({ data: Uint8Array.from(data), shape });
});

it('reads interlaced pictures', () => {
  const data = Uint8Array.from({ length: 9 * 7 * 3 }, (_, i) => (i * 37) & 255);
  const file = encode({ width: 9, height: 7, channels: 3, data }, { interlace: 'Adam7' });
  expect(readPng(file)).toEqual({ data, shape: [7, 9, 3] });
});

describe('says in one line what is wrong', () => {
  const good = writePng({ data: new Uint8Array(64).map((_, i) => i * 3), shape: [8, 8] });
  const bad = (at: number, value: number) => {
    const file = good.slice();
    file[at] = value;
    return file;
  };

  it.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(0), 'got an empty file'],
    ['a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), 'expected a PNG picture, got a JPEG picture'],
    ['cut off in the header', good.subarray(0, 20), 'it ends inside its header'],
    ['cut off in the data', good.subarray(0, 60), 'it is cut off inside chunk IDAT'],
    ['cut off before the end', good.subarray(0, good.length - 12), 'damaged'],
    ['a flipped bit in the data', bad(50, good[50]! ^ 4), 'damaged'],
    ['a flipped bit in a checksum', bad(30, good[30]! ^ 4), 'CRC mismatch for chunk IHDR'],
    [
      'too few rows',
      png(header(2, 3, 8, 0), [0, 1, 2, 0, 1, 2]),
      'declares 2 x 3 pixels, 9 bytes, and its data hold 6',
    ],
    ['too many rows', png(header(2, 1, 8, 0), [0, 1, 2, 0, 1, 2]), 'and its data hold more'],
    ['an unknown filter', png(header(2, 1, 8, 0), [9, 1, 2]), 'Unsupported filter'],
    [
      'a colour beyond the palette',
      png(header(1, 1, 8, 3), [0, 5], [['PLTE', [1, 2, 3]]]),
      'colour 5 of a palette of 1',
    ],
    ['interlaced bits', png(header(2, 2, 1, 0, 1), [0, 0]), 'Save it without interlacing'],
    ['no pixels', png(header(0, 1, 8, 0), [0]), '0 x 1 pixels'],
  ])('%s', (_, file, says) => {
    const read = () => readPng(file, { name: 'a.png' });
    expect(read).toThrow(DataError);
    expect(read).toThrow(/^a\.png: [^\n]*$/);
    expect(read).toThrow(says);
  });

  it('a header of 2^32 pixels allocates nothing', () => {
    const file = png([255, 255, 255, 255, 255, 255, 255, 255, 8, 6, 0, 0, 0], [0, 1, 2, 3, 4]);
    expect(() => readPng(file)).toThrow('4294967295 x 4294967295 pixels');
  });
});

it.each([
  [[4, 4], 'holds 16 values, got 4'],
  [[4], 'expected shape [H, W]'],
  [[1, 1, 4, 1], 'expected shape [H, W]'],
  [[0, 4, 0], 'holds 0 values'],
])('refuses shape %j', (shape, says) => {
  expect(() => writePng({ data: new Uint8Array(4), shape })).toThrow(says);
});
