import * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from './distribution.ts';
import { expand } from './internal/expand.ts';
import { broadcastShape, sameShape, showShape } from './internal/shape.ts';
import type { KlFormula } from './kl/formula.ts';
import { klTable, pairOf } from './kl/table.ts';

export type { KlDivergence, KlFormula } from './kl/formula.ts';

const TABLE = /* @__PURE__ */ klTable();

/**
 * KL(p || q) in nats, shape = broadcast of both batch shapes: by p's own formula for two of one family, else from the
 * table of pairs, by the families' names. +Infinity where q gives 0 to what p does not.
 *
 * @throws TypeError if there is no formula, and says which there are; RangeError if the shapes do not fit.
 */
export function klDivergence(p: Distribution, q: Distribution): tf.Tensor {
  return tf.tidy(() => {
    const formula = TABLE.get(pairOf(p.name, q.name));
    if (formula === undefined) {
      // Defined or not, as for every method of a family.
      if (p.name !== q.name || !('_klDivergence' in p)) throw unknown(p, q);
      return p.klDivergence(q);
    }
    if (!sameShape(p.eventShape, q.eventShape)) {
      throw new RangeError(
        `klDivergence: p and q must have one event shape, got ${showShape(p.eventShape)} of p, ${p.name}, and ` +
          `${showShape(q.eventShape)} of q, ${q.name}.`,
      );
    }
    const shape = broadcastShape('klDivergence', { 'p.batchShape': p.batchShape, 'q.batchShape': q.batchShape });
    const kl = formula(p, q, klDivergence);
    if (kl === undefined) throw unknown(p, q);
    return expand(kl, shape);
  });
}

/** The cross-entropy -E_p[log q] = entropy of p + KL(p || q), where both are known. */
export function crossEntropy(p: Distribution, q: Distribution): tf.Tensor {
  return tf.tidy(() => tf.add(p.entropy(), klDivergence(p, q)));
}

/**
 * Adds a formula for distributions of these names, which `klDivergence` uses from now on.
 *
 * @throws RangeError if the pair has one.
 */
export function registerKl(pName: string, qName: string, formula: KlFormula): void {
  const key = pairOf(pName, qName);
  if (TABLE.has(key)) throw new RangeError(`registerKl: KL(${key}) has a formula already: one pair, one formula.`);
  TABLE.set(key, formula);
}

/** The names of p and q of every pair in the table. */
export function knownKl(): [pName: string, qName: string][] {
  return [...TABLE.keys()].map((key) => key.split(' || ') as [string, string]);
}

function unknown(p: Distribution, q: Distribution): TypeError {
  const known = knownKl();
  const list = (names: string[]) => (names.length === 0 ? 'none' : names.join(', '));
  return new TypeError(
    `klDivergence: KL(${pairOf(p.name, q.name)}) has no formula. With ${p.name} as p the table has q: ` +
      `${list(known.filter(([name]) => name === p.name).map(([, name]) => name))}; with ${q.name} as q it has p: ` +
      `${list(known.filter(([, name]) => name === q.name).map(([name]) => name))}. Add one with registerKl, or estimate ` +
      'it: monteCarloKl(p, q, { samples, seed }).',
  );
}
