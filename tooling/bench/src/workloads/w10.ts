import { standardNormal, standardUniform } from '@proj/distributions';
import { splitSeed } from '@proj/distributions/random';
import { denseCrossEntropy, gru } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';
import { LENGTH, nameRows, PAD, START, SYMBOLS } from '../text/names.ts';
import { glorot, uniformWeight, zeroWeight } from './initial.ts';
import { trainingStep } from './training-step.ts';

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
 */
export class WordVae {
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly encoder;
  private readonly decoder;
  private readonly mean: Linear;
  private readonly logVariance: Linear;
  private readonly start: Linear;
  private readonly output: Linear;

  constructor(seed = 0) {
    const seeds = splitSeed(seed, 10);
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
        bias: zeroWeight([2, 3 * UNITS]) as tf.Variable<tf.Rank.R2>,
      };
      for (const [key, weight] of Object.entries(own)) Object.assign(this.weights, { [`${name}/${key}`]: weight });
      return own;
    };
    this.encoder = cell('encoder', EMBEDDING, 2);
    this.decoder = cell('decoder', EMBEDDING + LATENT, 4);
    this.mean = linear('mean', UNITS, LATENT, 6);
    this.logVariance = linear('logVariance', UNITS, LATENT, 7);
    this.start = linear('start', LATENT, UNITS, 8);
    this.output = linear('output', UNITS, SYMBOLS, 9);
  }

  /** Negative log-likelihood a word + 0.5 KL, at least 0.05 nats a dimension, of words [B, 16]. */
  loss(words: tf.Tensor, seed: number): tf.Scalar {
    const [noiseSeed, dropSeed] = splitSeed(seed) as [number, number];
    const batch = words.shape[0]!;
    const { readEmbedding, writeEmbedding } = this.weights;
    return tf.tidy(() => {
      const mask = tf.cast(tf.notEqual(words, PAD), 'float32');
      const { h } = gru(tf.gather(readEmbedding!, words), this.encoder, { mask });
      const [mean, logVariance] = [apply(h, this.mean), apply(h, this.logVariance)];
      const noise = standardNormal([batch, LATENT], noiseSeed);
      const z = tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise)) as tf.Tensor2D;
      const before = tf.gather(writeEmbedding!, previous(words, dropSeed));
      const repeated = tf.add(tf.expandDims(z, 1), tf.zeros([1, LENGTH, 1]));
      const { outputs } = gru(tf.concat([before, repeated], 2), this.decoder, {
        initialState: tf.tanh(apply(z, this.start)),
      });
      const nats = denseCrossEntropy(outputs, this.output, words, { weights: tf.div(mask, batch) });
      return tf.add(nats, tf.mul(freeKl(mean, logVariance), KL_WEIGHT)) as tf.Scalar;
    });
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }
}

const apply = (x: tf.Tensor, { kernel, bias }: Linear): tf.Tensor => tf.add(tf.matMul(x as tf.Tensor2D, kernel), bias);

/** The symbol before each, a start first; others than the start are dropped with probability 0.3. */
function previous(words: tf.Tensor, seed: number): tf.Tensor {
  const [batch, rest] = [words.shape[0]!, LENGTH - 1];
  const letters = tf.slice(words, [0, 0], [batch, rest]);
  const dropped = tf.less(standardUniform([batch, rest], seed), WORD_DROPOUT);
  const seen = tf.where(dropped, tf.scalar(PAD, 'int32'), letters);
  return tf.concat([tf.fill([batch, 1], START, 'int32'), seen], 1);
}

/** Sum over dimensions of KL(q || N(0, 1)), a mean over the batch, or 0.05 if that is more. */
function freeKl(mean: tf.Tensor, logVariance: tf.Tensor): tf.Tensor {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.sum(tf.maximum(tf.mul(tf.mean(terms, 0), 0.5), FREE_NATS));
}

/** Word VAE on first names, batch 64, 16 symbols, Adam 1e-3. */
export async function* w10(): AsyncGenerator<Variant> {
  const step = { name: 'step', model: new WordVae(), data: await nameRows(), itemSize: LENGTH, batch: BATCH };
  yield trainingStep({ ...step, learningRate: 1e-3, rate: { amount: BATCH, unit: 'words/s' } });
}
