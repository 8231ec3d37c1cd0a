import * as tf from '@tensorflow/tfjs-core';
import { simplex } from '../constraint.ts';
import type { DistributionOptions, Shape, Value } from '../distribution.ts';
import { expm1, log1p } from '../math/log1p.ts';
import { standardGumbel } from '../standard.ts';
import { constant } from './constant.ts';
import { expand } from './expand.ts';
import { broadcastShape } from './shape.ts';
import { checkConstraint, toTensor } from './validate.ts';

// What the families over K classes share. Logits [..., K] may be -Infinity: that class is impossible.

/**
 * log p of each class, the log-softmax of the logits: that of the likeliest class too has all its digits, however close to
 * 0, since the others are summed without it. Differentiable to every order.
 */
export function logProbs(logits: tf.Tensor): tf.Tensor {
  return tf.customGrad((input, save) => {
    const t = input as tf.Tensor;
    (save as tf.GradSaveFunc)([t]);
    const distance = tf.sub(t, tf.max(t, -1, true));
    const others = tf.sub(1, oneHotOf(tf.argMax(t, -1), t.shape.at(-1)!));
    const value = tf.sub(distance, log1p(tf.sum(tf.mul(tf.exp(distance), others), -1, true)));
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
      tf.sub(dy, tf.mul(tf.sum(dy, -1, true), tf.exp(logProbs(saved!))));
    return { value, gradFunc };
  })(logits);
}

/** Class indices as vectors of `k` numbers. Not tf.oneHot, whose float32 is wrong on wasm. */
export function oneHotOf(classes: tf.Tensor, k: number): tf.Tensor {
  return tf.cast(tf.equal(tf.expandDims(classes, -1), tf.range(0, k, 1, 'int32')), 'float32');
}

/** Logits of probabilities [..., K]: their logarithms. */
export function logitsOf(name: string, probs: Value, { validateArgs }: DistributionOptions): tf.Tensor {
  return tf.tidy(() => {
    const p = toTensor(probs);
    if (validateArgs) checkConstraint(name, 'parameter probs', p, simplex);
    return tf.log(p);
  });
}

/** p (1 - p) of each class, exact also where p is nearly 1. */
export function variances(logP: tf.Tensor): tf.Tensor {
  return tf.neg(tf.mul(tf.exp(logP), expm1(logP)));
}

/** -sum p log p, where 0 log 0 is 0. */
export function entropyOf(logP: tf.Tensor): tf.Tensor {
  return tf.neg(tf.sum(tf.mul(tf.exp(logP), zeroAt(impossible(logP), logP)), -1));
}

/** sum p (log p - log q), where 0 log 0 is 0; Infinity if q excludes a class that p does not. */
export function klOf(logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor {
  const [k, other] = [logP.shape.at(-1)!, logQ.shape.at(-1)!];
  if (k !== other) {
    throw new RangeError(`klDivergence: p and q must have as many classes, got ${k} of p and ${other} of q.`);
  }
  const out = impossible(tf.add(logP, tf.zerosLike(logQ)));
  return tf.sum(tf.mul(tf.exp(logP), tf.sub(zeroAt(out, logP), zeroAt(out, logQ))), -1);
}

/** The likeliest class, int32, the first of several: argmax of the logits. */
export const likeliest = (logits: tf.Tensor): tf.Tensor => constant((t) => tf.argMax(t, -1))(logits);

/** Classes of shape [...sampleShape, ...batch], int32: argmax(logits + Gumbel noise). Gradients end here. */
export function drawClasses(logits: tf.Tensor, sampleShape: Shape, seed: number): tf.Tensor {
  return likeliest(tf.add(logits, standardGumbel([...sampleShape, ...logits.shape], seed)));
}

const impossible = (logP: tf.Tensor): tf.Tensor => constant((t) => tf.equal(t, -Infinity))(logP);

/** `t` with 0 where `mask` holds, and no gradient there. */
export function zeroAt(mask: tf.Tensor, t: tf.Tensor): tf.Tensor {
  const shape = broadcastShape('', { mask: mask.shape, t: t.shape });
  return tf.where(mask, tf.zeros(shape), expand(t, shape));
}
