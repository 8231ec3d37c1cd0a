/**
 * The first token whose cumulated probability exceeds u, of probabilities [V] with the sum one and u in (0, 1): one uniform
 * number a draw. Never one of probability 0, whatever rounding leaves of the sum.
 */
export function drawToken(probabilities: ArrayLike<number>, u: number): number {
  let left = u;
  let last = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    if (p <= 0) continue;
    left -= p;
    if (left < 0) return i;
    last = i;
  }
  return last;
}

/** A token and its probability as the next one. */
export interface NextToken {
  id: number;
  probability: number;
}

/** The `count` most probable tokens of [V] that have a chance, the most probable first; of equal ones the first. */
export function mostProbable(probabilities: ArrayLike<number>, count: number): NextToken[] {
  const best: NextToken[] = [];
  for (let id = 0; id < probabilities.length; id++) {
    const probability = probabilities[id]!;
    if (probability <= 0 || (best.length >= count && probability <= (best.at(-1)?.probability ?? Infinity))) continue;
    const after = best.findIndex((other) => other.probability < probability);
    best.splice(after < 0 ? best.length : after, 0, { id, probability });
    if (best.length > count) best.pop();
  }
  return best;
}
