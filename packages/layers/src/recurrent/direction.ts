import { foldIn, splitSeed } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { glorotUniform, orthogonal } from '../initial-weights.ts';
import type { Initializer } from '../internal/initializer.ts';
import type { SequenceOptions } from './sequence.ts';

/** Weights of one cell, as `LstmWeights` and `GruWeights` have them. Borrowed. */
export interface CellWeights {
  readonly kernel: tf.Tensor;
  readonly recurrentKernel: tf.Tensor;
  readonly bias?: tf.Tensor;
}

/** A kind of recurrent net: `lstm` or `gru` with their options. */
export interface Cell {
  /** Times H: the last axis of the kernels. */
  readonly gates: number;
  /** [B, H] each. */
  readonly statesALayer: number;
  biasShape(units: number): number[];
  /** The outputs, beside their inputs, and the last states. */
  run(
    x: tf.Tensor,
    weights: CellWeights,
    states: readonly tf.Tensor[] | undefined,
    options: SequenceOptions,
  ): [outputs: tf.Tensor, ...states: tf.Tensor[]];
}

export type AddWeight = (name: string, shape: number[], initializer: Initializer) => LayerVariable;

export interface DirectionForm {
  readonly cell: Cell;
  readonly units: number;
  readonly layers: number;
  readonly useBias: boolean;
  /** By the seed where there is none. */
  readonly kernelInitializer: Initializer | undefined;
  readonly recurrentInitializer: Initializer | undefined;
  readonly biasInitializer: Initializer;
}

interface CellVariables {
  readonly kernel: LayerVariable;
  readonly recurrentKernel: LayerVariable;
  readonly bias: LayerVariable | undefined;
}

/** A stack of recurrent nets that all run one way, each over the outputs of the one below, and its weights. */
export class Direction {
  private readonly stack: CellVariables[];

  constructor(
    private readonly form: DirectionForm,
    features: number,
    seed: number,
    addWeight: AddWeight,
  ) {
    const { cell, units, layers, useBias, biasInitializer } = form;
    const width = cell.gates * units;
    this.stack = Array.from({ length: layers }, (_, layer) => {
      const name = (what: string) => (layer === 0 ? what : `${what}${layer}`);
      const [first, second] = splitSeed(foldIn(seed, layer)) as [number, number];
      const { kernelInitializer = drawn(glorotUniform, first), recurrentInitializer = drawn(orthogonal, second) } =
        form;
      return {
        kernel: addWeight(name('kernel'), [layer === 0 ? features : units, width], kernelInitializer),
        recurrentKernel: addWeight(name('recurrentKernel'), [units, width], recurrentInitializer),
        bias: useBias ? addWeight(name('bias'), cell.biasShape(units), biasInitializer) : undefined,
      };
    });
  }

  /**
   * x [B, T, D] -> the outputs of the uppermost net [B, T, H], beside their inputs, its last one [B, H], and the last states of all
   * nets, from below.
   */
  run(
    x: tf.Tensor,
    states: readonly tf.Tensor[] | undefined,
    options: SequenceOptions,
  ): { outputs: tf.Tensor; last: tf.Tensor; states: tf.Tensor[] } {
    const { cell } = this.form;
    let outputs = x;
    const after = this.stack.map(({ kernel, recurrentKernel, bias }, layer) => {
      const before = states?.slice(layer * cell.statesALayer, (layer + 1) * cell.statesALayer);
      const weights = { kernel: kernel.read(), recurrentKernel: recurrentKernel.read() };
      const withBias = bias === undefined ? weights : { ...weights, bias: bias.read() };
      const [above, ...next] = cell.run(outputs, withBias, before, options);
      outputs = above;
      return next;
    });
    return { outputs, last: tf.clone(after.at(-1)![0]!), states: after.flat() };
  }
}

/** An initialiser, as far as tfjs asks. */
const drawn = (draw: (shape: [number, number], seed: number) => Float32Array, seed: number): Initializer =>
  ({ apply: (shape: [number, number]) => tf.tensor(draw(shape, seed), shape) }) as unknown as Initializer;
