import { foldIn, uniform } from '@proj/distributions/random';

const STARTS = 10;
const ITERATIONS = 20;
/** The share of each topic that has the frequencies of all documents: no word has probability 0. */
const BACKGROUND = 0.1;

/** The topic words of a document with their counts, and weights whose squares add up to 1. */
interface SparseBag {
  readonly words: readonly number[];
  readonly counts: readonly number[];
  readonly weights: readonly number[];
}

/**
 * First topics, [T, D], rows that add up to 1: the word frequencies of T clusters of bags [N, D], with a little of those of all. The
 * clusters are those of k-means on the sphere with tf-idf weights, the best of ten starts by k-means++.
 *
 * Source: Dhillon & Modha 2001, "Concept decompositions for large sparse text data using clustering"; Arthur & Vassilvitskii 2007,
 * "k-means++: the advantages of careful seeding".
 */
export function clusteredTopics(bags: Float32Array, topicWords: number, topics: number, seed: number): Float32Array {
  const documents = sparseBags(bags, topicWords);
  const tries = Array.from({ length: STARTS }, (_, i) => cluster(documents, topicWords, topics, foldIn(seed, i)));
  const { clusters } = tries.reduce((best, one) => (one.score > best.score ? one : best));
  const counts = Array.from({ length: topics }, () => new Float64Array(topicWords));
  const all = new Float64Array(topicWords).fill(1); // what no bag holds has a chance too
  for (const [n, document] of documents.entries()) {
    for (const [k, word] of document.words.entries()) {
      counts[clusters[n]!]![word]! += document.counts[k]!;
      all[word]! += document.counts[k]!;
    }
  }
  const total = sum(all);
  const out = new Float32Array(topics * topicWords);
  for (const [i, row] of counts.entries()) {
    const own = sum(row);
    const share = own === 0 ? 1 : BACKGROUND; // a cluster without words
    for (let d = 0; d < topicWords; d++) {
      out[i * topicWords + d] = share * (all[d]! / total) + (1 - share) * (row[d]! / Math.max(own, 1));
    }
  }
  return out;
}

const sum = (values: Float64Array): number => values.reduce((total, x) => total + x, 0);

/** Bags as lists: weights are log(1 + count) log(N / documents with the word), of length 1. */
function sparseBags(bags: Float32Array, topicWords: number): SparseBag[] {
  const total = bags.length / topicWords;
  const holders = new Float64Array(topicWords);
  for (let i = 0; i < bags.length; i++) if (bags[i]! > 0) holders[i % topicWords]! += 1;
  return Array.from({ length: total }, (_, n) => {
    const row = bags.subarray(n * topicWords, (n + 1) * topicWords);
    const words = Array.from(row.keys()).filter((d) => row[d]! > 0);
    const counts = words.map((d) => row[d]!);
    const raw = words.map((d, k) => Math.log1p(counts[k]!) * Math.log((total + 1) / holders[d]!));
    const length = Math.hypot(...raw);
    return { words, counts, weights: raw.map((x) => x / Math.max(length, Number.MIN_VALUE)) };
  });
}

/** One run of k-means from a start of its own: the cluster of each document, and the sum of the cosines to their centres. */
function cluster(documents: readonly SparseBag[], topicWords: number, topics: number, seed: number) {
  let centres = startCentres(documents, topicWords, topics, seed);
  const clusters = new Int32Array(documents.length);
  let score = 0;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const before = score;
    score = 0;
    const next = Array.from({ length: topics }, () => new Float64Array(topicWords));
    for (const [n, document] of documents.entries()) {
      const cosines = centres.map((centre) => along(document, centre));
      const nearest = cosines.indexOf(Math.max(...cosines));
      clusters[n] = nearest;
      score += cosines[nearest]!;
      add(next[nearest]!, document);
    }
    if (score <= before) break; // nothing moves any more
    centres = next.map(unit);
  }
  return { clusters, score };
}

/**
 * Documents as centres: each the best of a few, drawn with probabilities in proportion to how far they are from the centres so far; the
 * best leaves the least distance of all documents to their nearest centre.
 */
function startCentres(
  documents: readonly SparseBag[],
  topicWords: number,
  topics: number,
  seed: number,
): Float64Array[] {
  const candidates = 2 + Math.floor(Math.log(topics));
  const draws = uniform(topics * candidates, seed);
  let far = new Float64Array(documents.length).fill(1);
  return Array.from({ length: topics }, (_, i) => {
    const total = sum(far);
    const tries = Array.from({ length: candidates }, (_, k) => {
      const centre = new Float64Array(topicWords);
      add(centre, documents[drawn(far, total * draws[i * candidates + k]!)]!);
      return {
        centre,
        far: far.map((distance, n) => Math.min(distance, Math.max(0, 1 - along(documents[n]!, centre)))),
      };
    });
    const best = tries.reduce((a, b) => (sum(b.far) < sum(a.far) ? b : a));
    far = best.far;
    return best.centre;
  });
}

/** The first index at which the sum of the shares up to it exceeds `left`; 0 if none does. */
function drawn(shares: Float64Array, left: number): number {
  let rest = left;
  const found = shares.findIndex((share) => {
    rest -= share;
    return rest < 0;
  });
  return Math.max(0, found);
}

function along({ words, weights }: SparseBag, centre: Float64Array): number {
  let total = 0;
  for (let k = 0; k < words.length; k++) total += weights[k]! * centre[words[k]!]!;
  return total;
}

function add(centre: Float64Array, { words, weights }: SparseBag): void {
  for (let k = 0; k < words.length; k++) centre[words[k]!]! += weights[k]!;
}

function unit(centre: Float64Array): Float64Array {
  const length = Math.sqrt(centre.reduce((total, x) => total + x * x, 0));
  return length === 0 ? centre : centre.map((x) => x / length);
}
