import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBits } from './bits.ts';
import { flatLayout, hilbertLayout, joinFeatures, layOut, squareLayout, withoutColours } from './layouts.ts';

const KOREAN = '모든 인간은 태어날 때부터 자유로우며';
const CODE = 'for (let i = 0; i < 10; i++) {\n\tsum += x[i]; // "ok"\n}';
const CZECH = 'Příliš žluťoučký kůň úpěl ďábelské ódy';

// Shapes of systems.md 1b.3.
it.each([
  [{ sampleDim: 128, tokenDim: 4 }, 'one-hot', [1, 32, 4], [1, 32, 1024]],
  [{ sampleDim: 128, tokenDim: 6, dropDim: 1, encoding: 'utf-32-be' }, 'bits', [1, 16, 6], [1, 16, 48]],
  [{ sampleDim: 128, tokenDim: 1, dropDim: 1, encoding: 'utf-32-be' }, 'one-hot', [1, 96, 1], [1, 96, 256]],
] as const)('flat, %o, %s', (options, targets, inputs, outputs) => {
  const found = layOut(flatLayout(options), ['Aé'], targets);
  expect([found.inputs.shape, found.targets.shape]).toEqual([inputs, outputs]);
  expect(found.inputs.data.length).toBe(128 - ('dropDim' in options ? 32 : 0));
  expect(found.targets.data.length).toBe(outputs[1] * outputs[2]);
});

it('square and Hilbert shapes', () => {
  expect(squareLayout({ height: 8, width: 64, tokenDim: 4 }).shape).toEqual([8, 16, 4]);
  expect(hilbertLayout({ order: 5, rank: 2 }).shape).toEqual([32, 32, 1]);
  expect(hilbertLayout({ order: 2, rank: 3, tokenDim: 3, encoding: 'utf-32-be', dropDim: 1 }).shape).toEqual([
    4, 4, 4, 3,
  ]);
});

const LAYOUTS = [
  ['flat utf-8', flatLayout({ sampleDim: 256 })],
  ['flat utf-8 by 4', flatLayout({ sampleDim: 256, tokenDim: 4 })],
  ['flat utf-32', flatLayout({ sampleDim: 256, tokenDim: 4, encoding: 'utf-32-be' })],
  [
    'flat utf-32 without its first byte',
    flatLayout({ sampleDim: 256, tokenDim: 3, encoding: 'utf-32-be', dropDim: 1 }),
  ],
  ['square utf-8', squareLayout({ height: 4, width: 128 })],
  ['square utf-32', squareLayout({ height: 4, width: 256, encoding: 'utf-32-be', tokenDim: 4 })],
  ['hilbert utf-8', hilbertLayout({ order: 4 })],
  ['hilbert utf-32', hilbertLayout({ order: 4, tokenDim: 3, encoding: 'utf-32-be', dropDim: 1 })],
  ['hilbert of rank 3', hilbertLayout({ order: 3, rank: 3 })],
] as const;

it.each(LAYOUTS)('%s: text to bytes to bits and back', (_, layout) => {
  for (const text of [KOREAN, CODE, CZECH, '', '😀']) {
    const { targets } = layOut(layout, [text]);
    expect(layout.decode(fromBits(targets.data))).toBe(text);
  }
});

it('a text that is too long is cut between characters', () => {
  const flat = flatLayout({ sampleDim: 8 });
  expect(flat.decode(flat.encode('abcdefg한'))).toBe('abcdefg');
  expect(flat.decode(flat.encode('한한한'))).toBe('한한');
  const wide = flatLayout({ sampleDim: 8, encoding: 'utf-32-be' });
  expect(wide.decode(wide.encode('a😀b'))).toBe('a😀');
  expect(wide.decode(wide.encode('ab😀'))).toBe('ab');
});

it('any text that fits comes back, but for NULs', () => {
  const layouts = LAYOUTS.filter(([name]) => !name.startsWith('square')).map(([, layout]) => layout);
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  const property = fc.property(text, fc.constantFrom(...layouts), (s, layout) => {
    expect(layout.decode(layout.encode(s))).toBe(s.replaceAll('\0', ''));
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});

it('lines become rows; those that are too many are left out', () => {
  const layout = squareLayout({ height: 2, width: 4 });
  expect([...layout.encode('ab\ncdefgh\nxyz')]).toEqual([97, 98, 0, 0, 99, 100, 101, 102]);
  expect(layout.decode(layout.encode('\nb'))).toBe('\nb');
});

it('features are joined by U+001D, and terminal colours dropped', () => {
  expect(joinFeatures(['a', 'b', 'c'])).toBe('a\u001db\u001dc');
  expect(withoutColours('\u001b[1;31mred\u001b[0m and [1m')).toBe('red and [1m');
  const layout = flatLayout({ sampleDim: 16 });
  expect(layout.decode(layOut(layout, [['\u001b[31mx\u001b[m', 'y']]).inputs.data)).toBe('x\u001dy');
});

it('bytes that are no text become U+FFFD', () => {
  expect(flatLayout({ sampleDim: 4 }).decode(new Uint8Array([97, 0xff, 98, 0]))).toBe('a\uFFFDb');
});

it('refuses what does not fit', () => {
  expect(() => flatLayout({ sampleDim: 10, tokenDim: 4 })).toThrow('whole tokens of 4 bytes, got 10 bytes');
  expect(() => flatLayout({ sampleDim: 10, encoding: 'utf-32-be' })).toThrow('whole characters');
  expect(() => flatLayout({ sampleDim: 8, dropDim: 1 })).toThrow('got 1 with utf-8');
  expect(() => flatLayout({ sampleDim: 8 }).decode(new Uint8Array(7))).toThrow(
    new RangeError('flatLayout: expected 8 bytes, got 7.'),
  );
});
