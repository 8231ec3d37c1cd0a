import * as tf from '@tensorflow/tfjs-core';
import { checkTensors } from './internal/check-checkpoint.ts';
import type { EpochReport } from './reports.ts';

/** Where a run stands: plain JSON. With the tensors of the same checkpoint it is all that `fit` needs to go on. */
export interface TrainingState {
  /** Of this layout. */
  version: 1;
  seed: number;
  batchSize: number;
  /** Examples in the dataset. */
  examples: number;
  /** Epochs completed. */
  epoch: number;
  /** Steps made in the epoch under way. */
  step: number;
  /** Steps made since the start. */
  globalStep: number;
  /** Sum of the loss over the examples seen in the epoch under way, and how many those are. */
  lossSum: number;
  lossCount: number;
  /** Training time until now, and in the epoch under way. */
  seconds: number;
  epochSeconds: number;
  history: EpochReport[];
  /** Best monitored value; its epoch is counted from 1. */
  best: { epoch: number; value: number } | null;
  /** Epochs since then. */
  epochsSinceBest: number;
}

/** The state of a run that has not begun. */
export function startingState({
  seed,
  batchSize,
  examples,
}: Pick<TrainingState, 'seed' | 'batchSize' | 'examples'>): TrainingState {
  return {
    ...{ version: 1, seed, batchSize, examples, epoch: 0, step: 0, globalStep: 0, lossSum: 0, lossCount: 0 },
    ...{ seconds: 0, epochSeconds: 0, history: [], best: null, epochsSinceBest: 0 },
  };
}

/** Tensors on the host by name, and the state. Weights stand under their own names, Adam's moments under `adam/m/NAME` and `adam/v/NAME`. */
export interface Checkpoint {
  tensors: Record<string, { shape: number[]; data: Float32Array }>;
  state: TrainingState;
}

/** Keeps the latest checkpoint of each name. A save is whole or not at all: one that fails must leave the one before. */
export interface CheckpointStore {
  save(name: 'last' | 'best', checkpoint: Checkpoint): Promise<void>;
  load(name: 'last' | 'best'): Promise<Checkpoint | undefined>;
}

/** A store in memory, for tests and web pages. */
export class MemoryCheckpoints implements CheckpointStore {
  private readonly saved = new Map<'last' | 'best', Checkpoint>();

  async save(name: 'last' | 'best', checkpoint: Checkpoint): Promise<void> {
    this.saved.set(name, checkpoint);
  }

  async load(name: 'last' | 'best'): Promise<Checkpoint | undefined> {
    return this.saved.get(name);
  }
}

type HostTensors = Checkpoint['tensors'];

/** Copies of the weights on the host. */
export async function readWeights(weights: Readonly<Record<string, tf.Variable>>): Promise<HostTensors> {
  const tensors: HostTensors = {};
  for (const [name, weight] of Object.entries(weights)) {
    const data = (await weight.data()) as Float32Array;
    tensors[name] = { shape: [...weight.shape], data: data.slice() };
  }
  return tensors;
}

/**
 * Sets the weights to the tensors of the same names, such as those of the checkpoint 'best'; other tensors are passed over.
 *
 * All or nothing: everything is checked before the first weight changes.
 * @throws RangeError if a name is missing or a shape differs.
 */
export function writeWeights(
  weights: Readonly<Record<string, tf.Variable>>,
  tensors: Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>,
): void {
  const shapes = Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, weight.shape]));
  checkTensors('writeWeights', shapes, tensors);
  for (const [name, weight] of Object.entries(weights)) {
    const value = tf.tensor(tensors[name]!.data.slice(), weight.shape, 'float32');
    weight.assign(value);
    value.dispose();
  }
}
