import { expect, it } from 'vitest';
import { decode, interpret, postprocess, preprocess, tokenSizeOf } from './pipeline.ts';
import { version } from './version.ts';

// systems.md 1.7 and 1.9: a text of 134 characters is 544 bytes, 34 tokens of 16.
it.each([
  [134, 544, 34],
  [135, 544, 34],
  [136, 544, 34],
  [137, 560, 35],
])('%i characters are %i bytes, %i tokens', (characters, bytes, tokens) => {
  const found = preprocess('é'.repeat(characters));
  expect([found.length, found.length / tokenSizeOf([4, 4])]).toEqual([bytes, tokens]);
});

it('bytes of U+1F600 are 00 01 F6 00, and zeros fill the token', () => {
  expect([...preprocess('\u{1F600}')]).toEqual([0, 1, 0xf6, 0, ...Array(12).fill(0)]);
  expect([...preprocess('\u{1F600}', { tokenSize: 4 })]).toEqual([0, 1, 0xf6, 0]);
  expect(preprocess('')).toEqual(new Uint8Array());
});

it('FF FF FF FF and 00 00 D8 00 are U+FFFD, each', () => {
  expect(decode(new Uint8Array([255, 255, 255, 255, 0, 0, 0xd8, 0, 0, 0, 0, 65]))).toBe('\uFFFD\uFFFDA');
});

it('interpret takes the greatest of 256 scores, the first of equal ones', () => {
  const scores = new Float32Array(3 * 256);
  scores[65] = 1;
  scores[256 + 255] = 0.5;
  expect([...interpret(scores)]).toEqual([65, 255, 0]);
  const below = new Float32Array(256).fill(-3); // logits may all be negative
  below[7] = -2;
  expect([...interpret(below)]).toEqual([7]);
  expect(() => interpret(new Float32Array(255))).toThrow(
    new RangeError('interpret: expected rows of 256 scores, one row a byte, got 255 numbers.'),
  );
});

it('postprocess takes bytes or scores, and drops NULs at the end alone', () => {
  const text = '\0né 😀';
  const bytes = preprocess(text);
  expect(postprocess(bytes)).toBe(text);
  const scores = new Float32Array(256 * bytes.length);
  bytes.forEach((byte, i) => {
    scores[256 * i + byte] = 0.1;
  });
  expect(postprocess(scores)).toBe(text);
  expect(postprocess(Array.from(scores))).toBe(text);
});

it('tokenSizeOf multiplies the groups', () => {
  expect([[4, 4], [4], [4, 16], [4, 4, 4]].map(tokenSizeOf)).toEqual([16, 4, 64, 64]);
  expect(() => tokenSizeOf([])).toThrow('groups must be one positive integer or more, got [].');
  expect(() => tokenSizeOf([4, 0])).toThrow('got [4, 0]');
});

// systems.md 1.3.
it('version names a model as a path', () => {
  expect(version({ groups: [4, 4] })).toEqual(['4x4', 'silu', 'True', 'True']);
  expect(version({ groups: [16], activation: 'relu', attention: false, normalization: false })).toEqual([
    '16',
    'relu',
    'False',
    'False',
  ]);
});
