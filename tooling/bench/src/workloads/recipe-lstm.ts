import { splitSeed } from '@proj/distributions/random';
import { denseCrossEntropy, lstm, lstmStep } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { ROW, VOCABULARY } from '../text/recipes.ts';
import { glorot, uniformWeight, zeroWeight } from './initial.ts';

const EMBEDDING = 100;
const UNITS = 128;

interface State {
  readonly h: tf.Tensor2D;
  readonly c: tf.Tensor2D;
}

/** Embedding 10000x100, LSTM 128, Dense 10000: 2,407,248 parameters. Initial weights as Keras makes them, but for the recurrent kernel. */
export class RecipeLstm {
  readonly weights: {
    readonly embedding: tf.Variable<tf.Rank.R2>;
    readonly kernel: tf.Variable<tf.Rank.R2>;
    readonly recurrentKernel: tf.Variable<tf.Rank.R2>;
    readonly bias: tf.Variable<tf.Rank.R1>;
    readonly outputKernel: tf.Variable<tf.Rank.R2>;
    readonly outputBias: tf.Variable<tf.Rank.R1>;
  };

  constructor(seed = 0) {
    const seeds = splitSeed(seed, 4) as [number, number, number, number];
    this.weights = {
      embedding: uniformWeight([VOCABULARY, EMBEDDING], 0.05, seeds[0]) as tf.Variable<tf.Rank.R2>,
      kernel: glorot(EMBEDDING, 4 * UNITS, seeds[1]),
      recurrentKernel: glorot(UNITS, 4 * UNITS, seeds[2]),
      bias: zeroWeight([4 * UNITS]) as tf.Variable<tf.Rank.R1>,
      outputKernel: glorot(UNITS, VOCABULARY, seeds[3]),
      outputBias: zeroWeight([VOCABULARY]) as tf.Variable<tf.Rank.R1>,
    };
  }

  /** Mean cross-entropy of tokens 1..200 after tokens 0..199, padding counted, of rows [B, 201]: nats. */
  loss(rows: tf.Tensor): tf.Scalar {
    const { outputKernel, outputBias } = this.weights;
    return tf.tidy(() => {
      const batch = rows.shape[0]!;
      const inputs = tf.slice(rows, [0, 0], [batch, ROW - 1]);
      const targets = tf.slice(rows, [0, 1], [batch, ROW - 1]);
      const { outputs } = lstm(tf.gather(this.weights.embedding, inputs), this.weights);
      return denseCrossEntropy(outputs, { kernel: outputKernel, bias: outputBias }, targets);
    });
  }

  /** Probabilities of the token after each of `tokens`, every one computed, at a temperature; those after the last, [10000]. */
  probabilities(tokens: readonly number[], temperature: number): tf.Tensor {
    return tf.tidy(() => {
      const x = tf.gather(this.weights.embedding, tf.tensor2d([[...tokens]], undefined, 'int32'));
      const { outputs } = lstm(x, this.weights);
      const all = this.soften(tf.squeeze(outputs, [0]), temperature);
      return tf.reshape(tf.slice(all, [tokens.length - 1, 0], [1, VOCABULARY]), [VOCABULARY]);
    });
  }

  /** One token on from a state, which is borrowed: the new state, and the probabilities of the next token, [1, 10000]. */
  next(token: number, state: State, temperature: number): State & { probabilities: tf.Tensor } {
    return tf.tidy(() => {
      const x = tf.gather(this.weights.embedding, tf.tensor1d([token], 'int32')); // [1, 100]
      const { h, c } = lstmStep(x, this.weights, state) as State;
      return { h, c, probabilities: this.soften(h, temperature) };
    });
  }

  /** Zeros, of one sequence. */
  start(): State {
    return { h: tf.zeros([1, UNITS]), c: tf.zeros([1, UNITS]) };
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  /** softmax(logits / temperature) of hidden states [N, 128]: p^(1 / temperature), renormalised. */
  private soften(h: tf.Tensor, temperature: number): tf.Tensor {
    const { outputKernel, outputBias } = this.weights;
    const logits = tf.fused.matMul({ a: h as tf.Tensor2D, b: outputKernel, bias: outputBias });
    return tf.softmax(temperature === 1 ? logits : tf.div(logits, temperature));
  }
}
