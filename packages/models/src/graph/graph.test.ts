import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { denseMatrix } from '@proj/layers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Graph, graphDataset, graphTensors } from './graph.ts';
import { drawPairs, sampleNonEdges, splitEdges } from './split-edges.ts';

const GRAPH: Graph = {
  nodes: 3,
  edges: [0, 1, 1, 2],
  featureCount: 4,
  features: { indptr: [0, 2, 2, 3], indices: [3, 0, 1] },
};

it('tensors of a graph: features, adjacency, ends of edges', () => {
  const before = tf.memory().numTensors;
  const tensors = graphTensors(GRAPH);
  tf.tidy(() => {
    expect(denseMatrix(tensors.features).arraySync()).toEqual([
      [1, 0, 0, 1],
      [0, 0, 0, 0],
      [0, 1, 0, 0],
    ]);
    expect(denseMatrix(tensors.adjacency).arraySync()[0]![1]).toBeCloseTo(1 / Math.sqrt(6), 7);
    const weighted = graphTensors({ ...GRAPH, features: { ...GRAPH.features, values: [2, 3, 4] } });
    expect(denseMatrix(weighted.features).arraySync()[0]).toEqual([3, 0, 0, 2]);
  });
  expect([[...tensors.from.dataSync()], [...tensors.to.dataSync()]]).toEqual([
    [0, 1],
    [1, 2],
  ]);
  tf.dispose(tensors);
  expect(tf.memory().numTensors).toBe(before);
});

it('a data set of the graph hands out what may be disposed, and copies no data', () => {
  const tensors = graphTensors(GRAPH);
  const { numTensors, numDataBuffers } = tf.memory();
  const data = graphDataset(tensors);
  const batch = data.batch();
  expect(data.size).toBe(1);
  expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
  tf.dispose(batch);
  expect(tf.memory().numTensors).toBe(numTensors);
  expect([...tensors.from.dataSync()]).toEqual([0, 1]);
});

it('refuses what is no graph', () => {
  const make = (change: Partial<Graph>) => () => graphTensors({ ...GRAPH, ...change });
  expect(make({ edges: [] })).toThrow('graphTensors: expected one edge at least, got none.');
  expect(make({ edges: [0, 1, 1, 0] })).toThrow('each undirected edge must stand once, got 2 of which 1 are distinct.');
  expect(make({ edges: [0, 3] })).toThrow('nodes are numbered from 0 to 2, got 3 in edge 0');
  expect(make({ features: { indptr: [0, 1], indices: [0] } })).toThrow('features.indptr must have 4 numbers');
  expect(make({ featureCount: 3 })).toThrow('every column must be an integer from 0 to 2, got 3');
});

const key = (i: number, j: number) => `${Math.min(i, j)}-${Math.max(i, j)}`;
const keys = (pairs: Int32Array) =>
  Array.from({ length: pairs.length / 2 }, (_, k) => key(pairs[2 * k]!, pairs[2 * k + 1]!));

/** `count` edges of a graph of `nodes`, in the order of their distance. */
function ring(nodes: number, count: number): Int32Array {
  const edges = new Int32Array(2 * count);
  for (let e = 0; e < count; e++) {
    edges[2 * e] = e % nodes;
    edges[2 * e + 1] = (e + 1 + Math.floor(e / nodes)) % nodes;
  }
  return edges;
}

// Golden: systems.md 10.2, floor of 10 % and 5 % of 5,278.
it("cuts Cora's number of edges into 527, 263 and 4,488", () => {
  const { train, validation, test } = splitEdges({ nodes: 2708, edges: ring(2708, 5278) }, 0);
  expect([test.edges, test.nonEdges, validation.edges, validation.nonEdges, train].map((p) => p.length / 2)).toEqual([
    527, 527, 263, 263, 4488,
  ]);
});

it('parts are disjoint and whole; non-edges are no edge, no loop, and distinct, in a graph that is nearly full', () => {
  const sizes = fc.record({
    nodes: fc.integer({ min: 8, max: 30 }),
    share: fc.double({ min: 0.1, max: 1, noNaN: true }),
  });
  const property = fc.property(sizes, fc.nat(), ({ nodes, share }, seed) => {
    const pairs = (nodes * (nodes - 1)) / 2;
    // As many as leave room for the non-edges: E + 0.3 E <= pairs.
    const count = Math.max(20, Math.floor((share * pairs) / 1.3));
    if (2 * Math.floor(count / 10) + 2 * Math.floor(count / 20) > pairs - count) return;
    const edges = Int32Array.from({ length: 2 * count }, () => 0);
    let e = 0;
    for (let i = 0; i < nodes; i++) {
      for (let j = i + 1; j < nodes && e < count; j++, e++) [edges[2 * e], edges[2 * e + 1]] = [i, j];
    }
    const { train, validation, test } = splitEdges({ nodes, edges }, seed);
    const parts = [...keys(train), ...keys(validation.edges), ...keys(test.edges)];
    expect(parts.sort()).toEqual(keys(edges).sort());
    const non = [...keys(validation.nonEdges), ...keys(test.nonEdges)];
    expect(new Set(non).size).toBe(non.length);
    const linked = new Set(parts);
    for (const pair of non) {
      expect(linked.has(pair)).toBe(false);
      const [i, j] = pair.split('-').map(Number);
      expect(i).toBeLessThan(j!);
      expect(j).toBeLessThan(nodes);
    }
  });
  fc.assert(property, { seed: 1, numRuns: 60 });
});

it('same seed, same split; another seed, another', () => {
  const graph = { nodes: 50, edges: ring(50, 120) };
  expect(splitEdges(graph, 3)).toEqual(splitEdges(graph, 3));
  const [a, b] = [splitEdges(graph, 3), splitEdges(graph, 4)];
  expect(keys(a.test.edges)).not.toEqual(keys(b.test.edges));
  expect(keys(a.test.nonEdges)).not.toEqual(keys(b.test.nonEdges));
});

it('says when there is too little to cut', () => {
  expect(() => splitEdges({ nodes: 50, edges: ring(50, 19) }, 0)).toThrow('expected 20 edges at least, and 2 pairs');
  const full = Array.from({ length: 7 }, (_, i) => Array.from({ length: i }, (_, j) => [j, i])).flat(2);
  expect(() => splitEdges({ nodes: 7, edges: full }, 0)).toThrow(
    'and 6 pairs without one, got 21 edges and 0 such pairs.',
  );
  expect(() => splitEdges({ nodes: 50, edges: ring(50, 40) }, -1)).toThrow('seed must be a non-negative safe integer');
});

it('finds the last pairs without an edge, and refuses one more', () => {
  const graph = { nodes: 4, edges: [0, 1, 1, 2, 2, 3] };
  expect(keys(sampleNonEdges(graph, 3, 0)).sort()).toEqual(['0-2', '0-3', '1-3']);
  expect(() => sampleNonEdges(graph, 4, 0)).toThrow(
    'count must be an integer from 0 to 3, the pairs without an edge, got 4.',
  );
});

// Chi-square of 20 cells (19 degrees of freedom, deviation 6.2): 5 deviations above the mean is 50; a pair left out adds 500.
it('draws every ordered pair of different nodes alike', () => {
  const counts = new Map<number, number>();
  const pairs = drawPairs(5, 10_000, 2);
  for (let k = 0; k < pairs.length; k += 2) {
    const cell = 5 * pairs[k]! + pairs[k + 1]!;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  for (let i = 0; i < 5; i++) expect(counts.has(6 * i)).toBe(false);
  const chi = [...counts.values()].reduce((sum, n) => sum + (n - 500) ** 2 / 500, (20 - counts.size) * 500);
  expect(chi).toBeLessThan(50);
});
