import { describe, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { readCoraText } from './cora-text.ts';
import type { GraphData } from './graph.ts';
import { readGraphJson } from './graph-json.ts';
import { plantedGraph } from './planted-graph.ts';

const featuresOf = ({ nodes, features: { indptr, indices } }: GraphData) =>
  Array.from({ length: nodes }, (_, i) => [...indices.subarray(indptr[i], indptr[i + 1])]);

describe('the text of Cora', () => {
  const content = 'p7\t0\t1\t1\tTheory\np3\t1\t0\t0\tNeural\r\n\np9\t0\t0\t0\tTheory\n';
  // p7-p3 stands there and back, p9 cites itself.
  const cites = 'p7\tp3\np3\tp7\np9\tp9\np9\tp7\n';

  it('becomes a graph: nodes in order, edges distinct and undirected, classes by name', () => {
    const graph = readCoraText({ content, cites });
    expect(graph).toMatchObject({ kind: 'graph', nodes: 3, featureCount: 3, classNames: ['Neural', 'Theory'] });
    expect(featuresOf(graph)).toEqual([[1, 2], [0], []]);
    expect([...graph.edges]).toEqual([0, 1, 0, 2]);
    expect([...graph.labels!]).toEqual([1, 0, 1]);
  });

  it.each([
    ['content', `${content}p8\t0\t1`, cites, 'content, line 5: expected 5 fields as before, parted by tabs, got 3'],
    ['a first line', 'hello', cites, 'content, line 1: expected an id, a 0 or 1 for each feature and a class'],
    ['a feature', content.replace('1', '2'), cites, 'content, line 1: expected 0 or 1 as feature 2, got "2"'],
    ['an id', content.replace('p3', 'p7'), cites, 'content, line 2: expected every id once, got "p7" again'],
    ['nothing', '\n', cites, 'content: expected nodes, a line each, got an empty file'],
    ['cites', content, `${cites}p9 p3`, 'cites, line 5: expected two ids parted by a tab, got "p9 p3"'],
    ['a cited id', content, `${cites}p9\tp1`, 'cites, line 5: expected ids of the content file, got "p1"'],
    ['no edges', content, 'p9\tp9', 'expected a graph of two nodes and an edge at least, got 3 and 0'],
  ])('damaged: %s', (_, badContent, badCites, message) => {
    const read = () => readCoraText({ content: badContent, cites: badCites });
    expect(read).toThrow(DataError);
    expect(read).toThrow(message);
  });
});

describe('JSON', () => {
  const file = {
    name: 'tiny',
    numNodes: 3,
    numFeatures: 4,
    edges: [
      [1, 0],
      [0, 1],
      [2, 2],
      [1, 2],
    ],
    features: [[3, 0], [], [1]],
    testIndex: [2],
  };

  it('becomes a graph, with classes if it has them', () => {
    const graph = readGraphJson(JSON.stringify(file), 'tiny.json');
    expect(graph).toMatchObject({ name: 'tiny', source: 'tiny.json', nodes: 3, featureCount: 4 });
    expect([...graph.edges]).toEqual([0, 1, 1, 2]);
    expect(featuresOf(graph)).toEqual([[0, 3], [], [1]]);
    expect(graph.labels).toBeUndefined();
    const classes = { labels: [0, 1, 0], classNames: ['a', 'b'] };
    const labelled = readGraphJson(JSON.stringify({ ...file, ...classes }), 'tiny.json');
    expect([[...labelled.labels!], labelled.classNames]).toEqual([
      [0, 1, 0],
      ['a', 'b'],
    ]);
  });

  it.each([
    [{ numNodes: 0 }, 'tiny.json: expected numNodes to be a positive integer below 2^26, got 0.'],
    [{ numFeatures: undefined }, 'expected numFeatures to be a positive integer below 2^26, got nothing.'],
    [{ edges: {} }, 'expected edges to be a list, got {}.'],
    [{ edges: [[0, 3]] }, 'expected edges[0] to be two nodes from 0 to 2, got [0,3].'],
    [{ features: [[], []] }, 'expected features to be 3 lists, one a node, got 2.'],
    [{ features: [[], [4], []] }, 'expected features[1] to be distinct numbers from 0 to 3, got [4].'],
    [{ features: [[], [1, 1], []] }, 'expected features[1] to be distinct numbers from 0 to 3, got [1,1].'],
    [{ labels: [0, 1] }, 'expected labels to be 3 numbers from 0 to 255, got [0,1].'],
    [{ labels: [0, 1, 2], classNames: ['a', 'b'] }, 'expected classNames to be 3 names or more, got ["a","b"].'],
  ])('damaged: %j', (change, message) => {
    const read = () => readGraphJson(JSON.stringify({ ...file, ...change }), 'tiny.json');
    expect(read).toThrow(DataError);
    expect(read).toThrow(message);
  });

  it('not JSON, or another kind of it', () => {
    expect(() => readGraphJson('{"numNodes": 3', 'cut.json')).toThrow(
      /^cut\.json: expected JSON, got .*Fetch the file again\.$/,
    );
    expect(() => readGraphJson('[1]', 'list.json')).toThrow('expected the file to be an object with numNodes');
  });
});

describe('the planted graph', () => {
  it('has the sizes it is listed with, edges in order and no edge twice', () => {
    const { nodes, featureCount, edges, labels, classNames, features } = plantedGraph();
    expect([nodes, featureCount, edges.length / 2, labels!.length, classNames!.length]).toEqual([
      300, 60, 1350, 300, 6,
    ]);
    let last = -1;
    for (let e = 0; e < edges.length; e += 2) {
      const [i, j] = [edges[e]!, edges[e + 1]!];
      expect(i).toBeLessThan(j);
      expect(j).toBeLessThan(nodes);
      expect(i * nodes + j).toBeGreaterThan(last);
      last = i * nodes + j;
    }
    expect(features.indptr[300]).toBe(features.indices.length);
    expect(Math.max(...features.indices)).toBeLessThan(60);
  });

  it('keeps eight ninths of the edges, and most features, within a community', () => {
    const { edges, labels, features, nodes } = plantedGraph({ nodes: 3000, seed: 3 });
    let inside = 0;
    for (let e = 0; e < edges.length; e += 2) if (labels![edges[e]!] === labels![edges[e + 1]!]) inside++;
    // Of the other ninth a sixth falls inside too: 8/9 + 1/54 = 0.907. 5 standard errors of 13,500 draws are 0.013.
    expect(Math.abs(inside / (edges.length / 2) - 0.907)).toBeLessThan(0.013);
    let own = 0;
    for (let i = 0; i < nodes; i++) {
      for (const f of features.indices.subarray(features.indptr[i], features.indptr[i + 1])) {
        if (Math.floor(f / 10) === labels![i]) own++;
      }
    }
    expect(own / features.indices.length).toBeGreaterThan(0.6); // 0.75 as drawn; a word drawn again counts once
  });

  it('has nodes of uneven degree: their variance is over 1.2 times the mean, where even chances make it 1', () => {
    const degrees = new Float64Array(3000);
    for (const node of plantedGraph({ nodes: 3000 }).edges) degrees[node]! += 1;
    const variance = degrees.reduce((sum, degree) => sum + (degree - 9) ** 2, 0) / degrees.length;
    expect(variance / 9).toBeGreaterThan(1.2); // the standard error of the ratio is 0.03
  });

  it('is the same for a seed and another for another', () => {
    expect(plantedGraph({ seed: 1 })).toEqual(plantedGraph({ seed: 1 }));
    expect(plantedGraph({ seed: 1 }).edges).not.toEqual(plantedGraph({ seed: 2 }).edges);
    expect(plantedGraph({ seed: 1 }).features).not.toEqual(plantedGraph({ seed: 2 }).features);
  });

  it('says what it expects', () => {
    expect(() => plantedGraph({ nodes: 1.5 })).toThrow(
      'plantedGraph: nodes must be an integer from 1 to 10000000, got 1.5',
    );
    expect(() => plantedGraph({ nodes: 100 })).toThrow(
      'expected 20 nodes and a feature for each community, got 100 nodes',
    );
    expect(() => plantedGraph({ seed: -1 })).toThrow('plantedGraph: a seed is a non-negative safe integer, got -1');
  });
});
