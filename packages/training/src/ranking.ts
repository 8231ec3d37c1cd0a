/** A receiver operating characteristic: one point for each distinct score, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** False positive rate: the share of negatives that score at least the threshold. */
  readonly fpr: Float64Array;
  /** True positive rate: the share of positives that do. */
  readonly tpr: Float64Array;
  /** Falling from Infinity, at which nothing is called positive. */
  readonly thresholds: Float64Array;
}

/**
 * The ROC curve of scores, higher meaning more likely positive, against labels 1 or 0. Equal scores move it in one step.
 *
 * Source: Fawcett 2006, "An introduction to ROC analysis", algorithm 1.
 * @throws RangeError if the lengths differ, a score is NaN, a label is neither 0 nor 1, or one kind of label is missing.
 */
export function rocCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): RocCurve {
  const { truePositives, falsePositives, thresholds } = countByThreshold('rocCurve', scores, labels);
  const share = (counts: readonly number[]) => Float64Array.from(counts, (count) => count / counts.at(-1)!);
  return { fpr: share(falsePositives), tpr: share(truePositives), thresholds: Float64Array.from(thresholds) };
}

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, equal scores counting half.
 *
 * @throws RangeError as `rocCurve`.
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const { truePositives: tp, falsePositives: fp } = countByThreshold('rocAuc', scores, labels);
  let twice = 0; // the area in counts, doubled: a whole number, so exact
  for (let k = 1; k < tp.length; k++) twice += (fp[k]! - fp[k - 1]!) * (tp[k]! + tp[k - 1]!);
  return twice / (2 * tp.at(-1)! * fp.at(-1)!);
}

/**
 * Average precision: the precision at each distinct score, weighted by the recall gained there; no interpolation.
 *
 * Constant scores give the share of positives. The same as scikit-learn's `average_precision_score`.
 * @throws RangeError as `rocCurve`.
 */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const { truePositives: tp, falsePositives: fp } = countByThreshold('averagePrecision', scores, labels);
  let sum = 0;
  for (let k = 1; k < tp.length; k++) sum += ((tp[k]! - tp[k - 1]!) * tp[k]!) / (tp[k]! + fp[k]!);
  return sum / tp.at(-1)!;
}

/** How many of each kind score at least each threshold; the first is Infinity, with none. */
function countByThreshold(who: string, scores: ArrayLike<number>, labels: ArrayLike<number>) {
  check(who, scores, labels);
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => {
    const [x, y] = [scores[a]!, scores[b]!];
    return x < y ? 1 : x > y ? -1 : 0; // a difference of two infinities would be NaN
  });
  const [truePositives, falsePositives, thresholds] = [[0], [0], [Number.POSITIVE_INFINITY]];
  let [positives, negatives] = [0, 0];
  for (const [rank, i] of order.entries()) {
    if (labels[i] === 1) positives++;
    else negatives++;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[i]) continue;
    truePositives.push(positives);
    falsePositives.push(negatives);
    thresholds.push(scores[i]!);
  }
  if (positives === 0 || negatives === 0) {
    throw new RangeError(
      `${who}: expected labels of both kinds, got ${positives} positive and ${negatives} negative ones.`,
    );
  }
  return { truePositives, falsePositives, thresholds };
}

function check(who: string, scores: ArrayLike<number>, labels: ArrayLike<number>): void {
  if (scores.length !== labels.length) {
    throw new RangeError(
      `${who}: expected a label for each score, got ${scores.length} scores and ${labels.length} labels.`,
    );
  }
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new RangeError(`${who}: scores must be numbers, got NaN at ${i}.`);
    if (labels[i] !== 0 && labels[i] !== 1)
      throw new RangeError(`${who}: labels must be 0 or 1, got ${labels[i]} at ${i}.`);
  }
}
