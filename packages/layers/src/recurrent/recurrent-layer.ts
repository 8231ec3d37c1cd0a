import * as tf from '@tensorflow/tfjs-core';
import { checkPositiveInteger, checkSeed } from '../internal/check.ts';
import { type Initializer, type InitializerArg, toConfig, toInitializer } from '../internal/initializer.ts';
import type { LayerArgs } from '../internal/layer-args.ts';
import { type AddWeight, type Cell, Direction } from './direction.ts';
import { SequenceLayer, type SequenceResult } from './sequence-layer.ts';

/**
 * What comes out of masked steps and of a run backwards, where frameworks differ. 'keras': a masked step repeats the output before
 * it (the initial state before the first), and `goBackwards` gives outputs in the order of the run, the last step first. 'torch':
 * outputs of masked steps are 0, as of packed sequences in PyTorch, and all stand beside their inputs. Last states are the same.
 */
export type RecurrentConvention = 'keras' | 'torch';

/** Options of `Lstm` and `Gru`. */
export interface RecurrentArgs extends LayerArgs {
  /** H, the size of each state. */
  units: number;
  /** First weights are drawn from it. Integer from 0 to 2^53 - 1; two layers want two seeds. */
  seed: number;
  /** Nets in a stack, each over the outputs of the one below; 1 if omitted. */
  layers?: number;
  /** Whether to give the states after each step, [B, T, H], or the last one alone, [B, H]; false if omitted. */
  returnSequences?: boolean;
  /** Whether the last states of all nets, from below, follow the output: h, of an LSTM h and c; false if omitted. */
  returnState?: boolean;
  /** From the last step to the first; false if omitted. */
  goBackwards?: boolean;
  /** 'keras' if omitted. */
  convention?: RecurrentConvention;
  /**
   * Whether the last input is a padding mask [B, T], 1 or 0; false if omitted: then the mask that layers before hand on counts
   * (`embedding` with `maskZero`). A masked step leaves the states as they are.
   */
  usePaddingMask?: boolean;
  /** True if omitted. */
  useBias?: boolean;
  /** Of kernels [D, gates H]; `glorotUniform` with the seed if omitted. */
  kernelInitializer?: InitializerArg;
  /** Of recurrent kernels [H, gates H]; `orthogonal` with the seed if omitted. */
  recurrentInitializer?: InitializerArg;
  /** 'zeros' if omitted. */
  biasInitializer?: InitializerArg;
}

/** The options of `Lstm` and `Gru`, and their weights. */
export abstract class RecurrentLayer extends SequenceLayer {
  readonly units: number;
  readonly seed: number;
  /** Nets in the stack. */
  readonly layers: number;
  readonly goBackwards: boolean;
  readonly convention: RecurrentConvention;
  readonly useBias: boolean;
  readonly form;
  private readonly kernelInitializer: Initializer | undefined;
  private readonly recurrentInitializer: Initializer | undefined;
  private readonly biasInitializer: Initializer;
  protected abstract readonly cell: Cell;
  private direction!: Direction;

  /** @throws RangeError if units, layers, the seed, the convention or an initialiser is not one. */
  protected constructor(args: RecurrentArgs) {
    super(args);
    const who = this.getClassName();
    checkPositiveInteger(who, 'units', args.units);
    this.units = args.units;
    this.layers = args.layers ?? 1;
    checkPositiveInteger(who, 'layers', this.layers);
    this.seed = args.seed;
    checkSeed(who, this.seed);
    this.convention = args.convention ?? 'keras';
    if (this.convention !== 'keras' && this.convention !== 'torch') {
      throw new RangeError(`${who}: convention must be "keras" or "torch", got "${this.convention}".`);
    }
    this.goBackwards = args.goBackwards ?? false;
    this.useBias = args.useBias ?? true;
    const { returnSequences, returnState, usePaddingMask } = args;
    this.form = {
      returnSequences: returnSequences ?? false,
      returnState: returnState ?? false,
      usePaddingMask: usePaddingMask ?? false,
    };
    const initializer = (arg: InitializerArg | null = null) => (arg === null ? undefined : toInitializer(who, arg));
    this.kernelInitializer = initializer(args.kernelInitializer);
    this.recurrentInitializer = initializer(args.recurrentInitializer);
    this.biasInitializer = toInitializer(who, args.biasInitializer ?? 'zeros');
    this.supportsMasking = true;
  }

  get stateCount(): number {
    return this.layers * this.cell.statesALayer;
  }

  protected get widths(): readonly number[] {
    return [this.units];
  }

  /** The nets of such a layer; their weights belong to whoever adds them. */
  newDirection(features: number, seed: number, addWeight: AddWeight): Direction {
    const { cell, units, layers, useBias, kernelInitializer, recurrentInitializer, biasInitializer } = this;
    const form = { cell, units, layers, useBias, kernelInitializer, recurrentInitializer };
    return new Direction({ ...form, biasInitializer: this.firstBias(biasInitializer) }, features, seed, addWeight);
  }

  protected firstBias(initializer: Initializer): Initializer {
    return initializer;
  }

  protected makeWeights(features: number): void {
    this.direction = this.newDirection(features, this.seed, (name, shape, initializer) =>
      this.addWeight(name, shape, 'float32', initializer),
    );
  }

  protected run(x: tf.Tensor, initial: readonly tf.Tensor[] | undefined, mask: tf.Tensor | undefined): SequenceResult {
    const { goBackwards, convention } = this;
    const options = { goBackwards, ...(mask === undefined ? {} : { mask }) };
    const { outputs, last, states } = this.direction.run(x, initial, options);
    if (!this.form.returnSequences) return { outputs: [last], states };
    if (convention === 'torch') return { outputs: [withZeros(outputs, mask)], states };
    return { outputs: [goBackwards ? tf.reverse(outputs, 1) : outputs], states };
  }

  protected ownConfig(): tf.serialization.ConfigDict {
    const { units, seed, layers, goBackwards, convention, useBias, form } = this;
    const config = (initializer: Initializer | undefined) => (initializer === undefined ? null : toConfig(initializer));
    return {
      ...form,
      units,
      layers,
      seed,
      goBackwards,
      convention,
      useBias,
      kernelInitializer: config(this.kernelInitializer),
      recurrentInitializer: config(this.recurrentInitializer),
      biasInitializer: toConfig(this.biasInitializer),
    };
  }
}

/** Sequences [B, T, H] with 0 at masked steps. */
export const withZeros = (outputs: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor =>
  mask === undefined ? outputs : tf.mul(outputs, tf.expandDims(tf.cast(mask, 'float32'), -1));
