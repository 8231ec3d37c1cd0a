import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { normal } from '@proj/distributions/random';
import { describe, expect, it } from 'vitest';
import { gaussianKl } from '../internal/gaussian-kl.ts';
import { WordVae } from './word-vae.ts';

// The formulas of the program that this model corrects, systems.md 11.4, errors 1 to 3, beside those of the model.

/** Index of PyTorch and numpy: -1 is the last, outside is an error. */
function at<T>(values: T[], i: number): number {
  const index = i < 0 ? values.length + i : i;
  if (index < 0 || index >= values.length) throw new RangeError(`index ${i} is out of range for size ${values.length}`);
  return index;
}

/** `x[0][v] = 1` for each letter, on zeros of shape [letters, 1, symbols]; assigning to a row fills it. */
function naiveOneHot(word: readonly number[], symbols: number): number[][][] {
  const x = word.map(() => [new Array<number>(symbols).fill(0)]);
  for (const v of word) x[0]![at(x[0]!, v)]!.fill(1);
  return x;
}

/** Distance of the whole one-hot word from one step's log-probabilities, [symbols], added up over the steps. */
function naiveReconstruction(word: readonly number[], logProbs: readonly (readonly number[])[]): number {
  const distance = (step: readonly number[]) =>
    Math.sqrt(
      word.reduce((sum, v) => sum + step.reduce((s, logProb, c) => s + (Number(c === v) - logProb) ** 2, 0), 0),
    );
  return logProbs.reduce((sum, step) => sum + distance(step), 0);
}

/** ||sigma||^2 and sum sigma where ln sigma^2 belongs, subtracted, once a letter. */
const naiveKlTerm = (mean: tf.Tensor, sigma: tf.Tensor, letters: number): tf.Tensor => {
  const kl = tf.mul(0.5, tf.sum(tf.sub(tf.sub(tf.add(tf.square(mean), tf.square(sigma)), 1), sigma)));
  return tf.mul(-letters, kl);
};

const [A, B, END, PAD] = [0, 1, 3, 4] as const;
const model = new WordVae({ letters: 2, units: 6, latent: 3, embedding: 4, seed: 5 });
for (const [i, weight] of Object.values(model.weights).entries()) {
  tf.tidy(() => weight.assign(tf.add(weight, tf.tensor(normal(weight.size, i), weight.shape))));
}
const z = tf.tensor2d([[0.3, -1, 0.8]]);
const row = (...symbols: number[]) => tf.tensor2d([symbols], undefined, 'int32');
const natsOf = (...symbols: number[]): number => -model.logLikelihood(row(...symbols), z).dataSync()[0]!;
const logProbs = (...symbols: number[]) =>
  (tf.logSoftmax(model.logits(row(...symbols), z)) as tf.Tensor3D).arraySync()[0]!;
const ALL = [
  [END],
  ...[A, B].flatMap((first) => [
    [first, END],
    ...[A, B].flatMap((next) => [
      [first, next, END],
      [first, next, A],
      [first, next, B],
    ]),
  ]),
];
const padded = (word: readonly number[]) => [...word, PAD, PAD, PAD].slice(0, 3);

describe('error 1, one-hot by [0][v]', () => {
  it('every letter but the first of the alphabet is out of range, and that one fills its row', () => {
    expect(() => naiveOneHot([B, END], 5)).toThrow('index 1 is out of range for size 1');
    expect(naiveOneHot([A, A], 5)).toEqual([[[1, 1, 1, 1, 1]], [[0, 0, 0, 0, 0]]]);
    expect(naiveOneHot([-1], 5)).toEqual([[[1, 1, 1, 1, 1]]]); // an unknown letter too
  });

  it('here each place tells every symbol from the others', () => {
    const codes = [
      [A, END],
      [B, END],
      [A, A, END],
      [A, B, END],
    ].map((word) => Array.from(model.encode(row(...padded(word))).loc.dataSync()));
    codes.forEach((code, i) => {
      for (const other of codes.slice(i + 1)) {
        expect(Math.max(...code.map((x, d) => Math.abs(x - other[d]!)))).toBeGreaterThan(1e-3);
      }
    });
  });
});

describe('error 2, the distance from log-probabilities', () => {
  it('is no likelihood: e^-distance over all words and unfinished ones is not one, and here it is', () => {
    const total = (nats: (word: readonly number[]) => number) =>
      ALL.reduce((sum, word) => sum + Math.exp(-nats(word)), 0);
    const naive = total((word) => naiveReconstruction(word, logProbs(...word)));
    expect(naive).toBeLessThan(0.1);
    expect(total((word) => natsOf(...padded(word)))).toBeCloseTo(1, 5);
  });

  it('does not see the order of letters, and prefers doubt to the right letter', () => {
    // Every step is sure of its letter, against no step knowing anything.
    const sure = (word: readonly number[]) => word.map((v) => Array.from({ length: 4 }, (_, c) => (c === v ? 0 : -9)));
    const even = (word: readonly number[]) => word.map(() => new Array<number>(4).fill(-Math.log(4)));
    const word: number[] = [A, B, END];
    const likelihood = (steps: readonly (readonly number[])[]) => word.reduce((sum, v, t) => sum - steps[t]![v]!, 0);
    expect(naiveReconstruction([B, A, END], sure(word))).toBeCloseTo(naiveReconstruction(word, sure(word)), 10);
    expect(naiveReconstruction(word, even(word))).toBeLessThan(naiveReconstruction(word, sure(word)));
    expect(likelihood(sure(word))).toBe(0);
    expect(likelihood(even(word))).toBeCloseTo(3 * Math.log(4), 10);
  });

  it('here it is the sum of -log p of letter i at step i', () => {
    const byHand = logProbs(B, A, END).reduce((sum, step, t) => sum - step[[B, A, END][t]!]!, 0);
    expect(natsOf(B, A, END)).toBeCloseTo(byHand, 4);
  });
});

describe('error 3, the divergence', () => {
  const [mean, logVariance] = [tf.tensor2d([[1.5, -0.7]]), tf.tensor2d([[-1, 0.4]])];
  const sigma = tf.exp(tf.div(logVariance, 2));
  const value = (x: tf.Tensor) => x.dataSync()[0]!;

  it('is not 0 at the prior, grows with the letters and leads away from it', () => {
    const [zeros, ones] = [tf.zeros([1, 2]), tf.ones([1, 2])];
    expect(value(naiveKlTerm(zeros, ones, 1))).not.toBeCloseTo(0, 1);
    expect(value(naiveKlTerm(mean, sigma, 8))).toBeCloseTo(8 * value(naiveKlTerm(mean, sigma, 1)), 4);
    const gradient = tf.grad((m) => naiveKlTerm(m, sigma, 1))(mean);
    // A step down its gradient takes the means further from 0: the weight of the divergence is negative.
    expect(value(gaussianKl(tf.sub(mean, gradient), logVariance))).toBeGreaterThan(
      value(gaussianKl(mean, logVariance)) + 1,
    );
  });

  it('here is 0 at the prior, is added once a word and leads towards it', () => {
    const zeros = tf.zeros<tf.Rank.R2>([1, 2]);
    expect(value(gaussianKl(zeros, zeros))).toBe(0);
    const gradient = tf.grad((m: tf.Tensor) => tf.sum(gaussianKl(m as tf.Tensor2D, logVariance)))(mean) as tf.Tensor2D;
    expect(value(gaussianKl(tf.sub(mean, tf.mul(gradient, 0.5)), logVariance))).toBeLessThan(
      value(gaussianKl(mean, logVariance)),
    );
    // Words of 1 and of 7 symbols with one posterior: the loss adds one divergence to the letters' nats, whatever the length.
    const plain = new WordVae({ letters: 2, units: 6, latent: 3, embedding: 4, wordDropout: 0, freeBits: 0 });
    const constant = plain.weights['mean/kernel']!;
    constant.assign(tf.zerosLike(constant));
    plain.weights['mean/bias']!.assign(tf.tensor1d([2, 0, -1]));
    plain.weights['logVariance/kernel']!.assign(tf.zerosLike(constant));
    for (const word of [[END], [A, B, A, B, A, B, END]]) {
      const x = row(...word);
      const kl = value(tf.sub(plain.loss(x, 1), plain.loss(x, 1, 0)));
      expect(kl).toBeCloseTo((4 + 0 + 1) / 2, 4); // m^2 / 2 where sigma is 1
    }
    plain.dispose();
  });
});
