import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MixtureOfLogistics, type MixtureOfLogisticsOptions } from './mixture-of-logistics.ts';
import { normal, splitSeed, uniform } from './random.ts';

// ------------------------------------------------------------------ the same in float64, one pixel at a time
interface Pixel {
  readonly logits: ArrayLike<number>; // [K]
  readonly loc: ArrayLike<number>; // [K * C]
  readonly scale: ArrayLike<number>;
  readonly coefficients?: ArrayLike<number>; // [K * C (C - 1) / 2]
}

const log1pExp = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

function logSumExp(terms: readonly number[]): number {
  const most = Math.max(...terms);
  return most + Math.log(terms.reduce((sum, t) => sum + Math.exp(t - most), 0));
}

/** systems.md 5.2, with mu and s in grey levels and its three cases. */
function reference(y: readonly number[], pixel: Pixel, low = 0, high = 255): number {
  const channels = y.length;
  const pairs = (channels * (channels - 1)) / 2;
  const rescaled = y.map((v) => (2 * (v - low)) / (high - low) - 1);
  const terms = Array.from(pixel.logits, (logit, k) => {
    let total = logit;
    y.forEach((v, c) => {
      let loc = pixel.loc[k * channels + c]!;
      for (let j = 0; j < c; j++) loc += (pixel.coefficients?.[k * pairs + (c * (c - 1)) / 2 + j] ?? 0) * rescaled[j]!;
      const mu = low + ((high - low) * (loc + 1)) / 2;
      const s = (pixel.scale[k * channels + c]! * (high - low)) / 2;
      const [a, b] = [(v + 0.5 - mu) / s, (v - 0.5 - mu) / s];
      if (v === low) total -= log1pExp(-a);
      else if (v === high) total -= log1pExp(b);
      else total += Math.log(-Math.expm1(-1 / s)) - log1pExp(-a) - log1pExp(b);
    });
    return total;
  });
  return logSumExp(terms) - logSumExp(Array.from(pixel.logits));
}

// ------------------------------------------------------------------ random parameters
/** Mixtures for `pixels` pixels in a row, [1, pixels, ...], and the same numbers for the reference. */
function mixture(seed: number, pixels: number, components: number, channels: number, spread = 0.3) {
  const [a, b, c, d] = splitSeed(seed, 4) as [number, number, number, number];
  const pairs = (channels * (channels - 1)) / 2;
  const of = (numbers: Float32Array, each: number) => ({
    shape: [1, pixels, components, ...(each < 0 ? [] : [each])],
    numbers,
    of: (pixel: number) => numbers.slice((pixel * numbers.length) / pixels, ((pixel + 1) * numbers.length) / pixels),
  });
  const n = pixels * components;
  const parts = {
    logits: of(normal(n, a), -1),
    loc: of(
      normal(n * channels, b).map((x) => 0.6 * x),
      channels,
    ),
    scale: of(
      normal(n * channels, c).map((x) => spread * Math.exp(x)),
      channels,
    ),
    coefficients: of(normal(n * pairs, d), pairs),
  };
  const tensors = Object.values(parts).map(({ numbers, shape }) => tf.tensor(numbers, shape));
  const pixel = (i: number): Pixel => ({
    logits: parts.logits.of(i),
    loc: parts.loc.of(i),
    scale: parts.scale.of(i),
    coefficients: parts.coefficients.of(i),
  });
  return { tensors: tensors as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], pixel };
}

const build = (tensors: readonly tf.Tensor[], options: MixtureOfLogisticsOptions = {}) => {
  const [logits, loc, scale, coefficients] = tensors as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return new MixtureOfLogistics(logits, loc, scale, { coefficients, ...options });
};

const integers = (count: number, seed: number, low: number, high: number): Float32Array =>
  uniform(count, seed).map((u) => low + Math.floor(u * (high - low + 1)));

const numbers = (t: tf.Tensor): Float32Array => t.dataSync<'float32'>();

/** One grey pixel; mu and s in grey levels. */
const grey = (logits: number[], mu: number[], s: number[]) =>
  new MixtureOfLogistics([[logits]], [[mu.map((m) => [m / 127.5 - 1])]], [[s.map((x) => [x / 127.5])]]);

/** All images of `length` values from low to high, as rows. */
function images(length: number, low: number, high: number): number[][] {
  if (length === 0) return [[]];
  const rest = images(length - 1, low, high);
  return Array.from({ length: high - low + 1 }, (_, i) => rest.map((row) => [low + i, ...row])).flat();
}

// Every check on both engines: they round differently, and plain tfjs has other kernels on each.
describe.each(['cpu', 'wasm'])('on %s', (engine) => {
  beforeEach(async () => {
    expect(await tf.setBackend(engine)).toBe(true);
    tf.engine().startScope();
  });
  afterEach(() => tf.engine().endScope());

  // Golden: systems.md 5.7, six decimals; float32 has seven digits.
  it.each([
    [127.5, 10, 0, -12.700003],
    [127.5, 10, 255, -12.700003],
    [127.5, 10, 127, -3.689712],
    [127.5, 10, 1, -14.952175],
    [0, 1, 0, -0.474077],
    [0, 1, 1, -1.634165],
    [0, 1, 255, -254.5],
    [50, 1, 200, -149.958675],
    [127.5, 88.49253, 0, -1.648711], // what a network that puts out zeros begins with
    [127.5, 88.49253, 127, -5.869223],
  ])('golden: mu %f, s %f, y %i', (mu, s, y, golden) => {
    const got = numbers(grey([0], [mu], [s]).logProb([[[y]]]))[0]!;
    expect(Math.abs(got - golden)).toBeLessThan(5e-7 + 3e-7 * Math.abs(golden));
  });

  it.each([
    [0, -10.518791],
    [50, -3.688619],
    [120, -4.893049],
    [220, -4.096574],
    [255, -12.916011],
  ])('golden of a mixture: y %i', (y, golden) => {
    const p = grey([0.5, 0.3, 0.2].map(Math.log), [50, 120, 220], [5, 10, 3]);
    const got = numbers(p.logProb([[[y]]]))[0]!;
    expect(Math.abs(got - golden)).toBeLessThan(2e-6);
  });

  it('has a finite gradient in the far tail: mu 50, s 1, y 200', () => {
    const { logits, loc, scale } = grey([0], [50], [1]);
    const f = (m: tf.Tensor, s: tf.Tensor) => new MixtureOfLogistics(logits, m, s).logProb([[[200]]]);
    const [dLoc, dScale] = tf
      .grads(f)([loc, scale])
      .map((t) => numbers(t)[0]!);
    // Closed form: there log P = -(y - 1/2 - mu) / s + log(1 - exp(-1 / s)), by mu 1, by s 149.5 - 1 / (e - 1).
    expect(dLoc! / 127.5).toBeCloseTo(1, 6);
    expect(dScale! / 127.5 / (149.5 - 1 / (Math.E - 1))).toBeCloseTo(1, 5);
  });

  it('probabilities of all levels sum to one', () => {
    const level = tf.tensor(Array.from({ length: 256 }, (_, y) => [[[y]]]));
    const sum = (p: MixtureOfLogistics) => numbers(p.logProb(level)).reduce((total, lp) => total + Math.exp(lp), 0);
    const smallest = 127.5 * Math.exp(-7); // softplus(-infinity) + e^-7
    expect(smallest).toBeCloseTo(0.116265, 6);
    const mu = fc.double({ min: -300, max: 600, noNaN: true });
    const s = fc.oneof(fc.constant(smallest), fc.double({ min: smallest, max: 1000, noNaN: true }));
    const component = fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), mu, s);
    const property = fc.property(fc.array(component, { minLength: 1, maxLength: 4 }), (components) => {
      const [logits, mus, scales] = [0, 1, 2].map((i) => components.map((row) => row[i]!)) as [
        number[],
        number[],
        number[],
      ];
      expect(Math.abs(sum(grey(logits, mus, scales)) - 1)).toBeLessThan(1e-6);
    });
    fc.assert(property, { seed: 1, numRuns: 100 });
  });

  it.each([
    [1, 3, 256],
    [3, 1, 4096],
  ])('probabilities of all 2x2 images of %i channels from 0 to %i sum to one', (channels, high, count) => {
    const { tensors } = mixture(5, 4, 3, channels);
    const square = tensors.map((t) => tf.reshape(t, [2, 2, ...t.shape.slice(2)]));
    const all = images(4 * channels, 0, high);
    expect(all.length).toBe(count);
    const p = build(square, { high });
    const total = numbers(p.prob(tf.tensor(all.flat(), [count, 2, 2, channels]))).reduce((sum, x) => sum + x, 0);
    expect(Math.abs(total - 1)).toBeLessThan(1e-5);
  });

  it.each([
    [1, 0, 255],
    [3, 0, 255],
    [2, -4, 11],
    [4, 0, 1],
  ])('agrees with float64: %i channels from %i to %i', (channels, low, high) => {
    const pixels = 300;
    for (const spread of [1e-3, 0.05, 2]) {
      const { tensors, pixel } = mixture(7, pixels, 4, channels, spread);
      const y = integers(pixels * channels, 8, low, high);
      // A batch of images of one pixel each.
      const batch = tensors.map((t) => tf.reshape(t, [pixels, 1, 1, ...t.shape.slice(2)]));
      const got = numbers(build(batch, { low, high }).logProb(tf.tensor(y, [pixels, 1, 1, channels])));
      expect(got.length).toBe(pixels);
      got.forEach((lp, i) => {
        const exact = reference(Array.from(y.slice(i * channels, (i + 1) * channels)), pixel(i), low, high);
        // The location is rounded to 2^-24 of a range of 2: that over the scale, beside the digits of the terms.
        const rounding = 2 ** -23 / Math.min(...Array.from(pixel(i).scale));
        expect(Math.abs(lp - exact)).toBeLessThan(1e-6 * Math.max(1, Math.abs(exact)) + 2 * rounding);
      });
    }
  });

  it('gradients agree with differences in float64, at the edges too', () => {
    const [channels, pixels, components] = [3, 12, 3];
    const { tensors, pixel } = mixture(9, pixels, components, channels, 0.1);
    const y = integers(pixels * channels, 10, 0, 255);
    y.set([0, 255, 128, 255, 0, 0]);
    const value = tf.tensor(y, [1, pixels, channels]);
    const got = tf
      .grads((...t) => build(t).logProb(value))(tensors)
      .map(numbers);
    const keys = ['logits', 'loc', 'scale', 'coefficients'] as const;
    for (let i = 0; i < pixels; i++) {
      const here = pixel(i);
      const own = Array.from(y.slice(i * channels, (i + 1) * channels));
      keys.forEach((key, which) => {
        const exact = Array.from(here[key]!);
        exact.forEach((_, j) => {
          const moved = (by: number) => reference(own, { ...here, [key]: exact.map((x, k) => (k === j ? x + by : x)) });
          const slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
          expect(Math.abs(got[which]![i * exact.length + j]! - slope)).toBeLessThan(
            1e-4 * Math.max(1, Math.abs(slope)),
          );
        });
      });
    }
  });

  it('second derivatives are right, at the edges too', () => {
    const parameters = mixture(11, 3, 2, 1, 0.2).tensors.slice(0, 3);
    const value = tf.tensor3d([100, 255, 0], [1, 3, 1]);
    const first = (t: tf.Tensor[]) => tf.grads((...p) => build(p).logProb(value))(t);
    const squares = (t: tf.Tensor[]) => tf.addN(first(t).map((g) => tf.sum(tf.square(g))));
    const got = tf
      .grads((...t) => squares(t))(parameters)
      .map(numbers);
    const h = 1e-2;
    got.forEach((slopes, which) => {
      const largest = Math.max(...slopes.map(Math.abs));
      slopes.forEach((g, j) => {
        const moved = (by: number) => {
          const at = numbers(parameters[which]!).map((x, i) => (i === j ? x + by : x));
          const t = parameters.map((p, i) => (i === which ? tf.tensor(at, p.shape) : p));
          return numbers(squares(t))[0]!;
        };
        const difference = (8 * (moved(h / 2) - moved(-h / 2)) - (moved(h) - moved(-h))) / (6 * h);
        expect(Math.abs(g - difference)).toBeLessThan(1e-3 * largest);
      });
    });
  });

  it('values and gradients are finite for any parameters', () => {
    const parameter = fc.record({
      logit: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
      loc: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      logScale: fc.double({ min: -6, max: 6, noNaN: true }),
    });
    const value = fc.constantFrom(0, 1, 100, 254, 255);
    const property = fc.property(
      parameter,
      parameter,
      fc.double({ min: -10, max: 10, noNaN: true }),
      value,
      (p, q, slope, y) => {
        tf.tidy(() => {
          const both = [p, q];
          const tensors = [
            tf.tensor([[both.map(({ logit }) => logit)]]),
            tf.tensor([[both.map(({ loc }) => [loc, -loc])]]),
            tf.tensor([[both.map(({ logScale }) => [10 ** logScale, 10 ** -logScale])]]),
            tf.tensor([[both.map(() => [slope])]]),
          ];
          const { value: logProb, grads } = tf.valueAndGrads((...t) => build(t).logProb([[[y, 255 - y]]]))(tensors);
          for (const t of [logProb, ...grads]) expect(numbers(t).every(Number.isFinite)).toBe(true);
        });
      },
    );
    fc.assert(property, { seed: 2, numRuns: 150 });
  });

  it('is -Infinity outside the range, with gradient zero', () => {
    const { tensors } = mixture(12, 2, 2, 1);
    const value = tf.tensor([100, 256, -1, 100, 100, 100], [3, 1, 2, 1]);
    expect([...numbers(build(tensors).logProb(value))].map(Number.isFinite)).toEqual([false, false, true]);
    const outside = tf.slice(value, 0, 2);
    for (const gradient of tf.grads((...t) => build(t).logProb(outside))(tensors.slice(0, 3))) {
      expect(numbers(gradient).every((x) => x === 0)).toBe(true);
    }
  });

  it('a logit of -Infinity leaves a component out', () => {
    const [, loc, scale] = mixture(24, 1, 2, 1).tensors;
    const first = (t: tf.Tensor) => tf.slice(t, [0, 0, 0, 0], [1, 1, 1, 1]);
    const f = (logits: tf.Tensor, m: tf.Tensor, s: tf.Tensor) => new MixtureOfLogistics(logits, m, s).logProb([[[9]]]);
    const logits = tf.tensor([[[0.5, Number.NEGATIVE_INFINITY]]]);
    const { value, grads } = tf.valueAndGrads(f)([logits, loc, scale]);
    const alone = tf.valueAndGrads(f)([tf.tensor([[[0]]]), first(loc), first(scale)]);
    expect(numbers(value)[0]! - numbers(alone.value)[0]!).toBeCloseTo(0, 6);
    grads.forEach((t, i) => {
      const [kept, out] = numbers(t);
      expect(kept! - numbers(alone.grads[i]!)[0]!).toBeCloseTo(0, 5);
      expect(out).toBeCloseTo(0, 10);
    });
  });

  it('the gradient by the value is zero', () => {
    const { tensors } = mixture(12, 2, 2, 3);
    const gradient = tf.grad((v: tf.Tensor) => build(tensors).logProb(v))(tf.fill([1, 2, 3], 77));
    expect([...numbers(gradient)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('a sample inside a gradient passes 0, so that the score function works', () => {
    const { tensors } = mixture(13, 3, 2, 3);
    const fixed = build(tensors).sample({ seed: 4 });
    const score = tf.grads((...t) => build(t).logProb(fixed))(tensors);
    const through = tf.grads((...t) => {
      const p = build(t);
      return p.logProb(p.sample({ seed: 4 }));
    })(tensors);
    through.forEach((t, i) => {
      expect([...numbers(t)]).toEqual([...numbers(score[i]!)]);
    });
    for (const t of tf.grads((...ts) => tf.sum(build(ts).sample({ seed: 4 })))(tensors)) {
      expect(numbers(t).every((x) => x === 0)).toBe(true);
    }
  });

  it('mean, variance, mode and entropy of one channel are those of its probabilities', () => {
    const { tensors, pixel } = mixture(14, 6, 3, 1, 0.2);
    const p = build(tensors.slice(0, 3), { low: -3, high: 12 });
    const levels = Array.from({ length: 16 }, (_, i) => i - 3);
    const [mean, variance, stddev, mode] = [p.mean(), p.variance(), p.stddev(), p.mode()].map(numbers);
    let entropy = 0;
    for (let i = 0; i < 6; i++) {
      const probs = levels.map((y) => Math.exp(reference([y], pixel(i), -3, 12)));
      const expectation = (f: (y: number, prob: number) => number) =>
        levels.reduce((sum, y, j) => sum + probs[j]! * f(y, probs[j]!), 0);
      const average = expectation((y) => y);
      const spread = expectation((y) => (y - average) ** 2);
      entropy -= expectation((_, prob) => Math.log(prob));
      expect(mean![i]!).toBeCloseTo(average, 4);
      expect(variance![i]! / spread).toBeCloseTo(1, 4);
      expect(stddev![i]! / Math.sqrt(spread)).toBeCloseTo(1, 4);
      expect(mode![i]).toBe(levels[probs.indexOf(Math.max(...probs))]);
    }
    expect(p.mean().shape).toEqual([1, 6, 1]);
    expect(p.entropy().shape).toEqual([]);
    expect(numbers(p.entropy())[0]! / entropy).toBeCloseTo(1, 5);
  });

  it('leaves nothing behind but its results', () => {
    const { tensors } = mixture(15, 4, 2, 3);
    const value = tf.fill([1, 4, 3], 5);
    const p = build(tensors, { high: 7 });
    const one = build(mixture(15, 4, 2, 1).tensors.slice(0, 3), { high: 7 });
    const before = tf.memory().numTensors;
    tf.dispose([p.sample({ sampleShape: [2], seed: 1 }), p.logProb(value), p.prob(value)]);
    tf.dispose([one.mean(), one.variance(), one.stddev(), one.mode(), one.entropy()]);
    tf.dispose(tf.grads((...t) => build(t, { high: 7 }).logProb(value))(tensors));
    const both = p.sampleAndLogProb({ seed: 2 });
    tf.dispose([both.sample, both.logProb]);
    expect(() => p.mean()).toThrow('MixtureOfLogistics: mean() is not defined for this distribution, whose 3 channels');
    expect(() => new MixtureOfLogistics([[[0]]], [[[[0]]]], [[[[-1]]]], { validateArgs: true })).toThrow('positive');
    expect(() => new MixtureOfLogistics([[[0, 0]]], [[[[0]]]], [[[[1]]]])).toThrow('logits must end in [H, W, K]');
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** The chi-square statistic that a right sampler exceeds with probability 1e-6 (Wilson & Hilferty's approximation). */
const chiSquareLimit = (freedom: number): number => {
  const v = 2 / (9 * freedom);
  return freedom * (1 - v + 4.7534 * Math.sqrt(v)) ** 3;
};

/** Chi-square of how often each image was drawn; images expected less than 5 times count as one. */
function chiSquare(drawn: Float32Array, expected: readonly number[], length: number, low: number, base: number) {
  const found = expected.map(() => 0);
  for (let at = 0; at < drawn.length; at += length) {
    let index = 0;
    for (let i = 0; i < length; i++) index = index * base + drawn[at + i]! - low;
    found[index]! += 1;
  }
  const cells: [number, number][] = [];
  const rare: [number, number] = [0, 0];
  expected.forEach((e, i) => {
    if (e >= 5) cells.push([found[i]!, e]);
    else rare.splice(0, 2, rare[0] + found[i]!, rare[1] + e);
  });
  if (rare[1] >= 5) cells.push(rare);
  return { statistic: cells.reduce((sum, [f, e]) => sum + (f - e) ** 2 / e, 0), freedom: cells.length - 1 };
}

// A right sampler fails 1 seed in a million. What these catch: conditioning on what is not rounded yet, a component for
// each channel, channels drawn from one seed.
it.each([
  [2, 2, 1, 0, 3, 0.3],
  [2, 2, 3, 0, 1, 0.3],
  [1, 1, 3, -1, 2, 0.4],
])(
  'samples of %i x %i x %i from %i to %i are as frequent as prob says',
  async (height, width, channels, low, high, spread) => {
    await tf.setBackend('cpu');
    const draws = 40_000;
    const { tensors } = mixture(16, height * width, 2, channels, spread);
    const shaped = tensors.map((t) => tf.reshape(t, [height, width, ...t.shape.slice(2)]));
    const p = build(shaped, { low, high });
    const length = height * width * channels;
    const all = images(length, low, high);
    const probs = numbers(p.prob(tf.tensor(all.flat(), [all.length, height, width, channels])));
    const drawn = numbers(p.sample({ sampleShape: [draws], seed: 0 }));
    const { statistic, freedom } = chiSquare(
      drawn,
      Array.from(probs, (x) => x * draws),
      length,
      low,
      high - low + 1,
    );
    expect(freedom).toBeGreaterThan(15); // few cells would see little
    expect(statistic).toBeLessThan(chiSquareLimit(freedom));
  },
);

it('the same seed gives the same images on cpu and wasm', async () => {
  const draw = async (engine: string) => {
    expect(await tf.setBackend(engine)).toBe(true);
    const p = build(mixture(17, 500, 5, 3, 0.1).tensors);
    return numbers(p.sample({ sampleShape: [4], seed: 3 }));
  };
  const [cpu, wasm] = [await draw('cpu'), await draw('wasm')];
  expect(new Set(cpu).size).toBeGreaterThan(200);
  expect(wasm).toEqual(cpu);
});

describe('shapes', () => {
  beforeEach(() => tf.setBackend('cpu'));

  it('a value broadcasts against the batch', () => {
    const { tensors } = mixture(18, 12, 2, 3);
    const batch = tensors.map((t) => tf.reshape(t, [3, 2, 2, ...t.shape.slice(2)])); // 3 sets of parameters for 2x2
    const p = build(batch);
    expect([p.batchShape, p.eventShape]).toEqual([[3], [2, 2, 3]]);
    const values = tf.tensor(integers(2 * 5 * 3 * 12, 19, 0, 255), [2, 5, 3, 2, 2, 3]);
    const whole = p.logProb(values);
    expect(whole.shape).toEqual([2, 5, 3]);
    const alone = [0, 1, 2].map((b) => {
      const own = build(batch.map((t) => tf.squeeze(tf.slice(t, b, 1), [0])));
      return own.logProb(tf.squeeze(tf.slice(values, [0, 0, b], [2, 5, 1]), [2]));
    });
    expect([...numbers(tf.stack(alone, 2))]).toEqual([...numbers(whole)]);
    // Values of batch shape [3], [1] and [5, 1], parameters of [3]; and one set of parameters for a batch of values.
    const few = tf.slice(tf.squeeze(tf.slice(values, 0, 1), [0]), [0, 0], [5, 1]); // [5, 1, ...]
    expect(p.logProb(few).shape).toEqual([5, 3]);
    const single = build(batch.map((t) => tf.slice(t, 0, 1)));
    const against = single.logProb(tf.squeeze(tf.slice(values, 0, 1), [0])); // [1] against [5, 3]
    expect(against.shape).toEqual([5, 3]);
    const same = build(batch.map((t) => tf.squeeze(tf.slice(t, 0, 1), [0])));
    expect([...numbers(same.logProb(tf.squeeze(tf.slice(values, 0, 1), [0])))]).toEqual([...numbers(against)]);
  });

  it('gradients of broadcast parameters are summed', () => {
    const { tensors } = mixture(20, 4, 2, 3);
    const square = tensors.map((t) => tf.reshape(t, [2, 2, ...t.shape.slice(2)]));
    const values = tf.tensor(integers(5 * 12, 21, 0, 255), [5, 2, 2, 3]);
    const whole = tf.grads((...t) => build(t).logProb(values))(square);
    const parts = Array.from({ length: 5 }, (_, i) =>
      tf.grads((...t) => build(t).logProb(tf.squeeze(tf.slice(values, i, 1), [0])))(square),
    );
    whole.forEach((t, which) => {
      const sum = numbers(tf.addN(parts.map((part) => part[which]!)));
      numbers(t).forEach((x, i) => {
        expect(Math.abs(x - sum[i]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(x)));
      });
    });
  });

  it('slice, expand and samples keep range and coefficients', () => {
    const { tensors } = mixture(22, 12, 2, 3);
    const p = build(
      tensors.map((t) => tf.reshape(t, [3, 2, 2, ...t.shape.slice(2)])),
      { low: 1, high: 4 },
    );
    const draws = p.sample({ sampleShape: [2], seed: 0 });
    expect(draws.shape).toEqual([2, 3, 2, 2, 3]);
    const whole = numbers(p.logProb(draws));
    const middle = p.slice([1], [1]);
    const got = numbers(middle.logProb(tf.slice(draws, [0, 1], [2, 1])));
    expect([...got]).toEqual([whole[1], whole[4]]);
    expect([...numbers(p.expand([2, 3]).logProb(draws))]).toEqual([...whole]);
    expect(p.sample({ sampleShape: [0], seed: 0 }).shape).toEqual([0, 3, 2, 2, 3]);
  });

  it('says what does not fit', () => {
    const { tensors } = mixture(23, 2, 2, 3);
    const [logits, loc, scale, coefficients] = tensors;
    expect(() => build([logits, loc, scale, tf.slice(coefficients, [0, 0, 0, 0], [1, 2, 2, 2])])).toThrow(
      new RangeError(
        'MixtureOfLogistics: logits must end in [H, W, K], loc and scale in [H, W, K, C], coefficients in ' +
          '[H, W, K, C (C - 1) / 2], K and C from 1; got coefficients [1, 2, 2, 2] beside loc [1, 2, 2, 3].',
      ),
    );
    expect(() => build(tensors, { low: 3, high: 3 })).toThrow('integers, low < high, got 3 and 3');
    expect(() => build(tensors, { high: 0.5 })).toThrow('integers, low < high, got 0 and 0.5');
    expect(() => build(tensors).logProb(tf.zeros([2, 1, 3]))).toThrow('value must end in the event shape [1, 2, 3]');
    expect(() => build(tensors, { validateArgs: true }).logProb(tf.fill([1, 2, 3], 0.5))).toThrow(
      /MixtureOfLogistics.logProb: value .* must be an integer in \[0, 255\]/,
    );
    expect(() => build(tensors, { validateArgs: true, high: 9 }).logProb(tf.fill([1, 2, 3], 10))).toThrow(
      'got [10, 10',
    );
    for (const what of ['mean', 'variance', 'stddev', 'mode', 'entropy'] as const) {
      expect(() => build(tensors)[what]()).toThrow('is not defined for this distribution, whose 3 channels');
    }
  });
});
