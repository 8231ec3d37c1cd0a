import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { permutation, uniform } from '@proj/distributions/random';

/** A citation graph: undirected edges, and the words of each node. */
export interface Graph {
  readonly nodes: number;
  readonly words: number;
  /** [i, j] with i < j, each once. */
  readonly edges: readonly (readonly [number, number])[];
  /** Of each node, ascending. */
  readonly features: readonly (readonly number[])[];
}

const NODES = 2708;
const WORDS = 1433;
const TRAINING_EDGES = 4488;
const FEATURES = 49_216;
const DATA_FILE = ['cora', 'cora.planetoid.json.gz'] as const;

/** Cora with the 4,488 edges of a training split, where PROJ_DATA_DIR holds it; else a graph of the same size. */
export function cora(folder = process.env.PROJ_DATA_DIR): Graph {
  const text = folder ? read(join(folder, ...DATA_FILE)) : undefined;
  if (text === undefined) return plantedCora();
  const { numNodes, numFeatures, edges, features } = JSON.parse(text) as {
    numNodes: number;
    numFeatures: number;
    edges: [number, number][];
    features: number[][];
  };
  const chosen = permutation(edges.length, 0).subarray(0, TRAINING_EDGES);
  return { nodes: numNodes, words: numFeatures, edges: Array.from(chosen, (i) => edges[i]!), features };
}

function read(path: string): string | undefined {
  try {
    return gunzipSync(readFileSync(path)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
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
  const ends: number[] = []; // every node as often as it has edges, and once
  for (let i = 0; i < NODES; i++) ends.push(i);
  const seen = new Set<number>();
  const edges: [number, number][] = [];
  while (edges.length < TRAINING_EDGES) {
    const a = Math.floor(draw() * NODES);
    const b = ends[Math.floor(draw() * ends.length)]!;
    const [i, j] = a < b ? [a, b] : [b, a];
    if (i === j || seen.has(i * NODES + j)) continue;
    seen.add(i * NODES + j);
    edges.push([i, j]);
    ends.push(i, j);
  }
  const features = Array.from({ length: NODES }, () => new Set<number>());
  for (let k = 0; k < FEATURES; ) {
    const words = features[k % NODES]!;
    const before = words.size;
    words.add(Math.floor(WORDS * draw() ** 3)); // some words are common
    k += words.size - before;
  }
  return { nodes: NODES, words: WORDS, edges, features: features.map((words) => [...words].sort((a, b) => a - b)) };
}
