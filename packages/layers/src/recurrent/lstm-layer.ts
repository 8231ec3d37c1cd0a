import * as tf from '@tensorflow/tfjs-core';
import type { Initializer } from '../internal/initializer.ts';
import type { Cell } from './direction.ts';
import { lstm } from './lstm.ts';
import { type RecurrentArgs, RecurrentLayer } from './recurrent-layer.ts';

/** Options of `Lstm`. */
export interface LstmArgs extends RecurrentArgs {
  /** Whether biases of the gate f start at 1, so that the cell keeps what it holds; true if omitted. */
  unitForgetBias?: boolean;
}

/**
 * `lstm` as a layer: x [B, T, D] -> [B, H], or [B, T, H] with `returnSequences`, and the states h and c of each net with
 * `returnState`. `apply([x, h, c])` begins with those states, of a stack with h and c of each net, from below.
 *
 * Weights of each net in Keras's order and form: kernel [D, 4H], recurrentKernel [H, 4H], bias [4H], gates i, f, g, o, sigmoids as
 * in Keras (tfjs's LSTM has hard ones); `fromTorchLstm` turns PyTorch's. Source of the bias: Jozefowicz et al. 2015, section 2.2.
 */
export class Lstm extends RecurrentLayer {
  static className = 'Lstm'; // saved inside models: renaming it is a breaking change
  readonly unitForgetBias: boolean;
  protected readonly cell: Cell = {
    gates: 4,
    statesALayer: 2,
    biasShape: (units) => [4 * units],
    run(x, weights, initial, options) {
      const [h, c] = initial ?? [];
      const initialState = h === undefined || c === undefined ? {} : { initialState: { h, c } };
      const result = lstm(x, weights, { ...options, ...initialState });
      return [result.outputs, result.h, result.c];
    },
  };

  /** @throws RangeError if units, layers, the seed, the convention or an initialiser is not one. */
  constructor(args: LstmArgs) {
    super(args);
    this.unitForgetBias = args.unitForgetBias ?? true;
  }

  protected override firstBias(initializer: Initializer): Initializer {
    if (!this.unitForgetBias) return initializer;
    const apply = (shape: [number]) =>
      tf.tidy(() => {
        const [i, f, g, o] = tf.split(initializer.apply(shape), 4) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        return tf.concat([i, tf.onesLike(f), g, o]);
      });
    return { apply } as unknown as Initializer;
  }

  protected override ownConfig(): tf.serialization.ConfigDict {
    return { ...super.ownConfig(), unitForgetBias: this.unitForgetBias };
  }
}
