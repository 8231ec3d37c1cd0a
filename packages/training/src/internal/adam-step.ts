import * as tf from '@tensorflow/tfjs-core';

/** A weight and its moments, which belong to the slot. */
export interface Slot {
  readonly weight: tf.Variable;
  m: tf.Tensor;
  v: tf.Tensor;
}

/** m <- beta1 m + rate1 g,  v <- beta2 v + rate2 g^2,  w <- w - stepSize m / (sqrt(v) + epsilon) */
export interface Constants {
  beta1: number;
  rate1: number;
  beta2: number;
  rate2: number;
  stepSize: number;
  epsilon: number;
}

export type UpdateSlot = (slot: Slot, gradient: tf.Tensor) => void;

/**
 * The step in tensor operations: twelve, whatever is asked. Every intermediate goes as soon as it was used, so that an engine which
 * reuses memory stays in cache: on wasm, 815,824 weights in 2.8 ms at best, against 3.4 ms in a tidy and 4.2 ms for tf.train.adam.
 */
export function withOps(constants: Constants, run: (update: UpdateSlot) => void): void {
  const [beta1, rate1, beta2, rate2, stepSize, epsilon] = [
    tf.scalar(constants.beta1),
    tf.scalar(constants.rate1),
    tf.scalar(constants.beta2),
    tf.scalar(constants.rate2),
    tf.scalar(constants.stepSize),
    tf.scalar(constants.epsilon),
  ];
  run((slot, gradient) => {
    const { weight } = slot;
    const m = spend(tf.add, spend(tf.mul, slot.m, beta1, [slot.m]), tf.mul(gradient, rate1));
    slot.m = tf.keep(m);
    const square = tf.mul(gradient, gradient);
    const v = spend(tf.add, spend(tf.mul, slot.v, beta2, [slot.v]), spend(tf.mul, square, rate2, [square]));
    slot.v = tf.keep(v);
    const root = tf.sqrt(v);
    const divisor = spend(tf.add, root, epsilon, [root]);
    const direction = spend(tf.div, m, divisor, [divisor]);
    const change = spend(tf.mul, direction, stepSize, [direction]);
    const updated = spend(tf.sub, weight, change, [change]);
    weight.assign(updated);
    updated.dispose();
  });
  tf.dispose([beta1, rate1, beta2, rate2, stepSize, epsilon]);
}

/** `op(a, b)`, after which `spent` (default: both) are disposed. */
function spend(
  op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  a: tf.Tensor,
  b: tf.Tensor,
  spent: tf.Tensor[] = [a, b],
): tf.Tensor {
  const result = op(a, b);
  tf.dispose(spent);
  return result;
}

/** A kernel of `@proj/backend`: inputs weight, m, v, gradient, attributes `Constants`; outputs weight, m, v after the step. */
const FUSED = 'ProjAdam';

/** Whether the engine has the step as one kernel. */
export const hasFusedStep = (): boolean => tf.getKernel(FUSED, tf.getBackend()) !== undefined;

/** The step as one kernel a weight: one pass over the numbers. */
export function fused(constants: Constants, run: (update: UpdateSlot) => void): void {
  const attrs = constants as Constants & tf.NamedAttrMap;
  run((slot, gradient) => {
    const { weight, m, v } = slot;
    const [updated, newM, newV] = tf.engine().runKernel<tf.Tensor[]>(FUSED, { weight, m, v, gradient }, attrs);
    tf.dispose([m, v]);
    slot.m = tf.keep(newM!);
    slot.v = tf.keep(newV!);
    weight.assign(updated!);
    updated!.dispose();
  });
}

/**
 * The step in one loop over the numbers, in float64: for the plain-JavaScript engine, whose memory is ours and whose operations are
 * slow: 815,824 weights in 4 ms at best, against 97 ms in operations.
 */
export function onHost(constants: Constants, run: (update: UpdateSlot) => void): void {
  run((slot, gradient) => {
    const { weight } = slot;
    const next = {
      w: new Float32Array(weight.size),
      m: new Float32Array(weight.size),
      v: new Float32Array(weight.size),
    };
    loop(constants, read(gradient), { w: read(weight), m: read(slot.m), v: read(slot.v) }, next);
    tf.dispose([slot.m, slot.v]);
    slot.m = tf.keep(tf.tensor(next.m, weight.shape));
    slot.v = tf.keep(tf.tensor(next.v, weight.shape));
    const updated = tf.tensor(next.w, weight.shape);
    weight.assign(updated);
    updated.dispose();
  });
}

interface Numbers {
  w: Float32Array;
  m: Float32Array;
  v: Float32Array;
}

function loop(constants: Constants, gradient: Float32Array, old: Numbers, next: Numbers): void {
  const { beta1, rate1, beta2, rate2, stepSize, epsilon } = constants;
  for (let i = 0; i < gradient.length; i++) {
    const g = gradient[i]!;
    const m = beta1 * old.m[i]! + rate1 * g;
    const v = beta2 * old.v[i]! + rate2 * g * g;
    next.m[i] = m;
    next.v[i] = v;
    next.w[i] = old.w[i]! - (stepSize * m) / (Math.sqrt(v) + epsilon);
  }
}

const read = (tensor: tf.Tensor) => tensor.dataSync() as Float32Array;
