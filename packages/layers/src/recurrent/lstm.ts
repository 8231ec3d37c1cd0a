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

/** Weights of an LSTM with D inputs and H units; gates i, f, g, o along the last axis, as Keras has them. Borrowed. */
export interface LstmWeights {
  /** [D, 4H]. */
  readonly kernel: tf.Tensor;
  /** [H, 4H]. */
  readonly recurrentKernel: tf.Tensor;
  /** [4H]. */
  readonly bias?: tf.Tensor;
}

/** [B, H] each. (A type and no interface, so that `tf.tidy` takes it as a result.) */
export type LstmState = {
  readonly h: tf.Tensor;
  readonly c: tf.Tensor;
};

export interface LstmOptions extends SequenceOptions {
  /** Zeros if omitted. */
  initialState?: LstmState;
}

/** The states after each step, [B, T, H], and the last ones, [B, H]. The caller disposes all three. */
export type LstmResult = LstmState & {
  readonly outputs: tf.Tensor;
};

/**
 * A long short-term memory over sequences x [B, T, D]: i, f, o = sigmoid and g = tanh of x W + b + h U,
 * c' = f c + i g, h' = o tanh(c'). Gradients reach x, the weights and the initial state.
 * Source: Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, with the forget gate of Gers et al. 2000.
 *
 * One kernel for the whole sequence where the engine has `ProjLstmSequence`; else some twenty operations a step.
 *
 * @throws RangeError if shapes do not fit.
 */
export function lstm(x: tf.Tensor, weights: LstmWeights, options: LstmOptions = {}): LstmResult {
  const { initialState, goBackwards = false } = options;
  const units = demandWeights('lstm', weights);
  demandShapes('lstm', { x: [x, [-1, -1, weights.kernel.shape[0]!]] });
  const [batch, steps] = x.shape as [number, number];
  demandShapes('lstm', {
    'initialState.h': [initialState?.h, [batch, units]],
    'initialState.c': [initialState?.c, [batch, units]],
    mask: [options.mask, [batch, steps]],
  });
  return tf.tidy(() => {
    const mask = options.mask === undefined ? undefined : tf.cast(options.mask, 'float32');
    const start = initialState ?? { h: tf.zeros([batch, units]), c: tf.zeros([batch, units]) };
    const inputs = projectedSteps(x, weights.kernel, weights.bias); // [B, T, 4H]
    const fused = runFused(
      'ProjLstmSequence',
      { projected: inputs, recurrent: weights.recurrentKernel, h: start.h, c: start.c, mask },
      { backward: goBackwards },
    );
    if (fused !== undefined) return { outputs: fused[0], h: fused[1], c: fused[2] };
    let { h, c } = { h: tf.clone(start.h), c: tf.clone(start.c) };
    const byStep = stepsOf(inputs);
    const outputs: tf.Tensor[] = [];
    for (const t of order(byStep, goBackwards)) {
      const keep = keeper(mask, t);
      const next = cell(byStep[t]!, { h, c }, weights.recurrentKernel);
      h = keep(next.h, h);
      c = keep(next.c, c);
      outputs[t] = h;
    }
    return { outputs: joined(outputs, [batch, steps, units]), h, c };
  });
}

/**
 * One step of `lstm`, for generation: x [B, D] and the state, both borrowed, to the next state.
 *
 * @throws RangeError if shapes do not fit.
 */
export function lstmStep(x: tf.Tensor, weights: LstmWeights, state: LstmState): LstmState {
  const units = demandWeights('lstmStep', weights);
  demandShapes('lstmStep', { x: [x, [-1, weights.kernel.shape[0]!]] });
  const batch = x.shape[0]!;
  demandShapes('lstmStep', { 'state.h': [state.h, [batch, units]], 'state.c': [state.c, [batch, units]] });
  return tf.tidy(() => {
    const inputs = projected(x, weights.kernel, weights.bias); // [B, 4H]
    const fused = runFused(
      'ProjLstmSequence',
      {
        projected: tf.reshape(inputs, [batch, 1, 4 * units]),
        recurrent: weights.recurrentKernel,
        h: state.h,
        c: state.c,
      },
      { backward: false },
    );
    return fused === undefined ? cell(inputs, state, weights.recurrentKernel) : { h: fused[1], c: fused[2] };
  });
}

/** The step of plain operations; `inputs` [B, 4H] are projected. */
function cell(inputs: tf.Tensor, { h, c }: LstmState, recurrentKernel: tf.Tensor): LstmState {
  const gates = tf.add(inputs, tf.matMul(h, recurrentKernel));
  const [i, f, g, o] = tf.split(gates, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const next = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
  return { h: tf.mul(tf.sigmoid(o), tf.tanh(next)), c: next };
}

/** H. */
function demandWeights(caller: string, { kernel, recurrentKernel, bias }: LstmWeights): number {
  const units = recurrentKernel.shape[0]!;
  demandShapes(caller, {
    recurrentKernel: [recurrentKernel, [units, 4 * units]],
    kernel: [kernel, [-1, 4 * units]],
    bias: [bias, [4 * units]],
  });
  return units;
}
