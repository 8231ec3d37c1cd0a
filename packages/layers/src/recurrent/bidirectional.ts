import { splitSeed } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { capital } from '../internal/initializer.ts';
import type { LayerArgs } from '../internal/layer-args.ts';
import type { Direction } from './direction.ts';
import { Gru, type GruArgs } from './gru-layer.ts';
import { Lstm, type LstmArgs } from './lstm-layer.ts';
import { withZeros } from './recurrent-layer.ts';
import { SequenceLayer, type SequenceResult } from './sequence-layer.ts';

/** How the outputs of the two runs become one: side by side, forward first; sum; product; mean; or both apart. */
export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave' | 'none';

const MERGES: Record<Exclude<MergeMode, 'none'>, (forward: tf.Tensor, backward: tf.Tensor) => tf.Tensor> = {
  concat: (forward, backward) => tf.concat([forward, backward], -1),
  sum: tf.add,
  mul: tf.mul,
  ave: (forward, backward) => tf.div(tf.add(forward, backward), 2),
};

/** Options of `Bidirectional`. */
export interface BidirectionalArgs extends LayerArgs {
  /** What runs both ways, in two copies with weights of their own; or what a saved model holds in its place. */
  layer: Lstm | Gru | { className: string; config: tf.serialization.ConfigDict };
  /** 'concat' if omitted. */
  mergeMode?: MergeMode;
}

/**
 * A recurrent layer and its copy that runs from the last step to the first: x [B, T, D] -> [B, 2H] (with 'concat'), the last output
 * of each run, or with the layer's `returnSequences` [B, T, 2H], each beside its input. States in and out are those of the forward
 * run, then those of the backward one, and so are the weights. For texts that are known as a whole: each output sees what follows.
 *
 * Outputs of masked steps are 0, in Keras's convention and in PyTorch's. The two stacks of a layer of several nets meet at the end,
 * as in Keras; PyTorch joins them after each net: put one `Bidirectional` on another. Source: Schuster & Paliwal 1997,
 * doi:10.1109/78.650093.
 */
export class Bidirectional extends SequenceLayer {
  static className = 'BidirectionalRecurrent'; // saved inside models, where 'Bidirectional' is tfjs's own
  readonly layer: Lstm | Gru;
  readonly mergeMode: MergeMode;
  private forward!: Direction;
  private backward!: Direction;

  /** @throws RangeError unless the layer is an `Lstm` or `Gru` that goes forwards, and the mode one of the five. */
  constructor(args: BidirectionalArgs) {
    super(args);
    this.layer = args.layer instanceof Lstm || args.layer instanceof Gru ? args.layer : revived(args.layer);
    this.mergeMode = args.mergeMode ?? 'concat';
    if (this.mergeMode !== 'none' && !(this.mergeMode in MERGES)) {
      const known = [...Object.keys(MERGES), 'none'].map((mode) => `"${mode}"`).join(', ');
      throw new RangeError(`Bidirectional: mergeMode must be one of ${known}, got "${this.mergeMode}".`);
    }
    if (this.layer.goBackwards) {
      throw new RangeError('Bidirectional: the layer must go forwards, got goBackwards: true. Leave it out.');
    }
    this.supportsMasking = true;
  }

  get form() {
    return this.layer.form;
  }

  get units(): number {
    return this.layer.units;
  }

  get stateCount(): number {
    return 2 * this.layer.stateCount;
  }

  protected get widths(): readonly number[] {
    if (this.mergeMode === 'none') return [this.units, this.units];
    return [this.mergeMode === 'concat' ? 2 * this.units : this.units];
  }

  protected makeWeights(features: number): void {
    const [forward, backward] = splitSeed(this.layer.seed) as [number, number];
    const direction = (prefix: string, seed: number) =>
      this.layer.newDirection(features, seed, (name, shape, initializer) =>
        this.addWeight(prefix + capital(name), shape, 'float32', initializer),
      );
    this.forward = direction('forward', forward);
    this.backward = direction('backward', backward);
  }

  protected run(x: tf.Tensor, initial: readonly tf.Tensor[] | undefined, mask: tf.Tensor | undefined): SequenceResult {
    const half = this.layer.stateCount;
    const masked = mask === undefined ? {} : { mask };
    const ahead = this.forward.run(x, initial?.slice(0, half), { ...masked, goBackwards: false });
    const back = this.backward.run(x, initial?.slice(half), { ...masked, goBackwards: true });
    const { returnSequences } = this.form;
    const outputs = returnSequences ? [ahead.outputs, back.outputs] : [ahead.last, back.last];
    const [one, other] = outputs as [tf.Tensor, tf.Tensor];
    const merged = this.mergeMode === 'none' ? [one, other] : [MERGES[this.mergeMode](one, other)];
    return {
      outputs: returnSequences ? merged.map((output) => withZeros(output, mask)) : merged,
      states: [...ahead.states, ...back.states],
    };
  }

  protected ownConfig(): tf.serialization.ConfigDict {
    const { layer, mergeMode } = this;
    return { layer: { className: layer.getClassName(), config: layer.getConfig() }, mergeMode };
  }
}

function revived({ className, config }: { className: string; config: tf.serialization.ConfigDict }): Lstm | Gru {
  if (className === Lstm.className) return new Lstm(config as unknown as LstmArgs);
  if (className === Gru.className) return new Gru(config as unknown as GruArgs);
  throw new RangeError(`Bidirectional: layer must be an Lstm or a Gru of this package, got "${className}".`);
}
