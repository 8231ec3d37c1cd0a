import type * as tf from '@tensorflow/tfjs-core';
import type { Cell } from './direction.ts';
import { type GruForm, gru } from './gru.ts';
import { type RecurrentArgs, RecurrentLayer } from './recurrent-layer.ts';

/** Options of `Gru`. */
export interface GruArgs extends RecurrentArgs, GruForm {}

/**
 * `gru` as a layer: x [B, T, D] -> [B, H], or [B, T, H] with `returnSequences`, and the state h of each net with `returnState`.
 * `apply([x, h])` begins with that state, of a stack with one of each net, from below.
 *
 * Weights of each net in Keras's order and form: kernel [D, 3H], recurrentKernel [H, 3H], bias [2, 3H], without `resetAfter` [3H],
 * gates z, r, n, sigmoids as in Keras (tfjs's GRU has hard ones, and no `resetAfter`); `fromTorchGru` turns PyTorch's.
 */
export class Gru extends RecurrentLayer {
  static className = 'Gru'; // saved inside models: renaming it is a breaking change
  readonly resetAfter: boolean;
  protected readonly cell: Cell = {
    gates: 3,
    statesALayer: 1,
    biasShape: (units) => (this.resetAfter ? [2, 3 * units] : [3 * units]),
    run: (x, weights, initial, options) => {
      const initialState = initial === undefined ? {} : { initialState: initial[0]! };
      const { outputs, h } = gru(x, weights, { ...options, ...initialState, resetAfter: this.resetAfter });
      return [outputs, h];
    },
  };

  /** @throws RangeError if units, layers, the seed, the convention or an initialiser is not one; if PyTorch has no such net. */
  constructor(args: GruArgs) {
    super(args);
    this.resetAfter = args.resetAfter ?? true;
    if (this.convention === 'torch' && !this.resetAfter) {
      throw new RangeError(
        'Gru: PyTorch has the reset after the product alone, got resetAfter: false. Omit it, or use convention "keras".',
      );
    }
  }

  protected override ownConfig(): tf.serialization.ConfigDict {
    return { ...super.ownConfig(), resetAfter: this.resetAfter };
  }
}
