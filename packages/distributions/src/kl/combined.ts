import * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from '../distribution.ts';
import { expand } from '../internal/expand.ts';
import { MultivariateNormalDiag } from '../multivariate-normal-diag.ts';
import { MultivariateNormalTriL } from '../multivariate-normal-tril.ts';
import { OneHotCategorical } from '../one-hot-categorical.ts';
import { type KlFormula, parametersOf } from './formula.ts';

/** Both read as multivariate normals with triangular scales. */
export const normals: KlFormula = (p, q) => {
  const [first, second] = [asTriL(p), asTriL(q)];
  return first && second && first.klDivergence(second);
};

/** Both diagonal: one of them Independent of Normals. */
export const diagonalNormals: KlFormula = (p, q) => {
  const [first, second] = [asDiag(p), asDiag(q)];
  return first && second && first.klDivergence(second);
};

export const oneHots: KlFormula = (p, q) =>
  new OneHotCategorical(parametersOf(p).logits).klDivergence(new OneHotCategorical(parametersOf(q).logits));

/** The sum over the event of what the bases have. */
export const independents: KlFormula = (p, q, of) => {
  const [first, second] = [p as Combined, q as Combined];
  const rank = first.reinterpretedBatchRank!;
  if (rank !== second.reinterpretedBatchRank) return undefined;
  const each = of(first.base, second.base);
  const axes = Array.from({ length: rank }, (_, i) => each.rank - rank + i);
  return rank === 0 ? each : tf.sum(each, axes);
};

/** One bijection of both changes nothing. */
export const transformed: KlFormula = (p, q, of) => {
  const [first, second] = [p as Combined, q as Combined];
  return first.bijector!.isSame(second.bijector) ? of(first.base, second.base) : undefined;
};

/** What the combinators have, read by name: they may come from another copy of this package. */
interface Combined extends Distribution {
  base: Distribution;
  reinterpretedBatchRank?: number;
  bijector?: { isSame(other: unknown): boolean };
}

function asDiag(d: Distribution): MultivariateNormalDiag | undefined {
  if (d.name === 'MultivariateNormalDiag') return d as MultivariateNormalDiag;
  const { base, reinterpretedBatchRank } = d as Combined;
  if (d.name !== 'Independent' || base.name !== 'Normal' || reinterpretedBatchRank !== 1) return undefined;
  const { loc, scale } = parametersOf(base);
  return new MultivariateNormalDiag(expand(loc, base.batchShape), expand(scale, base.batchShape));
}

function asTriL(d: Distribution): MultivariateNormalTriL | undefined {
  if (d.name === 'MultivariateNormalTriL') return d as MultivariateNormalTriL;
  const diagonal = asDiag(d);
  if (diagonal === undefined) return undefined;
  const [n] = diagonal.eventShape;
  const scale = tf.mul(tf.expandDims(diagonal.scaleDiag, -1), tf.eye(n));
  return new MultivariateNormalTriL(diagonal.loc, scale);
}
