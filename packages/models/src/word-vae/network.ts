import { foldIn, uniform } from '@proj/distributions/random';
import { glorotUniform, orthogonal, projectedGru } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { affine } from '../internal/affine.ts';
import { type LayerSummary, type LayerWeights, layerWeights } from '../internal/weights.ts';
import type { WordVaeConfig } from './config.ts';

/** Logit of a symbol that no word has: start and pad. Finite, so that no product with it is NaN; e^-1e9 is 0. */
const NEVER = -1e9;

/** q(z | word) of each word, both [B, Z]. */
export interface WordPosterior {
  readonly loc: tf.Tensor2D;
  readonly logVariance: tf.Tensor2D;
}

/** Of each word that is being written: what z gives to every step, [B, 3H], and the decoder's state, [B, H]. */
export type WordState = {
  readonly code: tf.Tensor2D;
  readonly h: tf.Tensor2D;
};

/**
 * The two GRUs of a word VAE and the layers between.
 *
 * The inputs of both are rows of small tables, [embedding, z] W = embedding W1 + z W2, so what is looked up are rows of the tables
 * embedding W1 + b; z W2 is the same at every step.
 */
export class WordNetwork {
  readonly weights: Readonly<Record<string, tf.Variable>>;
  readonly layers: readonly LayerSummary[];
  /** What the output layer tells apart: all symbols, or with 'small' letters and end. */
  readonly classes: number;
  private readonly isSmall: boolean;
  private readonly resetAfter: boolean;
  /** [classes], added to the output's bias. */
  private readonly banned: tf.Tensor1D | undefined;

  constructor(private readonly config: Required<WordVaeConfig>) {
    const { letters, units, latent, embedding, reset, length, seed } = config;
    this.isSmall = config.config === 'small';
    this.resetAfter = reset === 'after';
    this.classes = this.isSmall ? letters + 1 : letters + 3;
    const weights: Record<string, tf.Variable> = {};
    const layers: LayerSummary[] = [];
    let seeds = 0;
    const add = (name: string, shape: number[], make: (seed: number) => Float32Array) => {
      const values = make(foldIn(seed, seeds++));
      weights[name] = tf.tidy(() => tf.variable(tf.tensor(values, shape)));
    };
    const layer = (name: string, type: string, outputShape: (number | null)[], fill: () => void) => {
      const before = new Set(Object.keys(weights));
      fill();
      const own = Object.entries(weights).filter(([key]) => !before.has(key));
      layers.push({ name, type, outputShape, params: own.reduce((sum, [, { size }]) => sum + size, 0) });
    };
    const table = (name: string) =>
      layer(name, 'Embedding', [null, length, embedding], () =>
        add(`${name}/embeddings`, [this.classes, embedding], (s) =>
          uniform(this.classes * embedding, s).map((u) => 0.1 * u - 0.05),
        ),
      );
    const dense = (name: string, rows: number, columns: number, outputShape: (number | null)[]) =>
      layer(name, 'Dense', outputShape, () => {
        add(`${name}/kernel`, [rows, columns], (s) => glorotUniform([rows, columns], s));
        add(`${name}/bias`, [columns], () => new Float32Array(columns));
      });
    /** `inputs`: rows by name of their kernel. Parts of one kernel, they share its scale. */
    const cell = (name: string, inputs: Record<string, number>, outputShape: (number | null)[]) =>
      layer(name, 'GRU', outputShape, () => {
        const fanIn = Object.values(inputs).reduce((a, b) => a + b);
        const scale = Math.sqrt(6 / (fanIn + 3 * units));
        for (const [kernel, rows] of Object.entries(inputs)) {
          const draw = (s: number) => uniform(rows * 3 * units, s).map((u) => scale * (2 * u - 1));
          add(`${name}/${kernel}`, [rows, 3 * units], draw);
        }
        add(`${name}/recurrentKernel`, [units, 3 * units], (s) => orthogonal([units, 3 * units], s));
        add(`${name}/bias`, [3 * units], () => new Float32Array(3 * units));
        if (this.resetAfter) add(`${name}/recurrentBias`, [3 * units], () => new Float32Array(3 * units));
      });
    table('encoder/embedding');
    cell('encoder/gru', { kernel: embedding }, [null, units]);
    dense('mean', units, latent, [null, latent]);
    dense('logVariance', units, latent, [null, latent]);
    if (this.isSmall) {
      cell('decoder/gru', { codeKernel: latent }, [null, length, units]);
    } else {
      dense('start', latent, units, [null, units]);
      table('decoder/embedding');
      cell('decoder/gru', { kernel: embedding, codeKernel: latent }, [null, length, units]);
    }
    dense('output', units, this.classes, [null, length, this.classes]);
    this.weights = weights;
    this.layers = layers;
    const isBanned = (symbol: number) => symbol === letters || symbol === letters + 2;
    if (!this.isSmall) {
      this.banned = tf.tensor1d(Array.from({ length: this.classes }, (_, symbol) => (isBanned(symbol) ? NEVER : 0)));
    }
  }

  /** Symbols as the classes of the output: [...] -> [...]. What pads become does not matter. */
  labels<T extends tf.Tensor>(x: T): T {
    return this.isSmall ? tf.minimum(x, tf.scalar(this.config.letters, 'int32')) : x;
  }

  /** 1 where a row has a symbol, 0 at its pads. */
  mask(x: tf.Tensor2D): tf.Tensor2D {
    return tf.cast(tf.notEqual<tf.Tensor2D>(x, tf.scalar(this.config.letters + 2, 'int32')), 'float32');
  }

  /** Symbols [B, T] to the posterior; pads change nothing. */
  encode(x: tf.Tensor2D, mask: tf.Tensor2D): WordPosterior {
    const table = this.projected('encoder');
    const { h } = projectedGru(lookUp(table, this.labels(x)), this.cell('encoder'), {
      mask,
      resetAfter: this.resetAfter,
    });
    return {
      loc: affine(h as tf.Tensor2D, this.layer('mean')),
      logVariance: affine(h as tf.Tensor2D, this.layer('logVariance')),
    };
  }

  /** Codes [B, Z] to the state before the first letter. */
  start(z: tf.Tensor2D): WordState {
    const kernel = this.weights['decoder/gru/codeKernel'] as tf.Tensor as tf.Tensor2D;
    const code: tf.Tensor2D = tf.matMul(z, kernel);
    if (!this.isSmall) return { code, h: tf.tanh<tf.Tensor2D>(affine(z, this.layer('start'))) };
    return {
      code: tf.add<tf.Tensor2D>(code, this.weights['decoder/gru/bias']!),
      h: tf.zeros<tf.Rank.R2>([z.shape[0], this.config.units]),
    };
  }

  /** States of the decoder after each of the symbols before, [B, T] -> [B, T, H]. */
  states(before: tf.Tensor2D, { code, h }: WordState): tf.Tensor3D {
    const ofCode = tf.expandDims(code, 1); // [B, 1, 3H]
    const inputs = this.isSmall
      ? tf.tile(ofCode, [1, before.shape[1], 1])
      : tf.add(lookUp(this.projected('decoder'), before), ofCode);
    const options = { initialState: h, resetAfter: this.resetAfter };
    return projectedGru(inputs, this.cell('decoder'), options).outputs as tf.Tensor3D;
  }

  /** The layer from states to logits; its bias is made here. */
  output(): LayerWeights | { kernel: tf.Tensor; bias: tf.Tensor } {
    const { kernel, bias } = this.layer('output');
    return { kernel, bias: this.banned ? tf.add(bias, this.banned) : bias };
  }

  dispose(): void {
    tf.dispose([...Object.values(this.weights), ...(this.banned ? [this.banned] : [])]);
  }

  private layer(name: string): LayerWeights {
    return layerWeights(this.weights, name);
  }

  /** What every symbol gives to the gates: [symbols, 3H]. */
  private projected(side: 'encoder' | 'decoder'): tf.Tensor2D {
    return affine(this.weights[`${side}/embedding/embeddings`] as tf.Tensor as tf.Tensor2D, this.layer(`${side}/gru`));
  }

  private cell(side: 'encoder' | 'decoder') {
    return {
      recurrentKernel: this.weights[`${side}/gru/recurrentKernel`]!,
      recurrentBias: this.weights[`${side}/gru/recurrentBias`],
    };
  }
}

/** Rows of a small table, [S, N] and [B, T] -> [B, T, N]; as a product where tfjs's own wasm has no gradient of the look-up. */
function lookUp(table: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor3D {
  if (tf.getKernel('UnsortedSegmentSum', tf.getBackend()) !== undefined)
    return tf.gather(table as tf.Tensor, x) as tf.Tensor3D;
  const [batch, steps] = x.shape;
  const rows = tf.cast(tf.oneHot(tf.reshape(x, [batch * steps]), table.shape[0]), 'float32') as tf.Tensor2D;
  return tf.reshape(tf.matMul(rows, table), [batch, steps, table.shape[1]]);
}
