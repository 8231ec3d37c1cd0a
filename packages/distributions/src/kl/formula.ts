import type * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from '../distribution.ts';

/**
 * KL(p || q) in nats, of a shape that broadcasts to that of both batches; undefined if it is not for these two. `of` is
 * klDivergence itself, for the parts of a combinator.
 */
export type KlFormula = (p: Distribution, q: Distribution, of: KlDivergence) => tf.Tensor | undefined;
/** KL(p || q) in nats, shape = broadcast of both batch shapes. */
export type KlDivergence = (p: Distribution, q: Distribution) => tf.Tensor;

/** The parameters of a family that is known by its name: it may come from another copy of this package. */
export const parametersOf = (d: Distribution): Record<Parameter, tf.Tensor> =>
  d.parameters as Record<Parameter, tf.Tensor>;
type Parameter =
  | 'loc'
  | 'scale'
  | 'rate'
  | 'concentration'
  | 'concentration1'
  | 'concentration0'
  | 'low'
  | 'high'
  | 'logits';
