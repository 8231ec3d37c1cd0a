import * as tf from '@tensorflow/tfjs-core';
import { runFused } from '../internal/run-fused.ts';
import {
  demandShapes,
  joined,
  keeper,
  order,
  projected,
  projectedSteps,
  type SequenceOptions,
  stepsOf,
} from './sequence.ts';

/** Weights of a GRU with D inputs and H units; gates z, r, n along the last axis, as Keras has them. Borrowed. */
export interface GruWeights {
  /** [D, 3H]. */
  readonly kernel: tf.Tensor;
  /** [H, 3H]. */
  readonly recurrentKernel: tf.Tensor;
  /** With `resetAfter` [2, 3H], of the inputs and of the state; else [3H]. */
  readonly bias?: tf.Tensor;
}

/** Which of the two forms of a GRU. */
export interface GruForm {
  /**
   * Whether the reset gate works on the product of the state (Keras's default, PyTorch, cuDNN), or on the state before it (the
   * paper). True if omitted.
   */
  resetAfter?: boolean;
}

export interface GruOptions extends SequenceOptions, GruForm {
  /** [B, H]; zeros if omitted. */
  initialState?: tf.Tensor;
}

export type GruResult = {
  /** The states after each step, [B, T, H]. */
  readonly outputs: tf.Tensor;
  /** The last one, [B, H]. The caller disposes both. */
  readonly h: tf.Tensor;
};

/**
 * A gated recurrent unit over sequences x [B, T, D]: z, r = sigmoid(x W + b + h U + b'), h' = z h + (1 - z) n, where
 * n = tanh(x W + b + r (h U + b')) with `resetAfter`, else tanh(x W + b + (r h) U). Gradients reach x, the weights and the
 * initial state. Source: Cho et al. 2014, arXiv:1406.1078.
 *
 * One kernel for the whole sequence where the engine has `ProjGruSequence`; else some twenty operations a step.
 *
 * @throws RangeError if shapes do not fit.
 */
export function gru(x: tf.Tensor, weights: GruWeights, options: GruOptions = {}): GruResult {
  const { initialState, resetAfter = true } = options;
  const units = demandWeights('gru', weights, resetAfter);
  demandShapes('gru', { x: [x, [-1, -1, weights.kernel.shape[0]!]] });
  const [batch, steps] = x.shape as [number, number];
  demandShapes('gru', { initialState: [initialState, [batch, units]], mask: [options.mask, [batch, steps]] });
  return tf.tidy(() => {
    const { bias, recurrentBias } = biases(weights.bias, resetAfter);
    const projection = projectedSteps(x, weights.kernel, bias);
    return run(projection, { recurrentKernel: weights.recurrentKernel, recurrentBias }, options);
  });
}

/** Weights of a GRU whose inputs are projected by the caller. Borrowed. */
export interface ProjectedGruWeights {
  /** [H, 3H]. */
  readonly recurrentKernel: tf.Tensor;
  /** [3H], with `resetAfter` alone. */
  readonly recurrentBias?: tf.Tensor | undefined;
}

/**
 * `gru` of inputs that the caller has projected: x W + b, [B, T, 3H]. Where x has rows of a small table, such as an embedding
 * of letters, project the table and gather from that: the product over all steps is saved, and those of its gradient.
 *
 * @throws RangeError if shapes do not fit.
 */
export function projectedGru(projection: tf.Tensor, weights: ProjectedGruWeights, options: GruOptions = {}): GruResult {
  const { recurrentKernel, recurrentBias } = weights;
  const { initialState, mask, resetAfter = true } = options;
  const units = recurrentKernel.shape[0]!;
  demandShapes('projectedGru', {
    recurrentKernel: [recurrentKernel, [units, 3 * units]],
    recurrentBias: [recurrentBias, [3 * units]],
    projection: [projection, [-1, -1, 3 * units]],
  });
  if (recurrentBias !== undefined && !resetAfter) {
    throw new RangeError('projectedGru: got recurrentBias without resetAfter. Add it to the projection.');
  }
  const [batch, steps] = projection.shape as [number, number];
  demandShapes('projectedGru', { initialState: [initialState, [batch, units]], mask: [mask, [batch, steps]] });
  return tf.tidy(() => run(projection, weights, options));
}

/** By one kernel, or step by step; the shapes fit. */
function run(
  projection: tf.Tensor,
  weights: ProjectedGruWeights,
  options: GruOptions,
): { outputs: tf.Tensor; h: tf.Tensor } {
  const { recurrentKernel, recurrentBias } = weights;
  const { resetAfter = true, goBackwards = false } = options;
  const [batch, steps] = projection.shape as [number, number];
  const units = recurrentKernel.shape[0]!;
  const mask = options.mask === undefined ? undefined : tf.cast(options.mask, 'float32');
  const start = options.initialState ?? tf.zeros([batch, units]);
  const fused = runFused(
    'ProjGruSequence',
    { projected: projection, recurrent: recurrentKernel, recurrentBias, h: start, mask },
    { resetAfter, backward: goBackwards },
  );
  if (fused !== undefined) return { outputs: fused[0], h: fused[1] };
  let h = tf.clone(start);
  const byStep = stepsOf(projection);
  const outputs: tf.Tensor[] = [];
  for (const t of order(byStep, goBackwards)) {
    h = keeper(mask, t)(cell(byStep[t]!, h, recurrentKernel, recurrentBias, resetAfter), h);
    outputs[t] = h;
  }
  return { outputs: joined(outputs, [batch, steps, units]), h };
}

/**
 * One step of `gru`, for generation: x [B, D] and the state h [B, H], both borrowed, to the next state.
 *
 * @throws RangeError if shapes do not fit.
 */
export function gruStep(
  x: tf.Tensor,
  weights: GruWeights,
  h: tf.Tensor,
  { resetAfter = true }: GruForm = {},
): tf.Tensor {
  const units = demandWeights('gruStep', weights, resetAfter);
  demandShapes('gruStep', { x: [x, [-1, weights.kernel.shape[0]!]], h: [h, [x.shape[0]!, units]] });
  return tf.tidy(() => {
    const { bias, recurrentBias } = biases(weights.bias, resetAfter);
    const recurrent = weights.recurrentKernel;
    const inputs = projected(x, weights.kernel, bias); // [B, 3H]
    const fused = runFused(
      'ProjGruSequence',
      { projected: tf.reshape(inputs, [x.shape[0]!, 1, 3 * units]), recurrent, recurrentBias, h },
      { resetAfter, backward: false },
    );
    return fused === undefined ? cell(inputs, h, recurrent, recurrentBias, resetAfter) : fused[1];
  });
}

/** The step of plain operations; `inputs` [B, 3H] are projected. */
function cell(
  inputs: tf.Tensor,
  h: tf.Tensor,
  recurrentKernel: tf.Tensor,
  recurrentBias: tf.Tensor | undefined,
  resetAfter: boolean,
): tf.Tensor {
  const units = h.shape[1]!;
  const halves = (t: tf.Tensor) => tf.split(t, [2 * units, units], 1) as [tf.Tensor, tf.Tensor];
  const [inputZR, inputN] = halves(inputs);
  const [matrixZR, matrixN] = halves(recurrentKernel);
  const product = resetAfter ? tf.matMul(h, recurrentKernel) : tf.matMul(h, matrixZR);
  const sum = recurrentBias === undefined ? product : tf.add(product, recurrentBias);
  const [sumZR, sumN] = resetAfter ? halves(sum) : [sum];
  const [z, r] = tf.split(tf.sigmoid(tf.add(inputZR, sumZR)), 2, 1) as [tf.Tensor, tf.Tensor];
  const n = tf.tanh(tf.add(inputN, sumN === undefined ? tf.matMul(tf.mul(r, h), matrixN) : tf.mul(r, sumN)));
  return tf.add(n, tf.mul(z, tf.sub(h, n)));
}

/** The rows of [2, 3H] with `resetAfter`. */
function biases(bias: tf.Tensor | undefined, resetAfter: boolean): { bias?: tf.Tensor; recurrentBias?: tf.Tensor } {
  if (bias === undefined || !resetAfter) return bias === undefined ? {} : { bias };
  const [ofInputs, recurrentBias] = tf.unstack(bias) as [tf.Tensor, tf.Tensor];
  return { bias: ofInputs, recurrentBias };
}

/** H. */
function demandWeights(caller: string, { kernel, recurrentKernel, bias }: GruWeights, resetAfter: boolean): number {
  const units = recurrentKernel.shape[0]!;
  demandShapes(caller, {
    recurrentKernel: [recurrentKernel, [units, 3 * units]],
    kernel: [kernel, [-1, 3 * units]],
    bias: [bias, resetAfter ? [2, 3 * units] : [3 * units]],
  });
  return units;
}
