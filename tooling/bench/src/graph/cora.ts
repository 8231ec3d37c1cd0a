import { permutation, uniform } from '@proj/distributions/random';
import { DataError, loadGraph } from '@proj/io/node';
import { type Graph, splitEdges } from '@proj/models';

const NODES = 2708;
const WORDS = 1433;
const TRAINING_EDGES = 4488;
const FEATURES = 49_216;

/** Cora with the 4,488 edges of a training split, where PROJ_DATA_DIR holds it; else a graph of the same size. */
export async function cora(): Promise<Graph> {
  if (!process.env.PROJ_DATA_DIR) return plantedCora();
  try {
    const graph = await loadGraph('cora');
    return { ...graph, edges: splitEdges(graph, 0).train };
  } catch (error) {
    if (error instanceof DataError) return plantedCora();
    throw error;
  }
}

/**
 * As many nodes, edges and words as Cora's training graph, the degrees as uneven: a few nodes have very many neighbours,
 * as in a graph that grows by preferential attachment. The time depends on these counts alone.
 */
export function plantedCora(seed = 0): Graph {
  const draws = uniform(1_000_000, seed);
  let at = 0;
  const draw = () => draws[at++ % draws.length]!;
  const ends = Array.from(permutation(NODES, seed)); // every node as often as it has edges, and once
  const seen = new Set<number>();
  const edges: number[] = [];
  while (seen.size < TRAINING_EDGES) {
    const a = Math.floor(draw() * NODES);
    const b = ends[Math.floor(draw() * ends.length)]!;
    const key = Math.min(a, b) * NODES + Math.max(a, b);
    if (a === b || seen.has(key)) continue;
    seen.add(key);
    edges.push(a, b);
    ends.push(a, b);
  }
  const rows = Array.from({ length: NODES }, () => new Set<number>());
  for (let k = 0; k < FEATURES; ) {
    const words = rows[k % NODES]!;
    const before = words.size;
    words.add(Math.floor(WORDS * draw() ** 3)); // some words are common
    k += words.size - before;
  }
  const indptr = [0];
  for (const words of rows) indptr.push(indptr.at(-1)! + words.size);
  return {
    nodes: NODES,
    edges,
    featureCount: WORDS,
    features: { indptr, indices: rows.flatMap((words) => [...words]) },
  };
}
