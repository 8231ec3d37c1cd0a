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

/** 300 documents of six words about one of eight subjects of six words each, and two common ones, many times: [300, 50]. */
function noisyBags(): Float32Array {
  const draws = uniform(300 * 8, 2);
  const out = new Float32Array(300 * 50);
  for (let n = 0; n < 300; n++) {
    const [often, ...words] = draws.subarray(8 * n, 8 * (n + 1));
    for (const u of words.slice(0, 6)) {
      const other = Math.floor(u * 5000) % 3 === 0; // a third are words of any subject
      out[n * 50 + (other ? Math.floor(u * 48) : 6 * (n % 8) + Math.floor(u * 6))]! += 1;
    }
    out[n * 50 + 48] = 1 + Math.floor(often! * 30);
    out[n * 50 + 49] = 31 - Math.floor(often! * 30);
  }
  return out;
}

it('finds subjects among words of others, and under common words', () => {
  const topics = clusteredTopics(noisyBags(), 50, 8, 0);
  const subjects = Array.from({ length: 8 }, (_, i) => {
    const row = topics.subarray(50 * i, 50 * i + 48);
    const total = row.reduce((sum, p) => sum + p);
    const shares = Array.from(
      { length: 8 },
      (_, k) => row.subarray(6 * k, 6 * k + 6).reduce((sum, p) => sum + p) / total,
    );
    expect(Math.max(...shares)).toBeGreaterThan(0.55); // .9 (2/3 + 1/24) + .1 / 8 = .65 of a cluster without mistakes
    return shares.indexOf(Math.max(...shares));
  });
  expect(new Set(subjects).size).toBe(8);
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
