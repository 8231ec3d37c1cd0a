const BITS = 8;

/** The bits of each byte, the most significant first: [N] -> [8 N] of 0 and 1. */
export function toBits(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: BITS * bytes.length }, (_, i) => (bytes[i >> 3]! >> (7 - (i & 7))) & 1);
}

/**
 * Bytes of scores, 8 a byte, the most significant bit first; a bit is 1 where its score is above `threshold`: 0 for logits, 0.5 for
 * probabilities and for bits. 0 if omitted.
 *
 * @throws RangeError unless there are 8 scores a byte.
 */
export function fromBits(scores: ArrayLike<number>, { threshold = 0 }: { threshold?: number } = {}): Uint8Array {
  if (scores.length % BITS !== 0) {
    throw new RangeError(`fromBits: expected ${BITS} scores a byte, got ${scores.length} numbers.`);
  }
  const bytes = new Uint8Array(scores.length / BITS);
  for (let i = 0; i < scores.length; i++) if (scores[i]! > threshold) bytes[i >> 3]! |= 0x80 >> (i & 7);
  return bytes;
}

/**
 * The share of groups of `group` bytes whose bits are all right, of scores and of true bits (or other numbers above the threshold for 1).
 *
 * @throws RangeError unless both are as long, whole groups, and one or more.
 */
export function groupAccuracy(
  scores: ArrayLike<number>,
  bits: ArrayLike<number>,
  { group = 1, threshold = 0 }: { group?: number; threshold?: number } = {},
): number {
  if (scores.length !== bits.length || scores.length === 0 || scores.length % (BITS * group) !== 0) {
    throw new RangeError(
      `groupAccuracy: expected as many scores as bits, ${BITS * group} a group, got ${scores.length} and ${bits.length}.`,
    );
  }
  const [guesses, truth] = [fromBits(scores, { threshold }), fromBits(bits, { threshold })];
  const groups = guesses.length / group;
  let right = 0;
  for (let i = 0; i < groups; i++) {
    let same = true;
    for (let at = i * group; at < (i + 1) * group; at++) same &&= guesses[at] === truth[at];
    if (same) right++;
  }
  return right / groups;
}
