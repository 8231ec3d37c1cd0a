import type * as tf from '@tensorflow/tfjs-core';
import type { Dataset } from '../dataset.ts';
import type { FitOptions } from '../fit.ts';
import type { TrainableModel } from '../model.ts';

/** @throws RangeError or TypeError, before anything is computed. */
export function checkFit(model: TrainableModel<never>, data: Pick<Dataset<never>, 'size'>, options: FitOptions): void {
  if (!(Number.isSafeInteger(data.size) && data.size > 0)) {
    throw new RangeError(`fit: data must hold at least one example, got size ${data.size}.`);
  }
  checkPositiveInteger('fit', 'epochs', options.epochs);
  checkPositiveInteger('fit', 'batchSize', options.batchSize);
  checkSeed('fit', options.seed);

  const { learningRate, weightDecay, decays, clipNorm, patience, checkpointEverySeconds, monitor } = options;
  if (learningRate !== undefined && typeof learningRate !== 'function' && !(typeof learningRate === 'number')) {
    throw new TypeError(`fit: learningRate must be a number or a function of the step, got ${typeof learningRate}.`);
  }
  if (typeof learningRate === 'number') checkPositive('learningRate', learningRate);
  if (decays !== undefined && weightDecay === undefined) {
    throw new TypeError('fit: decays needs weightDecay, got none. Say how much: 0.01 is usual.');
  }
  if (clipNorm !== undefined) checkPositive('clipNorm', clipNorm);
  if (checkpointEverySeconds !== undefined && !(checkpointEverySeconds >= 0)) {
    throw new RangeError(
      `fit: checkpointEverySeconds must be 0 (every step) or more, got ${checkpointEverySeconds}. Infinity saves at epoch ends only.`,
    );
  }
  if (monitor !== undefined) {
    if (monitor.mode !== 'min' && monitor.mode !== 'max') {
      throw new RangeError(`fit: monitor.mode must be 'min' or 'max', got '${monitor.mode}'.`);
    }
    if (options.validate === undefined && monitor.metric !== 'loss') {
      throw new TypeError(
        `fit: monitor of '${monitor.metric}' needs validate to return it, got no validate. Give validate, or monitor 'loss'.`,
      );
    }
  }
  if (patience !== undefined) {
    checkPositiveInteger('fit', 'patience', patience);
    if (monitor === undefined) throw new TypeError('fit: patience needs monitor, got none. Say which metric to watch.');
  }
  if (options.resume === true && options.checkpoints === undefined) {
    throw new TypeError('fit: resume needs checkpoints, got none. Give the store that the run was saved to.');
  }

  const names = Object.keys(model.weights);
  if (names.length === 0) throw new RangeError('fit: the model must have weights, got none.');
  const nameOf = new Map<tf.Variable, string>();
  for (const name of names) {
    const weight = model.weights[name]!;
    if (weight.dtype !== 'float32') {
      throw new TypeError(`fit: weights must be float32, got ${weight.dtype} for '${name}'.`);
    }
    if (name.startsWith('adam/')) {
      throw new RangeError(
        `fit: names of weights must not start with 'adam/', got '${name}'. Checkpoints keep moments there.`,
      );
    }
    const other = nameOf.get(weight);
    if (other !== undefined) {
      throw new RangeError(`fit: every weight must stand under one name, got one under '${other}' and '${name}'.`);
    }
    nameOf.set(weight, name);
  }
}

export function checkPositiveInteger(who: string, name: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value > 0)) {
    throw new RangeError(`${who}: ${name} must be a positive integer, got ${value}.`);
  }
}

export function checkSeed(who: string, seed: number): void {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(`${who}: seed must be a non-negative integer, got ${seed}. Use 0 if it does not matter.`);
  }
}

function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`fit: ${name} must be a positive number, got ${value}.`);
  }
}
