/**
 * The first token whose cumulated probability exceeds u, of probabilities [V] with the sum one and u in (0, 1): one uniform
 * number a draw. Never one of probability 0, whatever rounding leaves of the sum.
 */
export function drawToken(probabilities: ArrayLike<number>, u: number): number {
  const classes = probabilities.length;
  let left = u;
  let i = 0;
  // Whole blocks first: four sums that do not wait for each other.
  for (; i + BLOCK <= classes; i += BLOCK) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let j = i; j < i + BLOCK; j += 4) {
      a += probabilities[j]!;
      b += probabilities[j + 1]!;
      c += probabilities[j + 2]!;
      d += probabilities[j + 3]!;
    }
    const sum = a + b + (c + d);
    if (left < sum) break;
    left -= sum;
  }
  for (; i < classes; i++) {
    const p = probabilities[i]!;
    left -= p;
    if (left < 0 && p > 0) return i;
  }
  let last = classes - 1;
  while (last > 0 && !(probabilities[last]! > 0)) last--;
  return last;
}

const BLOCK = 64;

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
