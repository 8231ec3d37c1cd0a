import { uniform } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import { clusteredTopics } from './start-topics.ts';

/** 60 documents about one of three subjects, each of four words of its own: [60, 12]. */
function bags(): Float32Array {
  const draws = uniform(60 * 6, 1);
  const out = new Float32Array(60 * 12);
  for (let n = 0; n < 60; n++) {
    for (let k = 0; k < 6; k++) out[n * 12 + 4 * (n % 3) + Math.floor(4 * draws[n * 6 + k]!)]! += 1;
  }
  return out;
}

it('finds the subjects: each topic has nine tenths of its words, and the rest of all', () => {
  const topics = clusteredTopics(bags(), 12, 3, 0);
  const subjects = [0, 1, 2].map((i) => {
    const row = topics.subarray(12 * i, 12 * (i + 1));
    expect(row.reduce((sum, p) => sum + p)).toBeCloseTo(1, 6);
    expect(Math.min(...row)).toBeGreaterThan(0);
    const shares = [0, 4, 8].map((start) => row.subarray(start, start + 4).reduce((sum, p) => sum + p));
    // A document's cluster is its subject: .9 + .1 / 3, but for the one each word has for free.
    expect(Math.max(...shares)).toBeCloseTo(0.9 + 0.1 / 3, 3);
    return shares.indexOf(Math.max(...shares));
  });
  expect(subjects.sort()).toEqual([0, 1, 2]);
});

it('is the same for the same seed, and makes do with fewer documents than topics, and with empty ones', () => {
  expect(clusteredTopics(bags(), 12, 3, 4)).toEqual(clusteredTopics(bags(), 12, 3, 4));
  for (const few of [bags().subarray(0, 12), new Float32Array(12)]) {
    const topics = clusteredTopics(few, 12, 2, 0);
    for (const start of [0, 12]) {
      expect(topics.subarray(start, start + 12).reduce((sum, p) => sum + p)).toBeCloseTo(1, 6);
    }
  }
});
