import { describe, expect, it } from 'vitest';
import goldens from '../../fixtures/samplers.json';
import { sha256 } from '../../tests/digest.ts';
import { binomial, gamma, logGamma, poisson } from '../random.ts';

// Goldens: fixtures/samplers.py; scipy 1.17.1 for the tables, a second implementation in Python for the digests.
const N = 200_000;

/** Every sampler as a function of its parameters, one array each. */
const samplers = {
  gamma: ([shape]: number[][], seed: number) => logGamma(shape!, seed),
  poisson: ([rate]: number[][], seed: number) => poisson(rate!, seed),
  binomial: ([n, p]: number[][], seed: number) => binomial(n!, p!, seed),
};
const names = ['gamma', 'poisson', 'binomial'] as const;
const repeated = (parameters: number[], count: number): number[][] =>
  parameters.map((parameter) => new Array<number>(count).fill(parameter));

it.each(names)('%s: every bit as Python computes it', async (name) => {
  const columns: number[][] = [[], []];
  for (const { parameters } of goldens.tables[name]) {
    repeated(parameters, goldens.each).forEach((column, i) => {
      columns[i]!.push(...column);
    });
  }
  expect(await sha256(samplers[name](columns, goldens.seed))).toBe(
    goldens.digests[name === 'gamma' ? 'logGamma' : name],
  );
});

// The bounds allow a right sampler to fail in 1e-3 of all seeds, over all rows of one sampler. Of gamma the logarithms.
describe.each(names)('%s follows scipy', (name) => {
  it.each(goldens.tables[name].map((row, i) => ({ ...row, seed: 100 + i })))('parameters $parameters', (row) => {
    const { parameters, edges, probabilities, bound, seed } = row;
    const counts = new Float64Array(probabilities.length);
    for (const draw of samplers[name](repeated(parameters, N), seed)) {
      let [low, high] = [0, edges.length]; // the first edge that is not below the draw
      while (low < high) {
        const middle = (low + high) >> 1;
        if (edges[middle]! < draw) low = middle + 1;
        else high = middle;
      }
      counts[low]! += 1;
    }
    const chi = counts.reduce(
      (sum, count, i) => sum + (count - N * probabilities[i]!) ** 2 / (N * probabilities[i]!),
      0,
    );
    expect(chi).toBeLessThan(bound);
  });
});

// Lag 1 to 8, six arrays: 48 checks at 4.3 standard errors (1.7e-5 each), 1e-3 together.
it('has no serial correlation and none with other kinds of the same seed', () => {
  const standardised = (draws: Float32Array, mean: number, variance: number): number[] =>
    Array.from(draws, (x) => (x - mean) / Math.sqrt(variance));
  const series = [
    standardised(gamma(new Float32Array(N).fill(4), 7), 4, 4),
    standardised(poisson(new Float32Array(N).fill(4), 7), 4, 4),
    standardised(poisson(new Float32Array(N).fill(40), 7), 40, 40),
    standardised(binomial(new Float32Array(N).fill(10), new Float32Array(N).fill(0.5), 7), 5, 2.5),
    standardised(binomial(new Float32Array(N).fill(100), new Float32Array(N).fill(0.5), 7), 50, 25),
    standardised(gamma(new Float32Array(N).fill(0.5), 7), 0.5, 0.5),
  ];
  const correlation = (a: number[], b: number[], lag: number): number => {
    let sum = 0;
    for (let i = lag; i < N; i++) sum += a[i]! * b[i - lag]!;
    return sum / Math.sqrt(N - lag); // in standard errors
  };
  for (const a of series) {
    for (let lag = 1; lag <= 8; lag++) expect(Math.abs(correlation(a, a, lag))).toBeLessThan(4.3);
  }
  for (const [i, j] of [
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 3],
    [2, 4],
  ] as const) {
    expect(Math.abs(correlation(series[i]!, series[j]!, 0))).toBeLessThan(3.9); // 5 checks of 1e-4
  }
});

it('an element depends on the seed, its index and its own parameters alone', () => {
  const seeds = [0, 1, 2 ** 53 - 1];
  for (const seed of seeds) {
    for (const x of [0.01, 0.7, 3, 11, 5000]) {
      const n = Math.ceil(x);
      const few = [2, x, 9];
      const more = [0.5, x, Number.NaN, 1e6];
      expect(gamma(few, seed)[1]).toBe(gamma(more, seed)[1]);
      expect(logGamma(few, seed)[1]).toBe(logGamma(more, seed)[1]);
      expect(poisson(few, seed)[1]).toBe(poisson(more, seed)[1]);
      expect(binomial([2, n, 9], [0.1, 0.4, 1], seed)[1]).toBe(binomial([50, n, -1, 4], [0.5, 0.4, 0, 0], seed)[1]);
    }
  }
  expect(gamma([4], 1)[0]).not.toBe(gamma([4], 2)[0]);
  expect(gamma([4, 4], 1)[0]).not.toBe(gamma([4, 4], 1)[1]);
});

it('logGamma is the logarithm of gamma, and goes on where gamma underflows', () => {
  const shapes = Float32Array.from({ length: 1000 }, (_, i) => 10 ** (i / 250 - 1));
  const logs = logGamma(shapes, 3);
  gamma(shapes, 3).forEach((x, i) => {
    expect(Math.abs(Math.log(x) - logs[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(logs[i]!)));
  });
  const tiny = new Float32Array(100).fill(1e-3);
  expect(gamma(tiny, 3)).toContain(0);
  expect(logGamma(tiny, 3).every((x) => x < 0 && Number.isFinite(x))).toBe(true);
});

it('draws at the ends of the parameters: certain outcomes, and NaN outside', () => {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  expect([...gamma([0, -1, nan, infinity], 1)]).toEqual([nan, nan, nan, nan]);
  expect([...logGamma([0, -1, nan, infinity], 1)]).toEqual([nan, nan, nan, nan]);
  expect([...poisson([0, 1e-300, -1, nan, infinity], 1)]).toEqual([0, 0, nan, nan, nan]);
  const n = [0, 7, 7, 1000, 1000, 1000, -1, 2.5, nan, 3, 3, 3];
  const p = [0.5, 0, 1, 0, 1, 1e-300, 0.5, 0.5, 0.5, -0.1, 1.1, nan];
  expect([...binomial(n, p, 1)]).toEqual([0, 0, 7, 0, 1000, 0, nan, nan, nan, nan, nan, nan]);
  expect([gamma([], 1), logGamma([], 1), poisson([], 1), binomial([], [], 1)].map((x) => x.length)).toEqual([
    0, 0, 0, 0,
  ]);
  // Huge ones: within 7 standard deviations, which are a few last places of a float32.
  expect(Math.abs(poisson([1e12], 1)[0]! - 1e12)).toBeLessThan(7e6);
  expect(Math.abs(gamma([1e12], 1)[0]! - 1e12)).toBeLessThan(7e6);
  expect(Math.abs(binomial([1e12], [0.5], 1)[0]! - 5e11)).toBeLessThan(4e6);
});

it('says what is wrong with a seed and with lengths', () => {
  for (const draw of [gamma, logGamma, poisson, (x: number[], seed: number) => binomial(x, x, seed)]) {
    expect(() => draw([1], -1)).toThrow(/^\w+: seed must be an integer from 0 to 2\^53 - 1, got -1\.$/);
  }
  expect(() => binomial([1, 2], [0.5], 1)).toThrow('binomial: totalCount and prob must be equally long, got 2 and 1.');
});
