import { bits, foldIn, permutation, splitSeed } from '@proj/distributions/random';
import { checkSeed } from '../internal/check.ts';

/** Edges held back, and as many pairs of nodes that are no edge: [E, 2] each, row after row. */
export interface HeldOutEdges {
  readonly edges: Int32Array;
  readonly nonEdges: Int32Array;
}

export interface EdgeSplit {
  /** [E, 2], in random order. */
  readonly train: Int32Array;
  readonly validation: HeldOutEdges;
  readonly test: HeldOutEdges;
}

/**
 * Cuts the edges of a graph for link prediction: 10 % test and 5 % validation, both rounded down, the rest to train on; and draws as
 * many non-edges for each held-out part.
 *
 * Non-edges are disjoint from every edge of the graph, held back or not, from each other over both parts, and join two different nodes.
 * Same seed, same split. Time grows with the edges. Source of the shares: Kipf & Welling 2016, arXiv:1611.07308.
 * @throws RangeError if there are fewer than 20 edges, or not enough pairs without an edge.
 */
export function splitEdges(
  graph: { readonly nodes: number; readonly edges: ArrayLike<number> },
  seed: number,
): EdgeSplit {
  checkSeed('splitEdges', seed);
  const { nodes, edges } = graph;
  const count = edges.length / 2;
  const [test, validation] = [Math.floor(count / 10), Math.floor(count / 20)];
  const free = (nodes * (nodes - 1)) / 2 - count;
  if (validation < 1 || free < 2 * (test + validation)) {
    throw new RangeError(
      `splitEdges: expected 20 edges at least, and ${2 * (test + validation)} pairs without one, got ${count} edges and ${free} such pairs.`,
    );
  }
  const [orderSeed, nonEdgeSeed] = splitSeed(seed, 2) as [number, number];
  const order = permutation(count, orderSeed);
  const part = (start: number, end: number) => {
    const rows = new Int32Array(2 * (end - start));
    for (let k = start; k < end; k++) {
      rows[2 * (k - start)] = edges[2 * order[k]!]!;
      rows[2 * (k - start) + 1] = edges[2 * order[k]! + 1]!;
    }
    return rows;
  };
  const nonEdges = sampleNonEdges(graph, test + validation, nonEdgeSeed);
  return {
    test: { edges: part(0, test), nonEdges: nonEdges.slice(0, 2 * test) },
    validation: { edges: part(test, test + validation), nonEdges: nonEdges.slice(2 * test) },
    train: part(test + validation, count),
  };
}

/**
 * `count` distinct pairs i < j of nodes that are no edge of the graph, each such set equally likely: [count, 2], row after row.
 *
 * @throws RangeError if there are not as many.
 */
export function sampleNonEdges(
  { nodes, edges }: { readonly nodes: number; readonly edges: ArrayLike<number> },
  count: number,
  seed: number,
): Int32Array {
  checkSeed('sampleNonEdges', seed);
  const free = (nodes * (nodes - 1)) / 2 - edges.length / 2;
  if (!(Number.isInteger(count) && count >= 0 && count <= free)) {
    throw new RangeError(
      `sampleNonEdges: count must be an integer from 0 to ${free}, the pairs without an edge, got ${count}.`,
    );
  }
  const key = (i: number, j: number) => Math.min(i, j) * nodes + Math.max(i, j);
  const taken = new Set<number>();
  for (let e = 0; e < edges.length; e += 2) taken.add(key(edges[e]!, edges[e + 1]!));
  const pairs = new Int32Array(2 * count);
  let found = 0;
  for (let round = 0; found < count; round++) {
    const drawn = drawPairs(nodes, 2 * count, foldIn(seed, round));
    for (let k = 0; k < drawn.length && found < count; k += 2) {
      const [i, j] = [drawn[k]!, drawn[k + 1]!];
      if (taken.has(key(i, j))) continue;
      taken.add(key(i, j));
      pairs[2 * found] = Math.min(i, j);
      pairs[2 * found + 1] = Math.max(i, j);
      found++;
    }
  }
  return pairs;
}

const TWO_32 = 2 ** 32;

/**
 * `count` ordered pairs of different nodes, with replacement, each pair equally likely (to one part in 2^32 / nodes): [count, 2],
 * row after row.
 */
export function drawPairs(nodes: number, count: number, seed: number): Int32Array {
  const words = bits(2 * count, seed);
  const pairs = new Int32Array(2 * count);
  for (let k = 0; k < 2 * count; k += 2) {
    const i = Math.floor((words[k]! / TWO_32) * nodes);
    const j = Math.floor((words[k + 1]! / TWO_32) * (nodes - 1)); // one of the others
    pairs[k] = i;
    pairs[k + 1] = j < i ? j : j + 1;
  }
  return pairs;
}
