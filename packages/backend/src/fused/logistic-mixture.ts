import * as tf from '@tensorflow/tfjs-core';
import { fits, show } from './show.ts';

/**
 * value [S P, C], of which number n has mixture n modulo P; logits [P, K]; loc and scale [P, K, C]; coefficients
 * [P, K, C (C - 1) / 2], or [P, K, 0] for none.
 */
export type LogisticMixtureInputs<T extends tf.TensorInfo = tf.TensorInfo> = Record<
  'value' | 'logits' | 'loc' | 'scale' | 'coefficients',
  T
>;

export interface LogisticMixtureAttrs {
  low: number;
  high: number;
  gradient: boolean;
}

export interface LogisticMixtureSizes {
  rows: number;
  pixels: number;
  components: number;
  channels: number;
  slopes: number;
}

/** @throws RangeError unless everything is float32 and fits. */
export function checkLogisticMixture(inputs: LogisticMixtureInputs, attrs: LogisticMixtureAttrs): LogisticMixtureSizes {
  const { value, loc, coefficients } = inputs;
  const [pixels = 0, components = 0, channels = 0] = loc.shape;
  const [rows = 0] = value.shape;
  const slopes = coefficients?.shape[2] === 0 ? 0 : (channels * (channels - 1)) / 2;
  const shapes = {
    value: [rows, channels],
    logits: [pixels, components],
    loc: [pixels, components, channels],
    scale: [pixels, components, channels],
    coefficients: [pixels, components, slopes],
  };
  const divides = pixels > 0 ? rows % pixels === 0 : rows === 0;
  if (!(fits(inputs, shapes) && divides && components > 0 && channels > 0)) {
    throw new RangeError(
      'ProjLogisticMixture: float32 value [S P, C], logits [P, K], loc and scale [P, K, C] and coefficients ' +
        `[P, K, C (C - 1) / 2] or [P, K, 0] expected, K and C from 1; got ${show(inputs)}.`,
    );
  }
  if (!(attrs.low < attrs.high)) {
    throw new RangeError(`ProjLogisticMixture: low must be below high, got ${attrs.low} and ${attrs.high}.`);
  }
  return { rows, pixels, components, channels, slopes };
}

/** The end of a bin that has none: beyond any location, and finite, since 0 times it is a part of second derivatives. */
const BEYOND = 1e37;

/** `ProjLogisticMixture` in operations; see assembly/logistic-mixture.ts. */
export function logisticMixture(inputs: LogisticMixtureInputs<tf.Tensor>, attrs: LogisticMixtureAttrs): tf.Tensor[] {
  const { rows, pixels, components, channels, slopes } = checkLogisticMixture(inputs, attrs);
  const { low, high, gradient } = attrs;
  if (rows === 0) {
    const each = [[], [components], [components, channels], [components, channels], [components, slopes]];
    return each.slice(0, gradient ? 5 : 1).map((shape) => tf.zeros([0, ...shape]));
  }
  const sets = rows / pixels;
  const [middle, unit] = [(low + high) / 2, (high - low) / 2];
  const value = tf.reshape(inputs.value, [sets, pixels, 1, channels]);
  const over = (t: tf.Tensor) => tf.reshape(t, [1, ...t.shape]);
  const [logits, loc, scale] = [over(inputs.logits), over(inputs.loc), over(inputs.scale)];

  const lower = tf.where(tf.lessEqual(value, low), -BEYOND, tf.sub(value, middle + 0.5));
  const upper = tf.where(tf.greaterEqual(value, high), BEYOND, tf.sub(value, middle - 0.5));
  const rescaled = tf.div(tf.sub(value, middle), unit);
  const mix = slopes === 0 ? undefined : mixing(rescaled, channels); // [S, P, J, C]
  const slope = over(inputs.coefficients);
  const shift = mix && tf.sum(tf.mul(tf.expandDims(slope, 4), tf.expandDims(mix, 2)), 3); // [S, P, K, C]
  const mu = tf.mul(shift ? tf.add(loc, shift) : loc, unit);
  const rate = tf.div(1 / unit, scale);
  const a = clip(tf.mul(tf.sub(mu, upper), rate));
  const b = clip(tf.mul(tf.sub(lower, mu), rate));
  const z = clip(tf.mul(tf.sub(lower, upper), rate));
  const inside = tf.neg(tf.expm1(z));
  const mass = tf.sub(tf.log(inside), tf.add(tf.softplus(a), tf.softplus(b)));
  const joint = tf.add(logits, tf.sum(mass, 3)); // [S, P, K]
  const logProb = tf.reshape(tf.sub(tf.logSumExp(joint, 2), tf.logSumExp(logits, 2)), [rows]);
  if (!gradient) return [logProb];

  const share = tf.softmax(joint); // [S, P, K]
  const [above, below] = [tf.sigmoid(a), tf.sigmoid(b)];
  const perScale = tf.div(tf.expandDims(share, 3), scale);
  const dLoc = tf.mul(perScale, tf.sub(below, above));
  const width = tf.div(tf.mul(z, tf.exp(z)), inside);
  const dScale = tf.mul(perScale, tf.add(tf.add(tf.mul(above, a), tf.mul(below, b)), width));
  const dSlope = mix
    ? tf.sum(tf.mul(tf.expandDims(dLoc, 3), tf.expandDims(mix, 2)), 4)
    : tf.zeros([rows, components, 0]);
  const dLogits = tf.sub(share, tf.softmax(logits));
  return [
    logProb,
    tf.reshape(dLogits, [rows, components]),
    tf.reshape(dLoc, [rows, components, channels]),
    tf.reshape(dScale, [rows, components, channels]),
    tf.reshape(dSlope, [rows, components, slopes]),
  ];
}

/** -200 to 1e37: below, a sigmoid is 0 in float32; above, sums would be infinite. */
const clip = (t: tf.Tensor): tf.Tensor => tf.clipByValue(t, -200, 1e37);

/** What coefficient j adds to the location of channel c: the channel it belongs to or 0, [S, P, J, C] of [S, P, 1, C]. */
function mixing(rescaled: tf.Tensor, channels: number): tf.Tensor {
  const pairs = Array.from({ length: channels }, (_, to) =>
    Array.from({ length: to }, (_, from) => [from, to] as const),
  );
  const sources = pairs.flat().map(([from]) => from);
  const targets = pairs.flat().map(([, to]) => Array.from({ length: channels }, (_, c) => Number(c === to)));
  const by = tf.reshape(tf.gather(rescaled, sources, 3), [...rescaled.shape.slice(0, 2), sources.length, 1]);
  return tf.mul(by, tf.tensor2d(targets));
}

/** Of the log-likelihood alone, 0 for the value: what else the kernel gives passes none. */
export const logisticMixtureGradient: tf.GradConfig = {
  kernelName: 'ProjLogisticMixture',
  inputsToSave: ['value', 'logits', 'loc', 'scale', 'coefficients'],
  gradFunc: (dys, saved, attrs) => {
    const dy = Array.isArray(dys) ? dys[0]! : dys;
    const [value, logits, loc, scale, coefficients] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const inputs = { value, logits, loc, scale, coefficients };
    const all = { ...attrs, gradient: true };
    // Where someone differentiates this too, it must be operations.
    const [, ...gradients] = tf.engine().isTapeOn()
      ? logisticMixture(inputs, all as unknown as LogisticMixtureAttrs)
      : tf.engine().runKernel<tf.Tensor[]>('ProjLogisticMixture', inputs, all);
    const by = (i: number, input: tf.Tensor) => () => {
      const rows = tf.mul(gradients[i]!, tf.reshape(dy, [dy.size, ...input.shape.slice(1).map(() => 1)]));
      if (rows.shape[0] === input.shape[0]) return rows;
      const sets = input.shape[0] === 0 ? 0 : dy.size / input.shape[0]!;
      return tf.sum(tf.reshape(rows, [sets, ...input.shape]), 0); // over the values of one mixture
    };
    return {
      value: () => tf.zerosLike(value),
      logits: by(0, logits),
      loc: by(1, loc),
      scale: by(2, scale),
      coefficients: by(3, coefficients),
    };
  },
};
