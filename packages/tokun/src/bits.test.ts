import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBits, groupAccuracy, toBits } from './bits.ts';

it('the most significant bit comes first', () => {
  expect([...toBits(new Uint8Array([0x41, 0x80, 1]))].join('')).toBe('010000011000000000000001');
});

it('bits are bytes again, all 256', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(fromBits(toBits(bytes))).toEqual(bytes);
  const logits = Float32Array.from(toBits(bytes), (bit) => (bit === 1 ? 0.1 : -0.1));
  expect(fromBits(logits)).toEqual(bytes);
  const probabilities = Float32Array.from(toBits(bytes), (bit) => (bit === 1 ? 0.6 : 0.4));
  expect(fromBits(probabilities, { threshold: 0.5 })).toEqual(bytes);
});

it('text to bits and back', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    expect(fromBits(toBits(bytes))).toEqual(bytes);
  });
  fc.assert(property, { seed: 1 });
});

// By hand: of bytes 0, 1, 2, 3 the third has one bit wrong, so 3 of 4 bytes and 1 of 2 pairs are right.
it('groupAccuracy wants every bit of a group', () => {
  const bits = toBits(new Uint8Array([0, 1, 2, 3]));
  const logits = Float32Array.from(bits, (bit) => 2 * bit - 1);
  logits[16] = 1;
  expect(groupAccuracy(logits, bits)).toBe(3 / 4);
  expect(groupAccuracy(logits, bits, { group: 2 })).toBe(1 / 2);
  expect(groupAccuracy(logits, bits, { group: 4 })).toBe(0);
});

it('refuses numbers that are not whole bytes or groups', () => {
  expect(() => fromBits([1, 0])).toThrow(new RangeError('fromBits: expected 8 scores a byte, got 2 numbers.'));
  expect(() => groupAccuracy(new Float32Array(24), new Uint8Array(24), { group: 2 })).toThrow(
    '16 a group, got 24 and 24',
  );
  expect(() => groupAccuracy([], [])).toThrow('got 0 and 0');
});
