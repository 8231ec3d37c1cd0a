import * as tf from '@tensorflow/tfjs-core';

/** Of `ProjAdamAll`: see FusedKernels in @proj/layers. */
export interface AdamAllAttrs {
  beta1: number;
  beta2: number;
  epsilon: number;
  learningRate: number;
  /** One a weight. */
  weightDecay: readonly number[];
  gradientScale: number;
  clipNorm: number;
  correction1: number;
  correction2: number;
}

export interface AdamAllSlot<T> {
  weight: T;
  m: T;
  v: T;
  gradient: T;
}

const ROLES = ['weight', 'm', 'v', 'gradient'] as const;

/**
 * The inputs of `ProjAdamAll`, weight by weight.
 * @throws TypeError or RangeError unless each weight, its moments and its gradient are there, float32 and of one shape.
 */
export function adamAllSlots<T extends tf.TensorInfo>(
  inputs: Record<string, T | undefined>,
  { weightDecay }: AdamAllAttrs,
): AdamAllSlot<T>[] {
  return weightDecay.map((_, i) => {
    const [weight, m, v, gradient] = ROLES.map((role) => {
      const info = inputs[`${role}${i}`];
      if (info !== undefined && info.dtype === 'float32') return info;
      throw new TypeError(`ProjAdamAll: ${role}${i} must be a float32 tensor, got ${info?.dtype ?? 'none'}.`);
    }) as [T, T, T, T];
    const shapes = [weight, m, v, gradient].map(({ shape }) => `[${shape}]`);
    if (shapes.some((shape) => shape !== shapes[0])) {
      throw new RangeError(
        `ProjAdamAll: ${ROLES.map((role) => role + i).join(', ')} must have one shape, got ${shapes}.`,
      );
    }
    return { weight, m, v, gradient };
  });
}

/** What one weight's step is made of, from float64: see `adam` in assembly/adam.ts. */
export function adamRates({ beta1, beta2, epsilon, learningRate, correction1, correction2 }: AdamAllAttrs) {
  const root = Math.sqrt(correction2);
  return {
    rate1: 1 - beta1,
    rate2: 1 - beta2,
    stepSize: (learningRate * root) / correction1,
    epsilon: epsilon * root,
  };
}

/** `ProjAdamAll` in operations. The norm never comes to the host: where it is not finite, the old numbers are chosen. */
export function composedAdamAll(inputs: Record<string, tf.Tensor>, attrs: AdamAllAttrs): tf.Tensor[] {
  const { beta1, beta2, learningRate, weightDecay, gradientScale, clipNorm } = attrs;
  const { rate1, rate2, stepSize, epsilon } = adamRates(attrs);
  const slots = adamAllSlots(inputs, attrs);
  const gradients = slots.map(({ gradient }) => (gradientScale === 1 ? gradient : tf.mul(gradient, gradientScale)));
  const norm = clipNorm > 0 ? globalNorm(gradients) : undefined;
  const scale = norm && tf.minimum(1, tf.div(clipNorm, norm));
  const finite = norm && tf.isFinite(norm);
  const outputs = slots.flatMap(({ weight, m, v }, i) => {
    const gradient = scale === undefined ? gradients[i]! : tf.mul(gradients[i]!, scale);
    const m1 = tf.add(tf.mul(m, beta1), tf.mul(gradient, rate1));
    const v1 = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), rate2));
    const change = tf.mul(tf.div(m1, tf.add(tf.sqrt(v1), epsilon)), stepSize);
    const decay = learningRate * weightDecay[i]!;
    const decayed = decay === 0 ? weight : tf.sub(weight, tf.mul(weight, decay));
    const updated = [tf.sub(decayed, change), m1, v1];
    return finite === undefined ? updated : [weight, m, v].map((old, j) => tf.where(finite, updated[j]!, old));
  });
  return norm === undefined ? outputs : [...outputs, norm];
}

function globalNorm(tensors: tf.Tensor[]): tf.Tensor {
  if (tensors.length === 0) return tf.scalar(0);
  return tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum(tf.square(tensor)))));
}
