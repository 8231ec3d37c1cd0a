import * as tf from '@tensorflow/tfjs-core';

/** P mixtures of K products of C logistics: logits [1, P, K], loc [1 or S, P, K, C], scale [1, P, K, C]. */
export type Mixtures = readonly [logits: tf.Tensor, loc: tf.Tensor, scale: tf.Tensor];

/** Ends of the bins that S values of each of the P mixtures fall into, [S, P, 1, C]; +-1e37 where a bin has none. */
export type Bins = readonly [lower: tf.Tensor, upper: tf.Tensor];

/**
 * Log probabilities of the bins, [S, P]:
 *
 *   log sum_k softmax(logits)_k prod_c (sigmoid(a) - sigmoid(b)),   a, b = (upper, lower - unit loc) / (unit scale)
 *   log(sigmoid(a) - sigmoid(b)) = -softplus(-a) - softplus(b) + log(-expm1(b - a))
 *
 * A bin without an end and the far tails need no case of their own. Gradients reach the mixtures, not the bins; they
 * are written out, since those of the operations would take several times the work and the memory.
 */
export function logMass(mixtures: Mixtures, bins: Bins, unit: number): tf.Tensor {
  const withGradient = tf.customGrad((...args) => {
    const inputs = args.slice(0, -1) as tf.Tensor[];
    const save = args.at(-1) as (tensors: tf.Tensor[]) => void;
    const parts = forward(inputs, unit);
    save([...inputs, ...parts]);
    const [total, norm] = parts.slice(-2) as [tf.Tensor, tf.Tensor];
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const kept = saved.slice(0, inputs.length);
      const nested = tf.engine().isTapeOn(); // someone differentiates this too: the parts must then hang on the inputs
      return backward(dy, kept, nested ? forward(kept, unit) : (saved.slice(inputs.length) as Parts));
    };
    return { value: tf.squeeze(tf.sub(total, norm), [2]), gradFunc };
  });
  return withGradient(...mixtures, ...bins);
}

/** -a, b and b - a, [S, P, K, C]; log of weight times product, [S, P, K]; its logSumExp and the logits', [., P, 1]. */
type Parts = [x: tf.Tensor, y: tf.Tensor, z: tf.Tensor, joint: tf.Tensor, total: tf.Tensor, norm: tf.Tensor];

function forward(inputs: tf.Tensor[], unit: number): Parts {
  const [logits, loc, scale, lower, upper] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const [x, y, z] = tf.tidy(() => {
    const mu = tf.mul(loc, unit);
    const rate = tf.div(1 / unit, scale);
    const between = (from: tf.Tensor, to: tf.Tensor) => tf.tidy(() => clip(tf.mul(tf.sub(from, to), rate)));
    // z is not x + y, which would lose the width of a bin far out.
    return [between(mu, upper), between(lower, mu), between(lower, upper)] as [tf.Tensor, tf.Tensor, tf.Tensor];
  });
  const joint = tf.tidy(() => {
    const tails = tf.add(tf.softplus(x), tf.softplus(y));
    return tf.add(logits, sumChannels(tf.sub(tf.log(tf.neg(tf.expm1(z))), tails)));
  });
  return [x, y, z, joint, tf.logSumExp(joint, 2, true), tf.logSumExp(logits, 2, true)];
}

/** Gradients by all inputs, 0 for the bins. Those by loc and scale are divided by scale, and so the unit is gone. */
function backward(dy: tf.Tensor, inputs: tf.Tensor[], [x, y, z, joint, total, norm]: Parts): tf.Tensor[] {
  const [logits, loc, scale, ...bins] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
  return tf.tidy(() => {
    const dTotal = tf.expandDims(dy, 2);
    const dJoint = tf.mul(tf.exp(tf.sub(joint, total)), dTotal);
    const dLogits = tf.tidy(() => tf.sub(dJoint, tf.mul(tf.exp(tf.sub(logits, norm)), dTotal)));
    const perScale = tf.div(tf.expandDims(dJoint, 3), scale); // [S, P, K, C]
    const [above, below] = [tf.sigmoid(x), tf.sigmoid(y)];
    const dLoc = tf.tidy(() => tf.mul(perScale, tf.sub(below, above)));
    const dScale = tf.tidy(() => {
      const ends = tf.add(tf.mul(above, x), tf.mul(below, y));
      // z / (e^-z - 1), in numbers that stay finite, as do their derivatives.
      return tf.mul(perScale, tf.sub(ends, tf.div(tf.mul(z, tf.exp(z)), tf.expm1(z))));
    });
    const own = [sumSets(dLogits, logits), sumSets(dLoc, loc), sumSets(dScale, scale)];
    return [...own, ...bins.map((t) => tf.zerosLike(t))];
  });
}

const sumChannels = (t: tf.Tensor): tf.Tensor => (t.shape[3] === 1 ? tf.squeeze(t, [3]) : tf.sum(t, 3));

/** Summed over the S values where the input is one for all of them. */
const sumSets = (t: tf.Tensor, input: tf.Tensor): tf.Tensor => (t.shape[0] === input.shape[0] ? t : tf.sum(t, 0, true));

/** Below, softplus, sigmoid and exp are 0 in float32; above, sums would be infinite. 0 times it is 0, not NaN. */
const clip = (t: tf.Tensor): tf.Tensor => tf.clipByValue(t, -200, 1e37);
