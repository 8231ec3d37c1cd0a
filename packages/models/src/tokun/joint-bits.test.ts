import { expect, it } from 'vitest';
import { jointBits, sampleBytes } from './joint-bits.ts';

// systems.md 1b.5: the product of sigmoid(+-logit).
it('the joint probabilities of the bits of logits 2, -1, 0.5', () => {
  const golden = [0.0329, 0.0542, 0.0121, 0.02, 0.2431, 0.4008, 0.0894, 0.1474];
  const found = jointBits([2, -1, 0.5]);
  expect(found).toHaveLength(8);
  golden.forEach((p, v) => {
    expect(Math.abs(Math.exp(found[v]!) - p)).toBeLessThan(6e-5);
  });
  expect(found.reduce((sum, x) => sum + Math.exp(x), 0)).toBeCloseTo(1, 12);
});

it('stays finite where sigmoids are 0 or 1', () => {
  const found = jointBits([800, -800]);
  expect([...found]).toEqual([-800, -1600, 0, -800].map((x) => (x === 0 ? expect.closeTo(0, 12) : x)));
});

const LOGITS = [2, -1, 0.5, 40, 40, 40, 40, 40]; // five bits that are 1 for sure

it('draws bytes with their probabilities', () => {
  const count = 20_000;
  const drawn = sampleBytes(
    Array.from({ length: 8 * count }, (_, i) => LOGITS[i % 8]!),
    { seed: 4 },
  );
  const expected = jointBits([2, -1, 0.5]).map(Math.exp);
  expected.forEach((p, v) => {
    const share = drawn.filter((byte) => byte >> 5 === v && (byte & 31) === 31).length / count;
    expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / count)); // 5 standard errors; twice the log: 0.16 off
  });
});

it('temperature 0 is the likeliest, topK and topP cut by whole bytes', () => {
  const many = Array.from({ length: 8 * 500 }, (_, i) => LOGITS[i % 8]!);
  const kinds = (options: object) => [...new Set(sampleBytes(many, { seed: 1, ...options }))].map((b) => b >> 5).sort();
  expect(kinds({ temperature: 0 })).toEqual([5]);
  expect(kinds({ topK: 2 })).toEqual([4, 5]);
  expect(kinds({ topP: 0.7 })).toEqual([4, 5, 7]); // .4008 + .2431 + .1474
  expect(sampleBytes(many, { seed: 2 })).toEqual(sampleBytes(many, { seed: 2 }));
});

it('refuses logits that are no whole bytes', () => {
  expect(() => sampleBytes([1, 2], { seed: 0 })).toThrow(
    new RangeError('sampleBytes: expected 8 logits a byte, got 2 numbers.'),
  );
});
