import * as tf from '@tensorflow/tfjs-core';
import type { GruWeights } from './gru.ts';
import type { LstmWeights } from './lstm.ts';
import { demandShapes } from './sequence.ts';

/** One direction of one layer of PyTorch's `nn.LSTM` or `nn.GRU`, G = 4 or 3 gates: `weight_ih_l0` and so on. Borrowed. */
export interface TorchRecurrentWeights {
  /** [G H, D]. */
  readonly weightIh: tf.Tensor;
  /** [G H, H]. */
  readonly weightHh: tf.Tensor;
  /** [G H] each; zeros if omitted. */
  readonly biasIh?: tf.Tensor;
  readonly biasHh?: tf.Tensor;
}

/**
 * Weights of `lstm` that compute what PyTorch's LSTM does; the caller disposes them. PyTorch has the gates in the same order,
 * rows for columns, and two biases that are added.
 *
 * @throws RangeError if shapes do not fit.
 */
export function fromTorchLstm(weights: TorchRecurrentWeights): LstmWeights & { bias: tf.Tensor } {
  demandWeights('fromTorchLstm', weights, 4);
  return tf.tidy(() => {
    const [biasIh, biasHh] = biases(weights);
    return {
      kernel: tf.transpose(weights.weightIh),
      recurrentKernel: tf.transpose(weights.weightHh),
      bias: tf.add(biasIh, biasHh),
    };
  });
}

/**
 * Weights of `gru` with `resetAfter` that compute what PyTorch's GRU does; the caller disposes them. PyTorch has the gates in
 * the order r, z, n, rows for columns.
 *
 * @throws RangeError if shapes do not fit.
 */
export function fromTorchGru(weights: TorchRecurrentWeights): GruWeights & { bias: tf.Tensor } {
  demandWeights('fromTorchGru', weights, 3);
  return tf.tidy(() => {
    const reordered = (x: tf.Tensor) => {
      const [r, z, n] = tf.split(x, 3, 0) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return tf.concat([z, r, n], 0);
    };
    return {
      kernel: tf.transpose(reordered(weights.weightIh)),
      recurrentKernel: tf.transpose(reordered(weights.weightHh)),
      bias: tf.stack(biases(weights).map(reordered)), // [2, 3H]
    };
  });
}

function biases({ weightHh, biasIh, biasHh }: TorchRecurrentWeights): [tf.Tensor, tf.Tensor] {
  const rows = weightHh.shape[0]!;
  return [biasIh ?? tf.zeros([rows]), biasHh ?? tf.zeros([rows])];
}

function demandWeights(caller: string, weights: TorchRecurrentWeights, gates: number): void {
  const units = weights.weightHh.shape[1]!;
  const rows = gates * units;
  demandShapes(caller, {
    weightHh: [weights.weightHh, [rows, units]],
    weightIh: [weights.weightIh, [rows, -1]],
    biasIh: [weights.biasIh, [rows]],
    biasHh: [weights.biasHh, [rows]],
  });
}
