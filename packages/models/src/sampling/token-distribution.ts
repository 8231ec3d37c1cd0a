export interface TokenDistributionOptions {
  /** 1 is the model itself, less is likelier and duller, 0 puts everything on the likeliest token. Default 1. */
  temperature?: number;
  /** The most probable tokens alone, so many of them. */
  topK?: number;
  /** The fewest of the most probable tokens that have this probability together, in (0, 1]; of those that `topK` leaves. */
  topP?: number;
  /** Tokens that are never drawn. */
  ban?: readonly number[];
}

/**
 * Probabilities of the next token, [V], from its logits: softmax(logits / temperature) of what the bans leave, cut to the most
 * probable and brought back to a sum of one. Logits are divided before the exponential, so small temperatures lose nothing,
 * where p^(1 / temperature) is 0. Equally probable tokens: the first ones stay.
 * Source: top-p (nucleus), Holtzman et al. 2019, arXiv:1904.09751.
 *
 * @throws RangeError if an option does not fit, if a logit is NaN or Infinity, or if no token is left.
 */
export function tokenDistribution(logits: ArrayLike<number>, options: TokenDistributionOptions = {}): Float64Array {
  const { temperature = 1, ban = [] } = options;
  checkDecoding('tokenDistribution', logits.length, options);
  const allowed = Float64Array.from(logits);
  for (const id of ban) allowed[id] = Number.NEGATIVE_INFINITY;
  const best = mostLikely(allowed);
  const largest = allowed[best]!;
  const wrong = allowed.find((logit) => !(logit < Infinity)) ?? largest;
  if (!Number.isFinite(wrong)) {
    throw new RangeError(
      `tokenDistribution: logits must be finite, or -Infinity for a token without a chance, got ${wrong}. At least one must be left.`,
    );
  }
  if (temperature === 0) return allowed.fill(0).fill(1, best, best + 1);
  for (let i = 0; i < allowed.length; i++) allowed[i] = Math.exp((allowed[i]! - largest) / temperature);
  const total = allowed.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < allowed.length; i++) allowed[i]! /= total;
  return restrict(allowed, options);
}

/** Leaves the most probable tokens of probabilities [V], as the options say, and makes their sum one, in place. */
export function restrict<T extends Float32Array | Float64Array>(
  probabilities: T,
  { topK, topP }: Pick<TokenDistributionOptions, 'topK' | 'topP'>,
): T {
  const classes = probabilities.length;
  if ((topK === undefined || topK >= classes) && topP === undefined) return probabilities;
  const ascending = probabilities.slice().sort();
  let kept = Math.min(topK ?? classes, classes);
  const sumOf = (count: number) => {
    let sum = 0;
    for (let i = classes - count; i < classes; i++) sum += ascending[i]!;
    return sum;
  };
  if (topP !== undefined) {
    const wanted = topP * sumOf(kept);
    let sum = 0;
    for (let count = 1; count <= kept; count++) {
      sum += ascending[classes - count]!;
      if (sum >= wanted) kept = count;
    }
  }
  const floor = ascending[classes - kept]!;
  const total = sumOf(kept);
  let equal = kept;
  for (const p of probabilities) if (p > floor) equal -= 1;
  for (let i = 0; i < classes; i++) {
    const p = probabilities[i]!;
    const stays = p > floor || (p === floor && equal-- > 0);
    probabilities[i] = stays ? p / total : 0;
  }
  return probabilities;
}

/** The first of the largest. */
export function mostLikely(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** @throws RangeError that names the option of a decoder of `classes` tokens that does not fit. */
export function checkDecoding(
  who: string,
  classes: number,
  { temperature = 1, topK, topP, ban = [] }: TokenDistributionOptions,
): void {
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(`${who}: temperature must be 0 or more, got ${temperature}. Omit it to use 1.`);
  }
  if (topK !== undefined && !(Number.isSafeInteger(topK) && topK > 0)) {
    throw new RangeError(`${who}: topK must be a positive integer, got ${topK}. Omit it for all tokens.`);
  }
  if (topP !== undefined && !(topP > 0 && topP <= 1)) {
    throw new RangeError(`${who}: topP must be more than 0 and at most 1, got ${topP}. Omit it for all tokens.`);
  }
  const wrong = ban.find((id) => !(Number.isSafeInteger(id) && id >= 0 && id < classes));
  if (wrong !== undefined) {
    throw new RangeError(`${who}: ban must hold tokens from 0 to ${classes - 1}, got ${wrong}.`);
  }
  if (new Set(ban).size >= classes) {
    throw new RangeError(`${who}: ban leaves none of the ${classes} tokens. Leave one at least.`);
  }
}
