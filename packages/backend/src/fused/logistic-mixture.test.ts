import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { distance, values } from '../../tests/engines.ts';
import { differences } from '../../tests/float64.ts';
import { numbers, PLACES, run, startPlace, withoutLeaks } from '../../tests/fused.ts';

interface Sizes {
  pixels: number;
  components: number;
  channels: number;
  slopes: number;
}

interface Range {
  low: number;
  high: number;
}

const log1pExp = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

function logSumExp(terms: readonly number[]): number {
  const most = Math.max(...terms);
  return most + Math.log(terms.reduce((sum, t) => sum + Math.exp(t - most), 0));
}

/** Salimans et al. 2017, arXiv:1701.05517, (1) and (2), in float64: of every value, with mu and s in integers. */
function reference(
  value: readonly number[],
  parameters: readonly number[][],
  sizes: Sizes,
  { low, high }: Range,
): number[] {
  const { pixels, components, channels, slopes } = sizes;
  const [logits, loc, scale, coefficients] = parameters as [number[], number[], number[], number[]];
  const unit = (high - low) / 2;
  return Array.from({ length: value.length / channels }, (_, n) => {
    const y = value.slice(n * channels, (n + 1) * channels);
    const first = (n % pixels) * components; // component of the pixel
    const terms = Array.from({ length: components }, (_, k) => {
      let total = logits[first + k]!;
      let link = (first + k) * slopes;
      y.forEach((v, c) => {
        const i = (first + k) * channels + c;
        let mu = loc[i]!;
        for (let j = 0; slopes > 0 && j < c; j++)
          mu += coefficients[link++]! * ((2 * (y[j]! - low)) / (high - low) - 1);
        mu = low + (mu + 1) * unit;
        const s = scale[i]! * unit;
        const [a, b] = [(v + 0.5 - mu) / s, (v - 0.5 - mu) / s];
        if (v === low) total -= log1pExp(-a);
        else if (v === high) total -= log1pExp(b);
        else total += Math.log(-Math.expm1(-1 / s)) - log1pExp(-a) - log1pExp(b);
      });
      return total;
    });
    return logSumExp(terms) - logSumExp(logits.slice(first, first + components));
  });
}

const KEYS = ['logits', 'loc', 'scale', 'coefficients'] as const;

const shapesOf = ({ pixels, components, channels, slopes }: Sizes) => [
  [pixels, components],
  [pixels, components, channels],
  [pixels, components, channels],
  [pixels, components, slopes],
];

/** Parameters whose scales are `spread` times e^-1 to e. */
const parametersOf = (sizes: Sizes, seed: number, spread: number): tf.Tensor[] =>
  shapesOf(sizes).map((shape, i) => {
    const t = values(shape, seed + i);
    return KEYS[i] === 'scale' ? tf.mul(spread, tf.exp(t)) : t;
  });

/** Integers of the range, its ends among them. */
const integersOf = (sets: number, { pixels, channels }: Sizes, seed: number, { low, high }: Range): tf.Tensor =>
  tf.clipByValue(
    tf.round(tf.add(tf.mul(values([sets * pixels, channels], seed), (high - low) * 0.6), (low + high) / 2)),
    low,
    high,
  );

function mixture(value: tf.Tensor, parameters: readonly tf.Tensor[], range: Range, gradient = false): tf.Tensor[] {
  const inputs = Object.fromEntries(KEYS.map((key, i) => [key, parameters[i]!]));
  return run<tf.Tensor[]>('ProjLogisticMixture', { value, ...inputs }, { ...range, gradient });
}

const RANGES: Range[] = [
  { low: 0, high: 255 },
  { low: -4, high: 11 },
  { low: 0, high: 1 },
];

const sizesFrom = (pixels: number, components: number, channels: number, linked: boolean): Sizes => ({
  ...{ pixels, components, channels },
  slopes: linked ? (channels * (channels - 1)) / 2 : 0,
});

describe.each(PLACES)('ProjLogisticMixture, %s', (place) => {
  beforeEach(() => startPlace(place));

  it('is the formula in float64, and so are its gradients, for any sizes', () => {
    const cases = fc.record({
      sets: fc.integer({ min: 0, max: 3 }),
      sizes: fc
        .tuple(
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 6 }),
          fc.integer({ min: 1, max: 4 }),
          fc.boolean(),
        )
        .map((all) => sizesFrom(...all)),
      range: fc.constantFrom(...RANGES),
      spread: fc.constantFrom(0.02, 0.3, 3),
      seed: fc.nat(99),
    });
    const property = fc.property(cases, ({ sets, sizes, range, spread, seed }) => {
      withoutLeaks(() =>
        tf.tidy(() => {
          const parameters = parametersOf(sizes, seed, spread);
          const value = integersOf(sets, sizes, seed + 5, range);
          const dy = values([sets * sizes.pixels], seed + 6);
          const [y, p, weights] = [numbers(value), parameters.map(numbers), numbers(dy)];
          const [logProb, ...own] = mixture(value, parameters, range, true);
          const exact = reference(y, p, sizes, range);
          // A location is rounded to 2^-23 at most: that over the scale, beside the digits of the result.
          const rounding = 2 ** -22 / spread;
          expect(logProb!.shape).toEqual([sets * sizes.pixels]);
          expect(distance(numbers(logProb!), exact)).toBeLessThan(1e-6 + rounding);
          expect(numbers(mixture(value, parameters, range)[0]!)).toEqual(numbers(logProb!));

          const loss = (...args: number[][]) =>
            reference(y, args, sizes, range).reduce((sum, l, n) => sum + l * weights[n]!, 0);
          const slopes = differences(loss, p, 1e-6);
          const got = tf.grads((...t) => tf.sum(tf.mul(mixture(value, t, range)[0]!, dy)))(parameters);
          got.forEach((t, i) => {
            expect(t.shape).toEqual(parameters[i]!.shape);
            expect(distance(numbers(t), slopes[i]!), KEYS[i]!).toBeLessThan(3e-5 + rounding);
          });
          // What the kernel gives is the gradient of each value alone.
          own.forEach((t, i) => {
            expect(t.shape).toEqual([sets * sizes.pixels, ...parameters[i]!.shape.slice(1)]);
            const byValue = tf.mul(t, tf.reshape(dy, [-1, ...t.shape.slice(1).map(() => 1)]));
            const summed = tf.sum(tf.reshape(byValue, [sets, ...parameters[i]!.shape]), 0);
            expect(distance(numbers(summed), numbers(got[i]!))).toBeLessThan(1e-5);
          });
        }),
      );
    });
    fc.assert(property, { seed: 1, numRuns: 40 });
  });

  it('the gradient by the value is 0, by parameters of no pixels empty', () => {
    tf.tidy(() => {
      const sizes = sizesFrom(3, 2, 3, true);
      const parameters = parametersOf(sizes, 1, 1);
      const value = integersOf(1, sizes, 2, RANGES[0]!);
      const slope = tf.grad((v) => tf.sum(mixture(v, parameters, RANGES[0]!)[0]!))(value);
      expect(numbers(slope)).toEqual(new Array(9).fill(0));
      const none = parametersOf(sizesFrom(0, 2, 3, true), 1, 1);
      const outputs = mixture(tf.zeros([0, 3]), none, RANGES[0]!, true);
      expect(outputs.map((t) => t.shape)).toEqual([[0], [0, 2], [0, 2, 3], [0, 2, 3], [0, 2, 3]]);
    });
  });

  it.each(RANGES.slice(1))('second derivatives are right: %o', (range) => {
    tf.tidy(() => {
      const sizes = sizesFrom(4, 2, 2, true);
      const parameters = parametersOf(sizes, 3, 0.5);
      const value = integersOf(1, sizes, 4, range);
      const [y, p] = [numbers(value), parameters.map(numbers)];
      const lossOf = (...t: tf.Tensor[]) => tf.sum(mixture(value, t, range)[0]!);
      const squares = (...t: tf.Tensor[]) =>
        tf.addN(
          tf
            .grads(lossOf)(t)
            .map((g) => tf.sum(tf.square(g))),
        );
      const got = tf.grads(squares)(parameters);
      const loss = (...args: number[][]) => reference(y, args, sizes, range).reduce((a, b) => a + b);
      const norm = (...args: number[][]) =>
        differences(loss, args, 1e-4)
          .flat()
          .reduce((sum, g) => sum + g * g, 0);
      const exact = differences(norm, p, 1e-3);
      got.forEach((t, i) => {
        expect(distance(numbers(t), exact[i]!), KEYS[i]!).toBeLessThan(1e-3);
      });
    });
  });

  it('values and gradients are finite for any parameters', () => {
    const component = fc.record({
      logit: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
      loc: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      logScale: fc.double({ min: -9, max: 9, noNaN: true }),
    });
    const value = fc.constantFrom(0, 1, 100, 254, 255);
    const slope = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(component, component, slope, value, (p, q, by, y) => {
        tf.tidy(() => {
          const both = [p, q];
          const parameters = [
            tf.tensor([both.map(({ logit }) => logit)]),
            tf.tensor([both.map(({ loc }) => [loc, -loc])]),
            tf.tensor([both.map(({ logScale }) => [10 ** logScale, 10 ** -logScale])]),
            tf.tensor([both.map(() => [by])]),
          ];
          const outputs = mixture(tf.tensor2d([[y, 255 - y]]), parameters, RANGES[0]!, true);
          for (const t of outputs) expect(numbers(t).filter((x) => !Number.isFinite(x))).toEqual([]);
        });
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  // A bin far from the mean, and one so wide that all is in it: where sums and differences of exponentials fail.
  it.each([
    [50, 1, 200, -149.958675], // golden: mu, s, y of 0 to 255, log probability; systems.md 5.7
    [0, 1, 255, -254.5],
    [0, 1, 0, -0.474077],
    [127.5, 10, 0, -12.700003],
    [127.5, 88.49253, 127, -5.869223],
    [100, 1e-3, 100, 0],
    [100, 1e-3, 101, -500], // -0.5 / s
  ])('mu %f, s %f, y %i', (mu, s, y, golden) => {
    tf.tidy(() => {
      const parameters = [
        tf.tensor([[0]]),
        tf.tensor([[[mu / 127.5 - 1]]]),
        tf.tensor([[[s / 127.5]]]),
        tf.zeros([1, 1, 0]),
      ];
      const got = numbers(mixture(tf.tensor2d([[y]]), parameters, RANGES[0]!)[0]!)[0]!;
      const rounding = (127.5 * 2 ** -24) / s;
      expect(Math.abs(got - golden)).toBeLessThan(5e-7 + 3e-7 * Math.abs(golden) + rounding);
    });
  });

  it('a logit of -Infinity leaves a component out; NaN stays in its pixel', () => {
    tf.tidy(() => {
      const sizes = sizesFrom(5, 3, 1, false);
      const [logits, loc, scale, none] = parametersOf(sizes, 7, 0.5) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const value = integersOf(1, sizes, 8, RANGES[0]!);
      const without = tf.where(tf.tensor2d([[1, 1, 0]], [1, 3], 'bool'), logits, Number.NEGATIVE_INFINITY);
      const [logProb, dLogits, dLoc] = mixture(value, [without, loc, scale, none], RANGES[0]!, true);
      const pair = [logits, loc, scale].map((t) => tf.slice(t, 0, [5, 2])).concat(tf.zeros([5, 2, 0]));
      expect(distance(numbers(logProb!), numbers(mixture(value, pair, RANGES[0]!)[0]!))).toBeLessThan(1e-6);
      for (const t of [dLogits!, dLoc!]) expect(numbers(tf.abs(tf.slice(t, [0, 2], [5, 1])))).toEqual([0, 0, 0, 0, 0]);

      const spoilt = tf.mul(loc, tf.tensor3d([1, 1, Number.NaN, 1, 1], [5, 1, 1]));
      const all = mixture(value, [logits, spoilt, scale, none], RANGES[0]!, true).slice(0, 4);
      for (const t of all) {
        const isBad = numbers(tf.reshape(t, [5, -1])).map(Number.isNaN);
        const each = isBad.length / 5;
        expect(isBad.slice(0, 2 * each)).toEqual(new Array(2 * each).fill(false));
        expect(isBad.slice(2 * each, 3 * each)).toEqual(new Array(each).fill(true));
        expect(isBad.slice(3 * each)).toEqual(new Array(2 * each).fill(false));
      }
    });
  });

  it('says what does not fit', () => {
    tf.tidy(() => {
      const sizes = sizesFrom(2, 3, 3, true);
      const parameters = parametersOf(sizes, 1, 1);
      const value = tf.zeros([4, 3]);
      expect(() => mixture(tf.zeros([3, 3]), parameters, RANGES[0]!)).toThrow(
        'ProjLogisticMixture: float32 value [S P, C], logits [P, K], loc and scale [P, K, C] and coefficients ' +
          '[P, K, C (C - 1) / 2] or [P, K, 0] expected, K and C from 1; got value float32 [3, 3], logits float32 [2, 3], loc',
      );
      expect(() => mixture(tf.cast(value, 'int32'), parameters, RANGES[0]!)).toThrow('got value int32 [4, 3]');
      expect(() => mixture(value, [...parameters.slice(0, 3), tf.zeros([2, 3, 2])], RANGES[0]!)).toThrow(
        'coefficients float32 [2, 3, 2]',
      );
      expect(() => mixture(value, parameters, { low: 3, high: 3 })).toThrow('low must be below high, got 3 and 3');
    });
  });
});
