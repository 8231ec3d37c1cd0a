import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { normal, splitSeed, uniform } from '@proj/distributions/random';
import { describe, expect, it } from 'vitest';
import type { WordVaeConfig } from './config.ts';
import { WordVae } from './word-vae.ts';

/** Weights unlike any fresh ones: biases, and letters that matter. */
function stirred(config: WordVaeConfig): WordVae {
  const model = new WordVae({ ...{ letters: 4, units: 6, latent: 3, embedding: 5, length: 8, seed: 2 }, ...config });
  Object.values(model.weights).forEach((weight, i) => {
    tf.tidy(() => weight.assign(tf.add(weight, tf.mul(tf.tensor(normal(weight.size, i), weight.shape), 0.5))));
  });
  return model;
}

const FORMS: [string, WordVaeConfig][] = [
  ['full', {}],
  ['full, reset before', { reset: 'before' }],
  ['small', { config: 'small' }],
  ['small, reset before', { config: 'small', reset: 'before' }],
];

/** Words of letters 'abcd...' of an alphabet of `letters` as rows [N, length]. */
function rows(words: readonly string[], length: number, letters = 4): tf.Tensor2D {
  const symbols = words.flatMap((word) => {
    const own = [...word].map((letter) => letter.charCodeAt(0) - 97);
    return [...own, letters + 1, ...Array(length).fill(letters + 2)].slice(0, length);
  });
  return tf.tensor2d(symbols, [words.length, length], 'int32');
}

const codes = (count: number, latent: number, seed: number) =>
  tf.tensor2d(normal(count * latent, seed), [count, latent]);
const numbers = (x: tf.Tensor): number[] => Array.from(x.dataSync());
const furthest = (a: tf.Tensor, b: tf.Tensor): number => {
  expect(a.shape).toEqual(b.shape);
  return Math.max(...numbers(tf.abs(tf.sub(a, b))));
};
const WORDS = ['abc', '', 'dda', 'bcbcb'];

// Counts: systems.md 11.2 and the peers page (W10). Without the second biases of two GRUs of 64: 384 less.
it.each([
  [{}, 46_089],
  [{ reset: 'before' }, 45_705],
  [{ config: 'small' }, 7443],
  [{ config: 'small', reset: 'before' }, 7323],
] as [WordVaeConfig, number][])('%o has %i parameters', (config, count) => {
  const model = new WordVae(config);
  expect(model.countParams()).toBe(count);
  expect(model.describe().reduce((sum, { params }) => sum + params, 0)).toBe(count);
  model.dispose();
});

it("starts from Keras's distributions, the same for the same seed", () => {
  const [a, b, other] = [new WordVae({ seed: 1 }), new WordVae({ seed: 1 }), new WordVae({ seed: 2 })];
  const { weights } = a;
  const largest = (name: string) => Math.max(...numbers(weights[name]!).map(Math.abs));
  const near = (name: string, limit: number) => {
    expect(largest(name)).toBeLessThanOrEqual(limit);
    expect(largest(name)).toBeGreaterThan(0.95 * limit);
  };
  near('decoder/embedding/embeddings', 0.05);
  near('decoder/gru/kernel', Math.sqrt(6 / (36 + 192)));
  near('decoder/gru/codeKernel', Math.sqrt(6 / (36 + 192)));
  near('output/kernel', Math.sqrt(6 / (64 + 65)));
  const recurrent = weights['encoder/gru/recurrentKernel'] as tf.Tensor as tf.Tensor2D;
  expect(furthest(tf.matMul(recurrent, recurrent, false, true), tf.eye(64))).toBeLessThan(1e-5);
  expect(largest('encoder/gru/bias')).toBe(0);
  for (const [name, weight] of Object.entries(weights)) expect(numbers(b.weights[name]!)).toEqual(numbers(weight));
  expect(numbers(other.weights['mean/kernel']!)).not.toEqual(numbers(weights['mean/kernel']!));
  for (const model of [a, b, other]) model.dispose();
});

// ln 63 = 4.143135: 62 letters and the end are as probable, start and pad never come. systems.md 11.6.
it.each(['full', 'small'] as const)(
  '%s: an output without weights costs ln 63 a symbol, the end included',
  (config) => {
    const model = new WordVae({ config });
    model.weights['output/kernel']!.assign(tf.zerosLike(model.weights['output/kernel']!));
    const x = rows(['emma', 'z', ''], 6, 62);
    const nats = numbers(tf.neg(model.logLikelihood(x, codes(3, model.config.latent, 1))));
    [5, 2, 1].forEach((symbols, i) => {
      expect(nats[i]! / symbols).toBeCloseTo(4.143135, 5);
    });
    expect(numbers(model.symbolCounts(x))).toEqual([5, 2, 1]);
    model.dispose();
  },
);

describe.each(FORMS)('%s', (_, config) => {
  const model = stirred(config);
  const isSmall = config.config === 'small';
  const x = rows(WORDS, 6);
  const z = codes(WORDS.length, 3, 7);

  it('gives the same logits for the same z, and every step depends on z', () => {
    const logits = model.logits(x, z);
    expect(numbers(model.logits(x, z))).toEqual(numbers(logits));
    const [steps, classes] = logits.shape.slice(1) as [number, number];
    expect([steps, classes]).toEqual([6, isSmall ? 5 : 7]);
    for (let t = 0; t < steps; t++) {
      const ofStep = (code: tf.Tensor) =>
        tf.sum(tf.square(tf.softmax(tf.slice(model.logits(x, code), [0, t, 0], [-1, 1, -1]))));
      const gradient = tf.grad(ofStep)(z) as tf.Tensor2D;
      // Of each word's own code.
      for (const length of numbers(tf.norm(gradient, 2, 1))) expect(length).toBeGreaterThan(1e-5);
    }
  });

  it('sees z at a step, and not in the state alone', () => {
    const { code, h } = model.start(z);
    const other = model.start(codes(WORDS.length, 3, 8));
    const symbols = tf.tensor1d([0, 1, 2, 3], 'int32');
    const [own, foreign] = [code, other.code].map((given) => model.next(symbols, { code: given, h }).logits);
    for (const difference of numbers(tf.max(tf.abs(tf.sub(own!, foreign!)), 1)))
      expect(difference).toBeGreaterThan(1e-2);
  });

  it('sees the letters before each, and no other', () => {
    const logits = model.logits(rows(['abcda'], 6), codes(1, 3, 1));
    const changed = model.logits(rows(['abdda'], 6), codes(1, 3, 1));
    const differences = Array.from({ length: 6 }, (__, t) =>
      furthest(tf.slice(logits, [0, t, 0], [1, 1, -1]), tf.slice(changed, [0, t, 0], [1, 1, -1])),
    );
    expect(differences.slice(0, 3)).toEqual([0, 0, 0]);
    for (const difference of differences.slice(3)) {
      if (isSmall) expect(difference).toBe(0);
      else expect(difference).toBeGreaterThan(1e-3);
    }
  });

  it('is not changed by pads', () => {
    const padded = rows(WORDS, 11);
    expect(furthest(model.logLikelihood(x, z), model.logLikelihood(padded, z))).toBeLessThan(1e-5);
    expect(furthest(model.encode(x).loc, model.encode(padded).loc)).toBe(0);
    expect(furthest(model.encode(x).scale, model.encode(padded).scale)).toBe(0);
    expect(furthest(model.elbo(x, 3).elbo, model.elbo(padded, 3).elbo)).toBeLessThan(1e-5);
    expect(furthest(model.iwae(x, 5, 3), model.iwae(padded, 5, 3))).toBeLessThan(1e-5);
    expect(numbers(model.reconstructed(x))).toEqual(numbers(model.reconstructed(padded)));
  });

  it('does not mix words of a batch', () => {
    const alone = tf.concat(WORDS.map((word, i) => model.logLikelihood(rows([word], 6), tf.slice(z, i, 1))));
    expect(furthest(alone, model.logLikelihood(x, z))).toBeLessThan(1e-5);
    const codesAlone = tf.concat(WORDS.map((word) => model.encode(rows([word], 6)).loc));
    expect(furthest(codesAlone, model.encode(x).loc)).toBeLessThan(1e-6);
  });

  it('gives letter by letter the logits of the whole, over 200 steps', () => {
    const letters = Int32Array.from(uniform(2 * 200, 4), (u) => Math.floor(4 * u));
    const whole = model.logits(tf.tensor2d(letters, [2, 200], 'int32'), tf.slice(z, 0, 2));
    let state = model.start(tf.slice(z, 0, 2));
    for (let t = 0; t < 200; t++) {
      const before = tf.tensor1d(t === 0 ? [4, 4] : [letters[t - 1]!, letters[200 + t - 1]!], 'int32');
      const step = model.next(before, state);
      state = step.state;
      expect(furthest(step.logits, tf.reshape(tf.slice(whole, [0, t, 0], [2, 1, -1]), [2, -1]))).toBeLessThan(1e-4);
    }
  });

  it('scores a word by the sum of its symbols', () => {
    const logits = model.logits(x, z).arraySync();
    const sums = WORDS.map((word, i) => {
      const end = isSmall ? 4 : 5;
      const symbols = [...[...word].map((letter) => letter.charCodeAt(0) - 97), end];
      return symbols.reduce((sum, symbol, t) => {
        const here = logits[i]![t]!;
        return sum + here[symbol]! - Math.log(here.reduce((total, logit) => total + Math.exp(logit), 0));
      }, 0);
    });
    expect(furthest(model.logLikelihood(x, z), tf.tensor1d(sums))).toBeLessThan(1e-5);
  });

  it('samples words of letters, an end and pads', async () => {
    const drawn = await model.sample(50, 1);
    expect(drawn.shape).toEqual([50, 8]);
    expect(drawn.dtype).toBe('int32');
    for (const row of await drawn.array()) {
      const end = row.indexOf(5);
      const letters = end < 0 ? row : row.slice(0, end);
      expect(letters.every((symbol) => symbol >= 0 && symbol < 4)).toBe(true);
      if (end >= 0) expect(new Set(row.slice(end + 1)).size).toBeLessThanOrEqual(1);
      if (end >= 0 && end < 7) expect(row[7]).toBe(6);
    }
    expect(numbers(await model.sample(50, 1))).toEqual(numbers(drawn));
    expect(numbers(await model.sample(50, 2))).not.toEqual(numbers(drawn));
  });

  it('knows without decoding what greedy decoding gives back', async () => {
    const words = ['', 'a', 'b', 'c', 'd', 'aa', 'ab', 'ba', 'bb', 'ca', 'abc', 'ddd'];
    // Each word becomes its own reconstruction too, so that some are right.
    const first = await model.reconstruct(rows(words, 8), { length: 8 });
    const all = tf.concat([rows(words, 8), first]) as tf.Tensor2D;
    const decoded = (await model.reconstruct(all, { length: 8 })).arraySync();
    const expected = all.arraySync().map((row, i) => Number(row.join() === decoded[i]!.join()));
    expect(numbers(model.reconstructed(all))).toEqual(expected);
    expect(model.reconstructionRate(all).dataSync()[0]).toBeCloseTo(expected.reduce((a, b) => a + b) / all.shape[0], 6);
  });

  it('leaves nothing behind but its results', async () => {
    const keep = () => tf.memory().numTensors;
    const before = keep();
    for (let step = 0; step < (isSmall ? 10 : 50); step++) {
      const { value, grads } = tf.variableGrads(() => model.loss(x, step, step), Object.values(model.weights));
      tf.dispose([value, grads]);
    }
    const { elbo, reconstruction, kl } = model.elbo(x, 1);
    const { loc, scale } = model.encode(x);
    const state = model.start(z);
    const next = model.next(tf.tensor1d([4, 4, 4, 4], 'int32'), state);
    tf.dispose([elbo, reconstruction, kl, loc, scale, state, next, model.iwae(x, 3, 1), model.logits(x, z)]);
    tf.dispose([model.reconstructionRate(x), model.activeUnits(x), model.symbolCounts(x), model.sampleCodes(2, 0)]);
    tf.dispose(await Promise.all([model.sample(3, 1), model.reconstruct(x), model.decodeByBeam(z, 3)]));
    const [a, b] = [rows(['a'], 4), rows(['bc'], 4)];
    tf.dispose(await model.interpolate(a, b, 3));
    tf.dispose([a, b]);
    expect(keep()).toBe(before + 1); // the symbols given to next
  });
});

// All 2 + 4 + 8 words of 1 to 3 letters, the empty one, and what begins with 4 letters.
it.each(['full', 'small'] as const)(
  '%s: two letters, words of up to three and the unfinished rest have the sum one',
  (config) => {
    const model = stirred({ config, letters: 2 });
    const words: number[][] = [];
    const grow = (word: number[]) => {
      if (word.length === 4) return void words.push(word);
      words.push([...word, 3, 4, 4, 4].slice(0, 4));
      for (const letter of [0, 1]) grow([...word, letter]);
    };
    grow([]);
    expect(words.length).toBe(15 + 16);
    const z = tf.tile(codes(1, 3, 5), [words.length, 1]);
    const probabilities = tf.exp(model.logLikelihood(tf.tensor2d(words, undefined, 'int32'), z));
    expect(tf.sum(probabilities).dataSync()[0]).toBeCloseTo(1, 5);
    expect(Math.min(...numbers(probabilities))).toBeGreaterThan(0);
  },
);

describe('the loss', () => {
  const x = rows(WORDS, 6);
  const value = (model: WordVae, seed: number, step?: number) => model.loss(x, seed, step).dataSync()[0]!;

  it('is minus the bound where nothing is hidden and free', () => {
    const model = stirred({ wordDropout: 0, freeBits: 0 });
    const { elbo, reconstruction, kl } = model.elbo(x, splitSeed(3)[0]!);
    expect(value(model, 3)).toBeCloseTo(-tf.mean(elbo).dataSync()[0]!, 4);
    expect(furthest(elbo, tf.sub(reconstruction, kl))).toBe(0);
    const { loc, scale } = model.encode(x);
    const [m, s] = [loc.arraySync(), scale.arraySync()];
    // Closed form, once a word: (m^2 + s^2 - 1 - 2 ln s) / 2 summed over z.
    const byHand = m.map((row, b) =>
      row.reduce((sum, mean, j) => sum + (mean ** 2 + s[b]![j]! ** 2 - 1 - 2 * Math.log(s[b]![j]!)) / 2, 0),
    );
    expect(furthest(kl, tf.tensor1d(byHand))).toBeLessThan(1e-4);
  });

  it('weighs the KL by the step', () => {
    const model = stirred({ beta: 3, freeBits: 0 });
    expect([0, 500, 2000, 9999].map((step) => model.klWeight(step))).toEqual([0, 0.75, 3, 3]);
    const kl = tf.mean(model.elbo(x, 0).kl).dataSync()[0]!;
    expect(value(model, 1, 1000) - value(model, 1, 0)).toBeCloseTo(1.5 * kl, 3);
    expect(value(model, 1)).toBe(value(model, 1, 2000));
  });

  it('charges a dimension for its free bits at least', () => {
    const model = stirred({ freeBits: 0.05 });
    for (const name of ['mean', 'logVariance']) {
      for (const part of ['kernel', 'bias']) {
        const weight = model.weights[`${name}/${part}`]!;
        weight.assign(tf.zerosLike(weight));
      }
    }
    // q is the prior: a KL of 0, charged 0.05 for each of three dimensions.
    expect(value(model, 1) - value(model, 1, 0)).toBeCloseTo(0.15, 5);
  });

  it('hides the letters before behind pads', () => {
    const model = stirred({ wordDropout: 1 - 1e-9, beta: 0 });
    const { loc, scale } = model.encode(x);
    const noise = tf.tensor2d(normal(loc.size, splitSeed(4)[0]!), loc.shape);
    let state = model.start(tf.add(loc, tf.mul(scale, noise)));
    const labels = x.arraySync();
    let nats = 0;
    for (let t = 0; t < 6; t++) {
      const step = model.next(tf.fill([WORDS.length], t === 0 ? 4 : 6, 'int32'), state);
      state = step.state;
      const logProbs = (tf.logSoftmax(step.logits) as tf.Tensor2D).arraySync();
      labels.forEach((row, b) => {
        if (row[t] !== 6) nats -= logProbs[b]![row[t]!]! / WORDS.length;
      });
    }
    expect(value(model, 4)).toBeCloseTo(nats, 4);
    expect(Math.abs(value(stirred({ wordDropout: 0, beta: 0 }), 4) - nats)).toBeGreaterThan(0.01);
  });
});

// One latent number: log p(word) by the trapezoid rule over z from -8 to 8, step 0.01.
it('the bounds come near log p(word) from below', () => {
  const model = stirred({ latent: 1 });
  const [z, x] = [tf.range(-8, 8.005, 0.01), rows(['abc'], 5)];
  const count = z.shape[0];
  const logPrior = tf.sub(tf.mul(-0.5, tf.square(z)), 0.5 * Math.log(2 * Math.PI));
  const joint = tf.add(model.logLikelihood(tf.tile(x, [count, 1]), tf.reshape(z, [count, 1])), logPrior);
  const exact = tf.logSumExp(joint).dataSync()[0]! + Math.log(0.01);
  const many = tf.tile(x, [150, 1]) as tf.Tensor2D;
  const mean = (bound: tf.Tensor) => tf.mean(bound).dataSync()[0]!;
  const [one, ten] = [mean(model.elbo(many, 1).elbo), mean(model.iwae(many, 10, 2))];
  expect(one).toBeLessThan(ten);
  expect(ten).toBeLessThan(exact);
  // The bound of 3,000 samples lies below by about the weights' variance / 6,000; in several chunks, of 2,048 rows at most.
  expect(Math.abs(mean(model.iwae(x, 3000, 3)) - exact)).toBeLessThan(0.03);
});

it('draws first letters as often as they are probable', async () => {
  const model = stirred({});
  const n = 4000;
  const z = tf.tile(codes(1, 3, 1), [n, 1]);
  const p = numbers(tf.softmax(tf.div(model.next(tf.tensor1d([4], 'int32'), model.start(codes(1, 3, 1))).logits, 2)));
  const counts = new Float64Array(7);
  for (const [first] of (await model.decode(z, { temperature: 2, seed: 1, length: 1 })).arraySync())
    counts[first!]! += 1;
  expect([counts[4], counts[6]]).toEqual([0, 0]); // no start, no pad
  const chances = [0, 1, 2, 3, 5];
  const chiSquare = chances.reduce((sum, i) => sum + (counts[i]! - n * p[i]!) ** 2 / (n * p[i]!), 0);
  // 99.9 % of right samplers stay below, scipy.stats.chi2.isf(1e-3, 4); letters at temperature 1 are far above.
  expect(chiSquare).toBeLessThan(18.47);
});

describe('beam search', () => {
  const z = tf.mul<tf.Tensor2D>(codes(20, 3, 3), 4);

  it('of width 1 is greedy', async () => {
    const model = stirred({});
    expect(numbers(await model.decodeByBeam(z, 1))).toEqual(numbers(await model.decode(z)));
  });

  it.each(['full', 'small'] as const)('%s: of all hypotheses finds the likeliest word', async (config) => {
    const model = stirred({ config, letters: 2 });
    const words: number[][] = [];
    const grow = (word: number[]) => {
      if (word.length === 4) return void words.push(word);
      words.push([...word, 3, 4, 4, 4].slice(0, 4));
      for (const letter of [0, 1]) grow([...word, letter]);
    };
    grow([]);
    const all = tf.tensor2d(words, undefined, 'int32');
    const found = (await model.decodeByBeam(z, 40, { length: 4 })).arraySync();
    const greedy = (await model.decode(z, { length: 4 })).arraySync();
    found.forEach((row, b) => {
      const code = tf.tile(tf.slice(z, b, 1), [words.length, 1]);
      const best = words[numbers(tf.argMax(model.logLikelihood(all, code)))[0]!];
      expect(row).toEqual(best);
    });
    expect(found).not.toEqual(greedy); // there was something to find
  });
});

it('interpolates from the one reconstruction to the other', async () => {
  const model = stirred({});
  const [a, b] = [rows(['abc'], 5), rows(['dd'], 4)];
  const path = (await model.interpolate(a, b, 5)).arraySync();
  expect(path.length).toBe(5);
  expect(path[0]).toEqual((await model.reconstruct(a)).arraySync()[0]);
  expect(path[4]).toEqual((await model.reconstruct(b)).arraySync()[0]);
  const half = tf.div(tf.add(model.encode(a).loc, model.encode(b).loc), 2);
  expect(path[2]).toEqual((await model.decode(half)).arraySync()[0]);
});

it('counts the dimensions in use', () => {
  const model = stirred({ latent: 4 });
  // log-variances do not matter; of four means, two are constant.
  const kernel = model.weights['mean/kernel']!;
  kernel.assign(tf.mul(kernel, tf.tensor([9, 0, 9, 0])));
  const x = rows(['a', 'b', 'c', 'ab', 'bcd', 'dcba'], 6);
  const variance = numbers(model.latentVariance(x));
  expect(variance[1]).toBeLessThan(1e-9);
  expect(variance.filter((v) => v > 0.01).length).toBe(2);
  expect(model.activeUnits(x).dataSync()[0]).toBe(2);
});

it('takes words of one symbol', () => {
  const model = stirred({});
  expect(model.loss(rows([''], 1), 0).dataSync()[0]).toBeGreaterThan(0);
});

it('says what does not fit', async () => {
  expect(() => new WordVae({ wordDropout: 1 })).toThrow('wordDropout must be at least 0 and less than 1, got 1');
  expect(() => new WordVae({ warmup: -1 })).toThrow('warmup must be 0 or more, got -1');
  expect(() => new WordVae({ latent: 0 })).toThrow('latent must be a positive integer, got 0');
  expect(() => new WordVae({ config: 'tiny' as 'small' })).toThrow('config must be one of full, small, got tiny');
  const model = stirred({});
  expect(() => model.loss(tf.zeros([2, 3]), 0)).toThrow('x must be int32, got float32');
  expect(() => model.loss(tf.zeros([3], 'int32'), 0)).toThrow('x must be [B, T], neither of them 0, got [3]');
  expect(() => model.logLikelihood(rows(['a'], 3), codes(2, 3, 0))).toThrow('a code for each of 1 words, got 2');
  await expect(model.decode(codes(1, 3, 0), { temperature: -1 })).rejects.toThrow('temperature must be 0 or more');
});
