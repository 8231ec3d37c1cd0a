import { expect, it } from 'vitest';
import { threefry } from './threefry.ts';

// Known answers of the Random123 distribution (tests/kat_vectors, lines "threefry2x32 20").
it.each([
  { counter: [0, 0], key: [0, 0], answer: [0x6b200159, 0x99ba4efe] },
  { counter: [0xffffffff, 0xffffffff], key: [0xffffffff, 0xffffffff], answer: [0x1cb996fc, 0xbb002be7] },
  { counter: [0x243f6a88, 0x85a308d3], key: [0x13198a2e, 0x03707344], answer: [0xc4923a9c, 0x483df7a0] },
])('threefry2x32-20 of counter $counter and key $key', ({ counter, key, answer }) => {
  const out = new Uint32Array(2);
  threefry(out, key[0]!, key[1]!, counter[1]!, counter[0]!);
  expect([...out]).toEqual(answer);
});

it('starts anywhere in a stream, and ends in the middle of a block', () => {
  const whole = new Uint32Array(10);
  threefry(whole, 1, 2, 3);
  const part = new Uint32Array(5);
  threefry(part, 1, 2, 3, 2);
  expect([...part]).toEqual([...whole.subarray(4, 9)]);
});
