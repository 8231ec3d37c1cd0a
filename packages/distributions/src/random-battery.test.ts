import { describe, expect, it } from 'vitest';
import goldens from '../fixtures/draws.json';
import { bits, exponential, foldIn, gumbel, logistic, normal, splitSeed, uniform } from './random.ts';

// The statistical battery. Every test fails for one in 1,000 seeds of a right generator, over all of its checks together
// (Bonferroni; the central limit theorem is taken to hold): FAILURES shared out. The seeds are fixed.
const FAILURES = 1e-3;
const N = 400_000;

/** erfc(|x| / sqrt 2) / 2: the series of the normal integral, and beyond 3 Laplace's continued fraction. */
function normalTail(x: number): number {
  const size = Math.abs(x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (size > 3) {
    let fraction = size;
    for (let k = 60; k > 0; k--) fraction = size + k / fraction;
    return density / fraction;
  }
  let term = size;
  let sum = size;
  for (let k = 3; term > 1e-17 * sum; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 - density * sum;
}

/** How many standard errors a right generator stays within, in each of `checks` two-sided checks. */
function allowed(checks: number): number {
  let [low, high] = [0, 10];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (2 * normalTail(middle) > FAILURES / checks) low = middle;
    else high = middle;
  }
  return high;
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const choose = (n: number, k: number): number => factorial(n) / factorial(k) / factorial(n - k);
/** Riemann's zeta for n >= 2: a sum, and the integral of what is left. */
function zeta(n: number): number {
  let sum = 1000 ** (1 - n) / (n - 1) + 0.5 * 1000 ** -n;
  for (let k = 1; k < 1000; k++) sum += k ** -n;
  return sum;
}
const BERNOULLI = [1, 0, 1 / 6, 0, -1 / 30, 0, 1 / 42, 0, -1 / 30];
const EULER = 0.5772156649015329;

/** Each kind by closed forms: `tail(x)` is the probability on the shorter side of x, and `lower` says which side that is. */
const kinds = [
  {
    kind: 'uniform',
    draw: uniform,
    mean: 0.5,
    cumulant: (n: number) => BERNOULLI[n]! / n,
    lower: (x: number) => x < 0.5,
    tail: (x: number) => Math.min(x, 1 - x),
  },
  {
    kind: 'normal',
    draw: normal,
    mean: 0,
    cumulant: (n: number) => (n === 2 ? 1 : 0),
    lower: (x: number) => x < 0,
    tail: normalTail,
  },
  {
    kind: 'logistic',
    draw: logistic,
    mean: 0,
    cumulant: (n: number) => (n % 2 ? 0 : 2 * factorial(n - 1) * zeta(n)),
    lower: (x: number) => x < 0,
    tail: (x: number) => 1 / (1 + Math.exp(Math.abs(x))),
  },
  {
    kind: 'gumbel',
    draw: gumbel,
    mean: EULER,
    cumulant: (n: number) => factorial(n - 1) * zeta(n),
    lower: (x: number) => x < -Math.log(Math.LN2),
    tail: (x: number) => (x < -Math.log(Math.LN2) ? Math.exp(-Math.exp(-x)) : -Math.expm1(-Math.exp(-x))),
  },
  {
    kind: 'exponential',
    draw: exponential,
    mean: 1,
    cumulant: (n: number) => factorial(n - 1),
    lower: (x: number) => x < Math.LN2,
    tail: (x: number) => (x < Math.LN2 ? -Math.expm1(-x) : Math.exp(-x)),
  },
];

/** Central moments 0 to 8 from the cumulants. */
function momentsOf(cumulant: (n: number) => number): number[] {
  const moments = [1, 0];
  for (let n = 2; n <= 8; n++) {
    let moment = 0;
    for (let k = 2; k <= n; k++) moment += choose(n - 1, k - 1) * cumulant(k) * moments[n - k]!;
    moments.push(moment);
  }
  return moments;
}

type Kind = (typeof kinds)[number];

/** Draws with mean 0 and variance 1. */
const standardised = ({ draw, mean, cumulant }: Kind, count: number, seed: number): Float64Array => {
  const scale = 1 / Math.sqrt(cumulant(2));
  return Float64Array.from(draw(count, seed), (x) => (x - mean) * scale);
};

/** Correlation of standardised draws with known moments, in standard errors: b starts `lag` later. */
function correlation(a: Float64Array, b: Float64Array, lag = 0): number {
  let sum = 0;
  for (let i = lag; i < a.length; i++) sum += a[i - lag]! * b[i]!;
  return sum / Math.sqrt(a.length - lag);
}

/** Kolmogorov-Smirnov: sqrt(n) times the largest distance between the empirical and the true distribution function. */
function kolmogorov(draws: Float32Array, { lower, tail }: Kind): number {
  const sorted = draws.slice().sort();
  const n = sorted.length;
  let distance = 0;
  sorted.forEach((x, i) => {
    const p = lower(x) ? tail(x) : 1 - tail(x);
    distance = Math.max(distance, p - i / n, (i + 1) / n - p);
  });
  return Math.sqrt(n) * distance;
}
/** P(statistic > t) = 2 exp(-2 t^2). */
const kolmogorovBound = (checks: number): number => Math.sqrt(Math.log((2 * checks) / FAILURES) / 2);

describe.each(kinds)('$kind', (kind) => {
  it('has the first four moments', () => {
    const moments = momentsOf(kind.cumulant);
    const draws = kind.draw(N, 11);
    for (let k = 1; k <= 4; k++) {
      let sum = 0;
      for (const x of draws) sum += (x - kind.mean) ** k;
      const error = Math.sqrt((moments[2 * k]! - moments[k]! ** 2) / N);
      expect(Math.abs(sum / N - moments[k]!) / error, `moment ${k}`).toBeLessThan(allowed(4));
    }
  });

  it('passes Kolmogorov-Smirnov: a long stream, and the first draws of 20,000 neighbouring, split and folded seeds', () => {
    const children = splitSeed(24, 20_000);
    const first = (seedOf: (i: number) => number): Float32Array =>
      Float32Array.from(children, (_, i) => kind.draw(1, seedOf(i))[0]!);
    const samples = [kind.draw(100_000, 21), first((i) => i), first((i) => children[i]!), first((i) => foldIn(25, i))];
    for (const sample of samples) expect(kolmogorov(sample, kind)).toBeLessThan(kolmogorovBound(4));
  });

  // Bins: the probability beyond a draw is 1/2 to 1/4, 1/4 to 1/8, ..., below 2^-15; on either side.
  it('fills its tails, octave by octave', () => {
    const counts = new Float64Array(30);
    for (const x of kind.draw(N, 26)) {
      const octave = Math.min(14, Math.floor(-Math.log2(kind.tail(x))) - 1);
      counts[octave + (kind.lower(x) ? 0 : 15)]! += 1;
    }
    const chi = counts.reduce((sum, count, i) => {
      const octave = i % 15;
      const expected = N * 2 ** -(octave === 14 ? 15 : octave + 2);
      return sum + (count - expected) ** 2 / expected;
    }, 0);
    expect(chi).toBeLessThan(goldens.chiSquare.octaves);
  });

  it('has no serial correlation at lags 1 to 32, of its squares neither', () => {
    const draws = standardised(kind, N, 31);
    const fourth = momentsOf(kind.cumulant)[4]! / kind.cumulant(2) ** 2;
    const squares = draws.map((x) => (x * x - 1) / Math.sqrt(fourth - 1));
    for (let lag = 1; lag <= 32; lag++) {
      expect(Math.abs(correlation(draws, draws, lag)), `lag ${lag}`).toBeLessThan(allowed(64));
      expect(Math.abs(correlation(squares, squares, lag)), `squares, lag ${lag}`).toBeLessThan(allowed(64));
    }
  });

  it('has no correlation between the streams of neighbouring seeds, of split seeds and of folded seeds', () => {
    const families = [
      Array.from({ length: 16 }, (_, i) => i),
      splitSeed(41, 16),
      Array.from({ length: 16 }, (_, i) => foldIn(41, i)),
    ];
    const pairs = (families.length * 16 * 15) / 2;
    for (const seeds of families) {
      const streams = seeds.map((seed) => standardised(kind, 10_000, seed));
      streams.forEach((a, i) => {
        for (const b of streams.slice(i + 1)) expect(Math.abs(correlation(a, b))).toBeLessThan(allowed(pairs));
      });
    }
  });
});

it('the kinds of draw of one seed do not correlate: each has a stream of its own', () => {
  const draws = kinds.map((kind) => standardised(kind, N, 51));
  draws.forEach((a, i) => {
    for (const b of draws.slice(i + 1)) expect(Math.abs(correlation(a, b))).toBeLessThan(allowed(10));
  });
});

it('a parent and its children do not correlate', () => {
  const family = [61, ...splitSeed(61, 8), ...Array.from({ length: 8 }, (_, i) => foldIn(61, i))];
  const [parent, ...children] = family.map((seed) => standardised(kinds[1]!, N / 10, seed));
  for (const child of children) expect(Math.abs(correlation(parent!, child))).toBeLessThan(allowed(16));
});

const ones = (word: number): number => {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
};

describe('bits', () => {
  it('fill the 256 values of each byte evenly', () => {
    const words = bits(N, 71);
    for (const shift of [0, 8, 16, 24]) {
      const counts = new Float64Array(256);
      for (const word of words) counts[(word >>> shift) & 255]! += 1;
      const expected = N / 256;
      const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      expect(chi).toBeLessThan(goldens.chiSquare.bytes);
    }
  });

  it('are set half of the time, and differ from the same bit of the next word half of the time', () => {
    const words = bits(N, 72);
    for (let bit = 0; bit < 32; bit++) {
      let set = 0;
      let changes = 0;
      for (let i = 1; i < N; i++) {
        set += (words[i]! >>> bit) & 1;
        changes += ((words[i]! ^ words[i - 1]!) >>> bit) & 1;
      }
      for (const count of [set, changes]) {
        expect(Math.abs(count - (N - 1) / 2) / Math.sqrt((N - 1) / 4)).toBeLessThan(allowed(64));
      }
    }
  });

  it('half of them change with any one bit of the seed', () => {
    const seed = 0x155555555 * 0x100000 + 0xaaaaa;
    const words = bits(2000, seed);
    for (let bit = 0; bit < 53; bit++) {
      const isSet = Math.floor(seed / 2 ** bit) % 2 === 1;
      const others = bits(2000, isSet ? seed - 2 ** bit : seed + 2 ** bit);
      const changed = others.reduce((sum, word, i) => sum + ones(word ^ words[i]!), 0);
      expect(Math.abs(changed - 32_000) / Math.sqrt(16_000), `bit ${bit}`).toBeLessThan(allowed(53));
    }
  });
});
