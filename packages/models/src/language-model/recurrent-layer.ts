import { foldIn } from '@proj/distributions/random';
import { glorotUniform, gru, gruStep, lstm, lstmStep, orthogonal } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';

/** Of one layer, [B, H] each: h of a GRU, h and c of an LSTM. */
export type State = tf.Tensor[];

/** Its sizes: D inputs, H units. */
export interface RecurrentSizes {
  readonly inputs: number;
  readonly units: number;
  readonly cell: 'lstm' | 'gru';
  readonly reset: 'before' | 'after';
}

/** One recurrent layer whose weights are NAME/kernel, NAME/recurrentKernel and NAME/bias, in Keras's order and shapes. */
export class RecurrentLayer {
  private readonly weights: { kernel: tf.Variable; recurrentKernel: tf.Variable; bias: tf.Variable };
  private readonly resetAfter: boolean;

  /** First weights as Keras has them: Glorot uniform, orthogonal, zeros, and ones for the LSTM's forget gate. */
  constructor(
    readonly name: string,
    private readonly sizes: RecurrentSizes,
    seed: number,
  ) {
    const { inputs, units, cell, reset } = sizes;
    this.resetAfter = reset === 'after';
    const width = (cell === 'lstm' ? 4 : 3) * units;
    const forget = (i: number) => (cell === 'lstm' && i >= units && i < 2 * units ? 1 : 0);
    const rows = cell === 'gru' && this.resetAfter ? [2] : [];
    this.weights = tf.tidy(() => ({
      kernel: tf.variable(tf.tensor2d(glorotUniform([inputs, width], foldIn(seed, 0)), [inputs, width])),
      recurrentKernel: tf.variable(tf.tensor2d(orthogonal([units, width], foldIn(seed, 1)), [units, width])),
      bias: tf.variable(
        tf.tensor(
          Float32Array.from({ length: width * (rows[0] ?? 1) }, (_, i) => forget(i)),
          [...rows, width],
        ),
      ),
    }));
  }

  get variables(): Record<string, tf.Variable> {
    return Object.fromEntries(Object.entries(this.weights).map(([key, weight]) => [`${this.name}/${key}`, weight]));
  }

  /** A whole sequence [B, T, D] from zeros: the outputs [B, T, H] and the last state. */
  run(x: tf.Tensor): { outputs: tf.Tensor; state: State } {
    if (this.sizes.cell === 'lstm') {
      const { outputs, h, c } = lstm(x, this.weights);
      return { outputs, state: [h, c] };
    }
    const { outputs, h } = gru(x, this.weights, { resetAfter: this.resetAfter });
    return { outputs, state: [h] };
  }

  /** One step [B, D] from a state, which is borrowed: the next, whose first part is the output. */
  step(x: tf.Tensor, [h, c]: State): State {
    if (this.sizes.cell === 'gru') return [gruStep(x, this.weights, h!, { resetAfter: this.resetAfter })];
    const next = lstmStep(x, this.weights, { h: h!, c: c! });
    return [next.h, next.c];
  }
}
