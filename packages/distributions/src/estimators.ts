import * as tf from '@tensorflow/tfjs-core';
import type { Distribution, Shape, Value } from './distribution.ts';
import { broadcastShape, sameShape, showShape } from './internal/shape.ts';
import { toTensor } from './internal/validate.ts';
import { withBatch } from './internal/with-batch.ts';
import { logSumExp } from './math/log-sum-exp.ts';
import { freshSeed } from './standard.ts';

/** From how many draws an expectation is estimated, and from which seed. */
export interface SamplingOptions {
  /** At least 1. */
  samples: number;
  /** As in Distribution.sample: omitted, fresh draws at each call. */
  seed?: number;
}

/**
 * `reward`, with the gradient of its expectation over draws whose log probability is `logProb`: to the gradient of the
 * reward itself it adds (reward - baseline) times that of logProb. So draws that pass no gradient can be learned from.
 *
 * Both are of one shape, an element for each draw; the mean over draws is what to optimise. `baseline` broadcasts to them
 * and must not depend on the same draws: the expectation is right for any, the variance smaller for one near the reward.
 * Source: Williams 1992, "Simple statistical gradient-following algorithms" (REINFORCE).
 *
 * @throws RangeError if the shapes do not fit.
 */
export function scoreFunction(logProb: tf.Tensor, reward: tf.Tensor, baseline: Value = 0): tf.Tensor {
  return tf.tidy(() => {
    const base = toTensor(baseline);
    const shapes = { logProb: logProb.shape, reward: reward.shape, baseline: base.shape };
    const common = broadcastShape('scoreFunction', shapes);
    if (!sameShape(logProb.shape, common) || !sameShape(reward.shape, common)) {
      throw new RangeError(
        `scoreFunction: logProb and reward must have one shape, to which baseline broadcasts, got ` +
          `${Object.values(shapes).map(showShape).join(', ')}.`,
      );
    }
    return tf.customGrad((...inputs) => {
      const [, r, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
      save([r, base]);
      return {
        value: tf.clone(r),
        gradFunc: (dy: tf.Tensor, [saved, b]: tf.Tensor[]) => [tf.mul(dy, tf.sub(saved!, b!)), tf.clone(dy)],
      };
    })(logProb, reward);
  });
}

/**
 * KL(p || q) in nats as the mean of log p - log q over draws of p; its standard error falls as 1 / sqrt(samples). Shape:
 * broadcast of both batch shapes. Gradients are unbiased, by the score function where p is not reparameterised.
 *
 * @throws RangeError if the shapes do not fit.
 */
export function monteCarloKl<E extends Shape>(
  p: Distribution<E>,
  q: Distribution<NoInfer<E>>,
  { samples, seed = freshSeed() }: SamplingOptions,
): tf.Tensor {
  checkSamples('monteCarloKl', samples);
  const shapes = { 'p.batchShape': p.batchShape, 'q.batchShape': q.batchShape };
  const batchShape = broadcastShape('monteCarloKl', shapes);
  return tf.tidy(() => {
    const wide = withBatch(p, batchShape);
    const { sample, logProb } = wide.sampleAndLogProb({ sampleShape: [samples], seed });
    const ratio = tf.sub(logProb, q.logProb(sample));
    return tf.mean(p.reparameterized ? ratio : scoreFunction(logProb, ratio), 0);
  });
}

/**
 * Evidence lower bound in nats, for each posterior of the batch: the mean of log p(x, z) - log q(z) over draws z of `q`.
 *
 * `logJoint` is given z [samples, ...batchShape, ...eventShape] and gives log p(x, z) [samples, ...batchShape], x being its
 * own. Gradients are unbiased, by the score function where q is not reparameterised.
 *
 * @throws RangeError if logJoint gives another shape.
 */
export function elbo(
  logJoint: (z: tf.Tensor) => tf.Tensor,
  q: Distribution,
  { samples = 1, seed = freshSeed() }: Partial<SamplingOptions> = {},
): tf.Tensor {
  return tf.tidy(() => {
    const { logQ, logWeight } = weigh('elbo', logJoint, q, samples, seed);
    return tf.mean(q.reparameterized ? logWeight : scoreFunction(logQ, logWeight), 0);
  });
}

/**
 * Importance-weighted bound in nats, for each posterior of the batch: the log of the mean of p(x, z) / q(z) over draws z
 * of `q`. With one sample it is the ELBO; it rises with `samples` to log p(x). Arguments and gradients as for `elbo`.
 *
 * Source: Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519.
 *
 * @throws RangeError if logJoint gives another shape.
 */
export function iwae(
  logJoint: (z: tf.Tensor) => tf.Tensor,
  q: Distribution,
  { samples, seed = freshSeed() }: SamplingOptions,
): tf.Tensor {
  return tf.tidy(() => {
    const { logQ, logWeight } = weigh('iwae', logJoint, q, samples, seed);
    const bound = tf.sub(logSumExp(logWeight, 0), Math.log(samples));
    return q.reparameterized ? bound : scoreFunction(tf.sum(logQ, 0), bound);
  });
}

function weigh(who: string, logJoint: (z: tf.Tensor) => tf.Tensor, q: Distribution, samples: number, seed: number) {
  checkSamples(who, samples);
  const { sample, logProb: logQ } = q.sampleAndLogProb({ sampleShape: [samples], seed });
  const joint = logJoint(sample);
  if (!sameShape(joint.shape, logQ.shape)) {
    throw new RangeError(
      `${who}: logJoint must give one number for each draw, shape ${showShape(logQ.shape)}, got ${showShape(joint.shape)}. ` +
        'Sum log probabilities over the axes of an event, or q.expand(batchShape) to the batch of the data.',
    );
  }
  return { logQ, logWeight: tf.sub(joint, logQ) };
}

function checkSamples(who: string, samples: number): void {
  if (Number.isInteger(samples) && samples >= 1) return;
  throw new RangeError(`${who}: samples must be an integer from 1, got ${samples}.`);
}
