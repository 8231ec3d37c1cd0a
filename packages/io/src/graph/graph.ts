import { DataError } from '../data-error.ts';

/** Which of its features a node has, as compressed rows: those of node i are indices[indptr[i]] .. indices[indptr[i + 1] - 1], ascending. */
export interface FeatureLists {
  /** [nodes + 1]. */
  indptr: Int32Array;
  /** Each from 0 to featureCount - 1. */
  indices: Int32Array;
}

/** An undirected graph whose nodes have binary features and perhaps a class each. */
export interface GraphData {
  name: string;
  kind: 'graph';
  /** Where it came from, for the user to read. */
  source: string;
  /** How many; they are numbered from 0. */
  nodes: number;
  featureCount: number;
  features: FeatureLists;
  /** [E, 2], row after row: distinct, the smaller node first, no node with itself, in ascending order. */
  edges: Int32Array;
  /** Class of each node. */
  labels?: Uint8Array;
  /** Names of the classes, if there are any. */
  classNames?: string[];
}

/** Compressed rows of lists of distinct features, which are put in order. */
export function compressFeatures(lists: readonly (readonly number[])[]): FeatureLists {
  const indptr = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => {
    indptr[i + 1] = indptr[i]! + list.length;
  });
  const indices = new Int32Array(indptr[lists.length]!);
  lists.forEach((list, i) => {
    indices.set(Int32Array.from(list).sort(), indptr[i]!);
  });
  return { indptr, indices };
}

/** The distinct undirected edges among pairs of nodes, without self-loops, in ascending order: [E, 2]. */
export function distinctEdges(pairs: Iterable<readonly [number, number]>, nodes: number): Int32Array {
  const keys = new Set<number>();
  for (const [a, b] of pairs) if (a !== b) keys.add(Math.min(a, b) * nodes + Math.max(a, b));
  const sorted = Float64Array.from(keys).sort();
  const edges = new Int32Array(2 * sorted.length);
  sorted.forEach((key, e) => {
    edges[2 * e] = Math.floor(key / nodes);
    edges[2 * e + 1] = key % nodes;
  });
  return edges;
}

/** A graph without edges or without features can't be learned from. @throws DataError */
export function checkGraph(graph: GraphData): GraphData {
  const { source, nodes, edges } = graph;
  if (nodes < 2 || edges.length === 0) {
    throw new DataError(
      `${source}: expected a graph of two nodes and an edge at least, got ${nodes} and ${edges.length / 2}.`,
    );
  }
  return graph;
}
