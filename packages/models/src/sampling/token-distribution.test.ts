import { uniform } from '@proj/distributions/random';
import { describe, expect, it } from 'vitest';
import { drawToken, mostProbable } from './draw-token.ts';
import { tokenDistribution } from './token-distribution.ts';

const logits = [0.5, 0.3, 0.2].map(Math.log);
const sum = (p: Float64Array) => p.reduce((a, b) => a + b, 0);
const expectClose = (got: ArrayLike<number>, wanted: readonly number[], digits = 6) => {
  expect(got.length).toBe(wanted.length);
  wanted.forEach((p, i) => {
    expect(got[i], `token ${i}`).toBeCloseTo(p, digits);
  });
};

// Golden: systems.md 3.7, p^(1/T) over their sum, p = (.5, .3, .2), to six digits.
it.each([
  [1, [0.5, 0.3, 0.2]],
  [0.5, [0.657895, 0.236842, 0.105263]],
  [0.2, [0.919118, 0.071471, 0.009412]],
  [2, [0.415446, 0.321803, 0.262751]],
  [0, [1, 0, 0]],
])('temperature %f of (.5, .3, .2)', (temperature, wanted) => {
  expectClose(tokenDistribution(logits, { temperature }), wanted);
});

describe('a temperature near 0', () => {
  // 10,000 nearly equal tokens: p^(1 / T) = (1e-4)^50 is 0 in float32 already.
  const many = Float32Array.from({ length: 10_000 }, (_, i) => (i === 77 ? -9.2 : -9.21));

  it.each([0.02, 1e-3, 1e-30, 5e-324])('of %f loses nothing', (temperature) => {
    const p = tokenDistribution(many, { temperature });
    expect(sum(p)).toBeCloseTo(1, 9);
    // Golden: the 9,999 others have exp(-0.01 / T) of what the likeliest has (float32 logits: to 1e-6 / T).
    const others = 9999 * Math.exp((many[0]! - many[77]!) / temperature);
    expect(p[77]).toBeCloseTo(1 / (1 + others), 9);
  });

  it('of 0 takes the first of the largest, whatever the options', () => {
    expect([...tokenDistribution([1, 3, 3, 2], { temperature: 0, topK: 3, topP: 0.9 })]).toEqual([0, 1, 0, 0]);
    expect([...tokenDistribution([1, 3, 3, 2], { temperature: 0, ban: [1, 2] })]).toEqual([0, 0, 0, 1]);
  });
});

describe('cut to the most probable', () => {
  const five = [0.1, 0.4, 0.2, 0.2, 0.1].map(Math.log);

  it.each<[string, Parameters<typeof tokenDistribution>[1], number[]]>([
    ['topK 1', { topK: 1 }, [0, 1, 0, 0, 0]],
    ['topK 2: of equal ones the first', { topK: 2 }, [0, 4 / 6, 2 / 6, 0, 0]],
    ['topK 9: all', { topK: 9 }, [0.1, 0.4, 0.2, 0.2, 0.1]],
    ['topP .3: the first alone reaches it', { topP: 0.3 }, [0, 1, 0, 0, 0]],
    ['topP .5', { topP: 0.5 }, [0, 4 / 6, 2 / 6, 0, 0]],
    ['topP .595: two reach .6', { topP: 0.595 }, [0, 4 / 6, 2 / 6, 0, 0]],
    ['topP .75', { topP: 0.75 }, [0, 0.5, 0.25, 0.25, 0]],
    ['topP 1: all', { topP: 1 }, [0.1, 0.4, 0.2, 0.2, 0.1]],
    // Of .4, .2, .2: .5, .25, .25; two of them reach .7.
    ['topK 3, then topP .7', { topK: 3, topP: 0.7 }, [0, 4 / 6, 2 / 6, 0, 0]],
    ['a ban', { ban: [1] }, [1 / 6, 0, 2 / 6, 2 / 6, 1 / 6]],
    ['a ban before topK', { ban: [1], topK: 2 }, [0, 0, 0.5, 0.5, 0]],
    // p^2: .01 .16 .04 .04 .01
    ['temperature before topP', { temperature: 0.5, topP: 0.76 }, [0, 0.8, 0.2, 0, 0]],
  ])('%s', (_, options, wanted) => {
    expectClose(tokenDistribution(five, options), wanted, 12);
  });

  it('leaves its argument', () => {
    const own = Float32Array.from(five);
    tokenDistribution(own, { topK: 1, ban: [0], temperature: 0.1 });
    expect([...own]).toEqual([...Float32Array.from(five)]);
  });
});

// n = 20,000 draws; 99.9 % of right samplers stay below 18.47, chi-square with 4 degrees of freedom (scipy.stats.chi2.isf(1e-3, 4));
// a distribution that gives one token 10 % too much expects 30 more.
it.each([
  ['the model itself', {}],
  ['temperature 2', { temperature: 2 }],
])('draws as often as probable: %s', (_, options) => {
  const p = tokenDistribution([0.1, 0.4, 0.2, 0.25, 0.05].map(Math.log), options);
  const n = 20_000;
  const counts = new Float64Array(5);
  for (const u of uniform(n, 3)) counts[drawToken(p, u)]! += 1;
  const chiSquare = counts.reduce((total, count, i) => total + (count - n * p[i]!) ** 2 / (n * p[i]!), 0);
  expect(chiSquare).toBeLessThan(18.47);
  expect(chiSquare).toBeGreaterThan(0);
});

describe('drawToken', () => {
  it('cuts (0, 1) into shares', () => {
    const p = [0.5, 0, 0.3, 0.2];
    expect([0.001, 0.4999, 0.5001, 0.7999, 0.8001, 0.9999].map((u) => drawToken(p, u))).toEqual([0, 0, 2, 2, 3, 3]);
  });

  // The definition, one token after the other, over sizes around the blocks that are summed at once.
  it.each([1, 63, 64, 65, 200, 1000])('of %i tokens finds the same one as a scan', (classes) => {
    const weights = uniform(classes, 5).map((w, i) => (i % 7 === 3 ? 0 : w));
    const total = weights.reduce((sum, w) => sum + w, 0);
    const p = Float64Array.from(weights, (w) => w / total);
    const scan = (u: number) => {
      let sum = 0;
      return p.findIndex((share) => {
        sum += share;
        return sum > u;
      });
    };
    for (const u of uniform(500, 6)) expect(drawToken(p, u)).toBe(scan(u));
  });

  it('ends at the last token with a chance behind whole blocks, too', () => {
    const p = new Float32Array(192);
    p[70] = 0.9999;
    expect(drawToken(p, 0.99999)).toBe(70);
  });

  it('ends at the last token with a chance where rounding leaves the sum below u', () => {
    expect(drawToken(Float32Array.of(0.5, 0.4999, 0), 0.99999)).toBe(1);
  });
});

it('mostProbable: the most probable first, of equal ones the first, none without a chance', () => {
  expect(mostProbable([0.1, 0.3, 0, 0.3, 0.2, 0.1], 4)).toEqual([
    { id: 1, probability: 0.3 },
    { id: 3, probability: 0.3 },
    { id: 4, probability: 0.2 },
    { id: 0, probability: 0.1 },
  ]);
  expect(mostProbable([0, 1], 5)).toEqual([{ id: 1, probability: 1 }]);
  expect(mostProbable([0.5, 0.5], 0)).toEqual([]);
});

it.each<[Parameters<typeof tokenDistribution>[1], string]>([
  [{ temperature: -1 }, 'temperature must be 0 or more, got -1. Omit it to use 1.'],
  [{ temperature: Number.NaN }, 'temperature must be 0 or more, got NaN. Omit it to use 1.'],
  [{ topK: 0 }, 'topK must be a positive integer, got 0. Omit it for all tokens.'],
  [{ topP: 0 }, 'topP must be more than 0 and at most 1, got 0. Omit it for all tokens.'],
  [{ topP: 1.5 }, 'topP must be more than 0 and at most 1, got 1.5. Omit it for all tokens.'],
  [{ ban: [3] }, 'ban must hold tokens from 0 to 2, got 3.'],
  [{ ban: [2, 0, 1] }, 'ban leaves none of the 3 tokens. Leave one at least.'],
])('refuses %o', (options, message) => {
  expect(() => tokenDistribution(logits, options)).toThrow(new RangeError(`tokenDistribution: ${message}`));
});

it.each([
  [[0, Number.NaN], 'NaN'],
  [[0, Infinity], 'Infinity'],
  [[-Infinity, -Infinity], '-Infinity'],
])('refuses the logits %o', (wrong, got) => {
  const message = `logits must be finite, or -Infinity for a token without a chance, got ${got}. At least one must be left.`;
  expect(() => tokenDistribution(wrong)).toThrow(new RangeError(`tokenDistribution: ${message}`));
  expect(() => tokenDistribution(wrong, { temperature: 0 })).toThrow(message);
});
