import { checkSeed, Random } from '../internal/random.ts';
import { compressFeatures, distinctEdges, type GraphData } from './graph.ts';

export interface PlantedGraphOptions {
  /** 300 if omitted. */
  nodes?: number;
  /** Groups of equal size (to one); the class of node i is i modulo this number. 6 if omitted. */
  communities?: number;
  /** Binary features, 60 if omitted; each community has its own share of them. */
  features?: number;
  /** 0 if omitted. */
  seed?: number;
}

/** Of a node, on average: neighbours in its community, neighbours elsewhere, features. */
const INSIDE = 8;
const OUTSIDE = 1;
const WORDS = 6;
/** Of a node's features, those of its community. */
const OWN_SHARE = 0.7;

/**
 * A graph of communities to learn from in seconds, laid out as the data sets are: most edges and most features stay within a community.
 *
 * A stochastic block model with a fixed number of edges, and nodes of uneven degree. Time and memory grow with nodes; the same on every machine.
 * @throws RangeError if a community would have fewer than 20 nodes or a feature fewer than 2 features.
 */
export function plantedGraph(options: PlantedGraphOptions = {}): GraphData {
  const { nodes = 300, communities = 6, features = 60, seed = 0 } = options;
  checkSizes(nodes, communities, features);
  checkSeed('plantedGraph', seed);
  return {
    name: 'planted-graph',
    kind: 'graph',
    source: `made by the project (seed ${seed})`,
    nodes,
    featureCount: features,
    features: drawFeatures(nodes, communities, features, new Random(seed, 1)),
    edges: drawEdges(nodes, communities, new Random(seed, 0)),
    labels: Uint8Array.from({ length: nodes }, (_, i) => i % communities),
    classNames: Array.from({ length: communities }, (_, c) => `community ${c + 1}`),
  };
}

/** One end is any node, the other of the same or of any community, earlier numbers more often: so degrees are uneven. */
function drawEdges(nodes: number, communities: number, random: Random): Int32Array {
  const seen = new Set<number>();
  const pairs: [number, number][] = [];
  const draw = (count: number, partner: (node: number) => number) => {
    for (const target = pairs.length + count; pairs.length < target; ) {
      const a = random.below(nodes);
      const b = partner(a);
      const key = Math.min(a, b) * nodes + Math.max(a, b);
      if (a === b || seen.has(key)) continue;
      seen.add(key);
      pairs.push([a, b]);
    }
  };
  const skewed = (count: number) => Math.floor(count * random.between(0, 1) ** 1.5);
  draw(Math.round((nodes * INSIDE) / 2), (a) => {
    const community = a % communities;
    return community + communities * skewed(Math.ceil((nodes - community) / communities));
  });
  draw(Math.round((nodes * OUTSIDE) / 2), () => skewed(nodes));
  return distinctEdges(pairs, nodes);
}

function drawFeatures(nodes: number, communities: number, features: number, random: Random) {
  const share = features / communities;
  return compressFeatures(
    Array.from({ length: nodes }, (_, i) => {
      const start = Math.floor((i % communities) * share);
      const own = Math.max(1, Math.floor(share));
      const present = new Set<number>();
      for (let k = 0; k < WORDS; k++) {
        present.add(random.between(0, 1) < OWN_SHARE ? start + random.below(own) : random.below(features));
      }
      return [...present];
    }),
  );
}

function checkSizes(nodes: number, communities: number, features: number): void {
  for (const [name, value, most] of [
    ['nodes', nodes, 10_000_000],
    ['communities', communities, 256],
    ['features', features, 1_000_000],
  ] as const) {
    if (Number.isInteger(value) && value >= 1 && value <= most) continue;
    throw new RangeError(`plantedGraph: ${name} must be an integer from 1 to ${most}, got ${value}.`);
  }
  if (nodes < 20 * communities || features < communities) {
    throw new RangeError(
      `plantedGraph: expected 20 nodes and a feature for each community, got ${nodes} nodes, ${features} features and ${communities} communities.`,
    );
  }
}
