import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bits, exponential, foldIn, gumbel, logistic, normal, permutation, splitSeed, uniform } from './random.ts';

interface Goldens {
  count: number;
  draws: {
    seed: number;
    bits: string;
    uniform: string;
    normal: string;
    logistic: string;
    gumbel: string;
    exponential: string;
    split: number[];
    fold: [number, number][];
    permutation: number[];
  }[];
  chiSquare: Record<'23' | '255', number>;
}

// Goldens: fixtures/draws.py, a second implementation in numpy 2.4.6. Digests: not one bit of 100,001 draws differs.
const goldens = JSON.parse(readFileSync(new URL('../fixtures/draws.json', import.meta.url), 'utf8')) as Goldens;

const sha256 = (draws: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(draws.buffer, draws.byteOffset, draws.byteLength))
    .digest('hex');

it.each(goldens.draws)('seed $seed: every bit as numpy computes it', (golden) => {
  const { seed } = golden;
  expect({
    bits: sha256(bits(goldens.count, seed)),
    uniform: sha256(uniform(goldens.count, seed)),
    normal: sha256(normal(goldens.count, seed)),
    logistic: sha256(logistic(goldens.count, seed)),
    gumbel: sha256(gumbel(goldens.count, seed)),
    exponential: sha256(exponential(goldens.count, seed)),
    split: splitSeed(seed, 3),
    fold: golden.fold.map(([data]) => [data, foldIn(seed, data)]),
    permutation: [...permutation(20, seed)],
  }).toEqual({
    bits: golden.bits,
    uniform: golden.uniform,
    normal: golden.normal,
    logistic: golden.logistic,
    gumbel: golden.gumbel,
    exponential: golden.exponential,
    split: golden.split,
    fold: golden.fold,
    permutation: golden.permutation,
  });
});

it('gives the beginning of a longer call to a shorter one, an empty one included', () => {
  for (const draw of [bits, uniform, normal, logistic, gumbel, exponential]) {
    const long = draw(101, 7);
    for (const count of [0, 1, 2, 50]) expect([...draw(count, 7)]).toEqual([...long.subarray(0, count)]);
    expect(draw(1, 7).buffer.byteLength).toBe(4); // nothing hides behind the array
  }
  expect(splitSeed(7, 5).slice(0, 2)).toEqual(splitSeed(7));
  expect(splitSeed(7, 0)).toEqual([]);
});

it.each([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('refuses %d as a seed and as a count', (bad) => {
  for (const draw of [
    bits,
    uniform,
    normal,
    logistic,
    gumbel,
    exponential,
    permutation,
    (n: number, seed: number) => splitSeed(seed, n),
  ]) {
    expect(() => draw(1, bad)).toThrow(new RegExp(`seed must be an integer from 0 to 2\\^53 - 1, got ${bad}`));
    expect(() => draw(bad, 1)).toThrow(new RegExp(`(count|n) must be an integer from 0 to .*, got ${bad}`));
  }
  expect(() => foldIn(0, bad)).toThrow(`foldIn: data must be an integer from 0 to 2^53 - 1, got ${bad}.`);
});

// Statistical tests. Unless said otherwise a check is at 5 standard errors: a right generator fails a check at 1 seed in
// 1.7 million. N is such that a mean off by 0.01 standard deviations, or a correlation of 0.01, fails.
const N = 400_000;
const mean = (xs: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < xs.length; i++) sum += xs[i]!;
  return sum / xs.length;
};
const correlation = (a: Float32Array, b: Float32Array): number => {
  // of standard normals, with known moments
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum / a.length;
};

it('normal has the moments 0, 1, 0, 3', () => {
  const z = normal(N, 11);
  const moment = (k: number): number => mean(Float64Array.from(z, (x) => x ** k));
  // Standard error of the k-th moment: sqrt((m_2k - m_k^2) / N), with m_2 = 1, m_4 = 3, m_6 = 15, m_8 = 105.
  expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / N));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / N));
  expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / N));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / N));
});

it('uniform has mean 1/2 and variance 1/12, logistic 0 and pi^2/3', () => {
  const u = uniform(N, 12);
  expect(Math.abs(mean(u) - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / N));
  expect(Math.abs(mean(u.map((x) => (x - 0.5) ** 2)) - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / N));
  const l = logistic(N, 13);
  expect(Math.abs(mean(l))).toBeLessThan(5 * Math.sqrt(Math.PI ** 2 / 3 / N));
  // Fourth central moment 7 pi^4 / 15.
  const spread = Math.sqrt(((7 / 15 - 1 / 9) * Math.PI ** 4) / N);
  expect(Math.abs(mean(l.map((x) => x * x)) - Math.PI ** 2 / 3)).toBeLessThan(5 * spread);
});

/** Kolmogorov-Smirnov: sqrt(n) times the largest distance between the empirical and the true distribution function. */
const ks = (draws: Float32Array, cdf: (x: number) => number): number => {
  const sorted = draws.slice().sort();
  const n = sorted.length;
  let distance = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    distance = Math.max(distance, p - i / n, (i + 1) / n - p);
  });
  return Math.sqrt(n) * distance;
};
/** Normal distribution function to 1.5e-7: Abramowitz & Stegun 7.1.26. */
const normalCdf = (x: number): number => {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const upper = 0.5 * poly * Math.exp((-x * x) / 2);
  return x > 0 ? 1 - upper : upper;
};

// P(statistic > 2.7) = 2 exp(-2 * 2.7^2) = 9e-7. At this n a distribution function off by 0.9 % fails.
it('passes Kolmogorov-Smirnov: one long stream, and the first draw of 20,000 neighbouring seeds', () => {
  expect(ks(uniform(100_000, 21), (x) => x)).toBeLessThan(2.7);
  expect(ks(normal(100_000, 22), normalCdf)).toBeLessThan(2.7);
  expect(ks(logistic(100_000, 23), (x) => 1 / (1 + Math.exp(-x)))).toBeLessThan(2.7);
  const first = (seedOf: (i: number) => number): Float32Array =>
    Float32Array.from({ length: 20_000 }, (_, i) => normal(1, seedOf(i))[0]!);
  const children = splitSeed(24, 20_000);
  expect(
    ks(
      first((i) => i),
      normalCdf,
    ),
  ).toBeLessThan(2.7);
  expect(
    ks(
      first((i) => children[i]!),
      normalCdf,
    ),
  ).toBeLessThan(2.7);
  expect(
    ks(
      first((i) => foldIn(25, i)),
      normalCdf,
    ),
  ).toBeLessThan(2.7);
});

it('has no serial correlation at lags 1 to 32', () => {
  const z = normal(N, 31);
  for (let lag = 1; lag <= 32; lag++) {
    const n = N - lag;
    expect(Math.abs(correlation(z.subarray(0, n), z.subarray(lag)))).toBeLessThan(5 / Math.sqrt(n));
  }
});

// 3 x 496 pairs at 5.5 standard errors (3.8e-8 each): a right generator fails at 1 seed in 18,000.
it('has no correlation between the streams of neighbouring seeds, of split seeds and of folded seeds', () => {
  const n = 10_000;
  const families = [
    Array.from({ length: 32 }, (_, i) => i),
    splitSeed(41, 32),
    Array.from({ length: 32 }, (_, i) => foldIn(41, i)),
  ];
  for (const seeds of families) {
    const streams = seeds.map((seed) => normal(n, seed));
    streams.forEach((a, i) => {
      for (const b of streams.slice(i + 1)) {
        expect(Math.abs(correlation(a, b))).toBeLessThan(5.5 / Math.sqrt(n));
      }
    });
  }
});

it('gives the kinds of draw of one seed streams of their own', () => {
  const z = normal(N, 51);
  const u = uniform(N, 51).map((x) => (x - 0.5) * Math.sqrt(12));
  const l = logistic(N, 51).map((x) => (x * Math.sqrt(3)) / Math.PI);
  expect(Math.abs(correlation(z, u))).toBeLessThan(5 / Math.sqrt(N));
  expect(Math.abs(correlation(z, l))).toBeLessThan(5 / Math.sqrt(N));
  expect(Math.abs(correlation(u, l))).toBeLessThan(5 / Math.sqrt(N));
});

it('parent, children and folded seeds are all different', () => {
  const family = [3, ...splitSeed(3, 1000), ...Array.from({ length: 1000 }, (_, i) => foldIn(3, i))];
  expect(new Set(family).size).toBe(family.length); // two equal by chance: 2e-10
  expect(family.every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
});

// Bounds of fixtures/draws.json: a right generator passes but 1 in a million each.
it('spreads its bytes evenly, each of the four in a word', () => {
  const w = bits(N, 61);
  for (const shift of [0, 8, 16, 24]) {
    const counts = new Float64Array(256);
    for (const word of w) counts[(word >>> shift) & 255]! += 1;
    const expected = N / 256;
    const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(goldens.chiSquare[255]);
  }
});

it('permutation: each of the 24 orders of 4 as often as any other', () => {
  const counts = new Map<string, number>();
  const total = 24_000;
  for (let seed = 0; seed < total; seed++) {
    const order = permutation(4, seed).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chi).toBeLessThan(goldens.chiSquare[23]);
});

it('permutation: holds every index once, for none and one too', () => {
  for (const n of [0, 1, 2, 5000]) {
    const order = permutation(n, 9);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  }
});
