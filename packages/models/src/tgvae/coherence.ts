/** Numbers of the `count` most probable words of each topic, the most probable first: beta [T, D] -> T lists. Of equal ones the first. */
export function topWords(beta: ArrayLike<number>, topics: number, count: number): number[][] {
  const width = beta.length / topics;
  return Array.from({ length: topics }, (_, i) => {
    const words = Array.from({ length: width }, (_, d) => d);
    return words.sort((a, b) => beta[i * width + b]! - beta[i * width + a]! || a - b).slice(0, count);
  });
}

/**
 * Normalised pointwise mutual information of each topic's words, from -1 to 1: the mean over its pairs of words of
 *
 *   log(p(v, w) / (p(v) p(w))) / -log p(v, w),   p: the share of documents that hold v, w or both
 * -1 for a pair that no document holds, 1 for one that always goes together. Higher is more coherent; words picked at random have about 0,
 * below that where they are rare. `documents` hold ids of words as `topics` does. NaN for a topic of fewer than two words.
 * Source: Bouma 2009, "Normalized (pointwise) mutual information in collocation extraction"; Lau, Newman & Baldwin 2014.
 */
export function npmi(topics: readonly (readonly number[])[], documents: Iterable<ArrayLike<number>>): number[] {
  const place = new Map([...new Set(topics.flat())].map((word, i) => [word, i]));
  const size = place.size;
  const together = new Uint32Array(size * size); // on the diagonal: documents that hold the word
  let total = 0;
  for (const document of documents) {
    const held = [...new Set(Array.from(document, (word) => place.get(word)))].filter((i) => i !== undefined);
    for (const i of held) for (const j of held) together[i * size + j]! += 1;
    total += 1;
  }
  const share = (v: number, w: number) => together[place.get(v)! * size + place.get(w)!]! / total;
  return topics.map((words) => {
    let sum = 0;
    let pairs = 0;
    for (const [k, v] of words.entries()) {
      for (const w of words.slice(k + 1)) {
        sum += ofPair(share(v, w), share(v, v), share(w, w));
        pairs += 1;
      }
    }
    return sum / pairs;
  });
}

function ofPair(both: number, first: number, second: number): number {
  if (both === 0 || Number.isNaN(both)) return -1;
  if (both === 1) return 1; // the limit of 0 / 0
  return Math.log(both / (first * second)) / -Math.log(both);
}
