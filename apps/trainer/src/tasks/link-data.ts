import { foldIn } from '@proj/distributions/random';
import type { GraphData } from '@proj/io/node';
import { type GraphTensors, graphTensors, type HeldOutEdges, sampleNonEdges, splitEdges } from '@proj/models';
import type { Split } from '../data.ts';

/** A graph, and how many edges of each part are used at most. */
export interface LimitedGraph extends GraphData {
  readonly limit: number | null;
}

/** A graph cut for link prediction: edges held back, and as many pairs of nodes that are no edge. */
export interface LinkData {
  /** Of the training edges alone. The caller disposes it. */
  readonly graph: GraphTensors;
  readonly parts: Readonly<Record<Split, HeldOutEdges>>;
}

/** Edges of each part: 10 % test and 5 % validation, rounded down, the rest to train on. */
export function linkCounts({ edges, limit }: LimitedGraph): Record<Split, number> {
  const count = edges.length / 2;
  const [test, validation] = [Math.floor(count / 10), Math.floor(count / 20)];
  const at = (most: number) => Math.min(most, limit ?? most);
  return { train: at(count - test - validation), validation: at(validation), test: at(test) };
}

/** @throws RangeError if the graph is too small or too full to be cut. */
export function cutLinks(data: LimitedGraph, seed: number): LinkData {
  const { train, validation, test } = splitEdges(data, seed);
  const { limit } = data;
  const first = (pairs: Int32Array) => (limit === null ? pairs : pairs.subarray(0, 2 * limit));
  const held = ({ edges, nonEdges }: HeldOutEdges) => ({ edges: first(edges), nonEdges: first(nonEdges) });
  const trained = first(train);
  // Few graphs are so full that a pair is missing for each training edge; then all that there are.
  const free = (data.nodes * (data.nodes - 1)) / 2 - data.edges.length / 2;
  const nonEdges = sampleNonEdges(data, Math.min(trained.length / 2, free), foldIn(seed, 1));
  return {
    graph: graphTensors({ ...data, edges: trained }),
    parts: { train: { edges: trained, nonEdges }, validation: held(validation), test: held(test) },
  };
}
