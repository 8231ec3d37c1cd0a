import { standardNormal } from '@proj/distributions';
import { splitSeed, uniform } from '@proj/distributions/random';
import { denseCrossEntropy, projectedGru } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';
import { LENGTH, nameRows, PAD, START, SYMBOLS } from '../text/names.ts';
import { glorot, uniformWeight, zeroWeight } from './initial.ts';
import { inTurn, optimizerStep } from './training-step.ts';

const EMBEDDING = 20;
const UNITS = 64;
const LATENT = 16;
const WORD_DROPOUT = 0.3;
const KL_WEIGHT = 0.5;
/** Nats a latent dimension that cost nothing more to save. */
const FREE_NATS = 0.05;
const BATCH = 64;

/** An affine map. */
interface Linear {
  readonly kernel: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable;
}

/**
 * Variational auto-encoder of words, 46,089 parameters: a GRU reads the symbols, its state at the end symbol gives q(z | word),
 * z ~ q starts a second GRU, which sees z and the symbol before, some of them dropped, and predicts every symbol.
 * [embedding, z] W = embedding W1 + z W2, so the GRUs' inputs are rows of two projected tables of 65, and z W2.
 */
export class WordVae {
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly encoder;
  private readonly decoder;
  /** The rows of the decoder's kernel that z meets. */
  private readonly codeKernel: tf.Variable<tf.Rank.R2>;
  private readonly mean: Linear;
  private readonly logVariance: Linear;
  private readonly start: Linear;
  private readonly output: Linear;

  constructor(seed = 0) {
    const seeds = splitSeed(seed, 11);
    this.weights = {
      readEmbedding: uniformWeight([SYMBOLS, EMBEDDING], 1, seeds[0]!),
      writeEmbedding: uniformWeight([SYMBOLS, EMBEDDING], 1, seeds[1]!),
    };
    const linear = (name: string, rows: number, columns: number, i: number): Linear => {
      const own = { kernel: glorot(rows, columns, seeds[i]!), bias: zeroWeight([columns]) };
      Object.assign(this.weights, { [`${name}/kernel`]: own.kernel, [`${name}/bias`]: own.bias });
      return own;
    };
    const cell = (name: string, inputs: number, i: number) => {
      const own = {
        kernel: glorot(inputs, 3 * UNITS, seeds[i]!),
        recurrentKernel: glorot(UNITS, 3 * UNITS, seeds[i + 1]!),
        bias: zeroWeight([3 * UNITS]),
        recurrentBias: zeroWeight([3 * UNITS]),
      };
      for (const [key, weight] of Object.entries(own)) Object.assign(this.weights, { [`${name}/${key}`]: weight });
      return own;
    };
    this.encoder = cell('encoder', EMBEDDING, 2);
    this.decoder = cell('decoder', EMBEDDING, 4);
    this.codeKernel = glorot(LATENT, 3 * UNITS, seeds[10]!);
    Object.assign(this.weights, { 'decoder/codeKernel': this.codeKernel });
    this.mean = linear('mean', UNITS, LATENT, 6);
    this.logVariance = linear('logVariance', UNITS, LATENT, 7);
    this.start = linear('start', LATENT, UNITS, 8);
    this.output = linear('output', UNITS, SYMBOLS, 9);
  }

  /** Negative log-likelihood a word + 0.5 KL, at least 0.05 nats a dimension, of words [B, 16] on the host. */
  loss(words: Int32Array, seed: number): tf.Scalar {
    const [noiseSeed, dropSeed] = splitSeed(seed) as [number, number];
    const shape: [number, number] = [words.length / LENGTH, LENGTH];
    const batch = shape[0];
    const { readEmbedding, writeEmbedding } = this.weights;
    return tf.tidy(() => {
      const symbols = tf.tensor2d(words, shape, 'int32');
      const live = Float32Array.from(words, (symbol) => (symbol === PAD ? 0 : 1));
      const mask = tf.tensor2d(live, shape);
      const { h } = projectedGru(tf.gather(apply(readEmbedding!, this.encoder), symbols), this.encoder, { mask });
      const [mean, logVariance] = [apply(h, this.mean), apply(h, this.logVariance)];
      const noise = standardNormal([batch, LATENT], noiseSeed);
      const z = tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise)) as tf.Tensor2D;
      const before = tf.tensor2d(previous(words, dropSeed), shape, 'int32');
      const ofSymbols = tf.gather(apply(writeEmbedding!, this.decoder), before);
      const ofCode = tf.matMul(z, this.codeKernel); // the same at every step
      const { outputs } = projectedGru(tf.add(ofSymbols, tf.expandDims(ofCode, 1)), this.decoder, {
        initialState: tf.tanh(apply(z, this.start)),
      });
      const weights = tf.tensor2d(
        live.map((weight) => weight / batch),
        shape,
      );
      const nats = denseCrossEntropy(outputs, this.output, symbols, { weights });
      return tf.add(nats, tf.mul(freeKl(mean, logVariance), KL_WEIGHT)) as tf.Scalar;
    });
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }
}

const apply = (x: tf.Tensor, { kernel, bias }: Linear): tf.Tensor =>
  tf.fused.matMul({ a: x as tf.Tensor2D, b: kernel, bias });

/** The symbol before each, a start first; others than the start are dropped with probability 0.3. */
export function previous(words: Int32Array, seed: number): Int32Array {
  const draws = uniform(words.length, seed);
  const before = (i: number) => (draws[i]! < WORD_DROPOUT ? PAD : words[i - 1]!);
  return words.map((_, i) => (i % LENGTH === 0 ? START : before(i)));
}

/**
 * Sum over dimensions of KL(q || N(0, 1)), a mean over the batch, or 0.05 if that is more. With t = mean^2 + variance -
 * log variance a dimension's KL is (t - 1) / 2.
 */
function freeKl(mean: tf.Tensor, logVariance: tf.Tensor): tf.Tensor {
  const t = tf.mean(tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), logVariance), 0);
  return tf.mul(tf.sub(tf.sum(tf.maximum(t, 1 + 2 * FREE_NATS)), LATENT), 0.5);
}

/** Word VAE on first names, batch 64, 16 symbols, Adam 1e-3. */
export async function* w10(): AsyncGenerator<Variant> {
  const model = new WordVae();
  const next = inTurn(await nameRows(), BATCH * LENGTH);
  const { step, dispose } = optimizerStep(model, (seed) => model.loss(next(), seed), 1e-3);
  yield { name: 'step', amount: BATCH, rateUnit: 'words/s', run: async () => void (await step()), dispose };
}
