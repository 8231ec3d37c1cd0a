import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { plantedGraph } from '../graph/planted-graph.ts';
import { loadGraph } from './load-graph.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proj-io-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const CONTENT = 'a\t1\t0\tx\nb\t0\t1\ty\n';
const CITES = 'a\tb\n';
const JSON_TEXT = JSON.stringify({ numNodes: 2, numFeatures: 2, edges: [[1, 0]], features: [[0], [1]] });
const at = (name: string) => join(folder, name);

async function failure(act: Promise<unknown>): Promise<string> {
  const error = await act.then(
    () => new Error('nothing was thrown'),
    (fault: unknown) => fault,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as Error).message;
}

it('planted-graph is always there', async () => {
  expect(await loadGraph('planted-graph')).toEqual(plantedGraph());
  expect(await loadGraph('planted-graph', { seed: 4 })).toEqual(plantedGraph({ seed: 4 }));
});

it('reads a folder, a .content file and JSON, packed or not', async () => {
  await writeFile(at('tiny.content.gz'), gzipSync(CONTENT));
  await writeFile(at('tiny.cites'), CITES);
  await mkdir(at('json'));
  await writeFile(at('json/tiny.json.gz'), gzipSync(JSON_TEXT));
  await writeFile(at('plain.json'), JSON_TEXT);
  for (const path of [folder, at('tiny.content.gz'), at('json'), at('json/tiny.json.gz'), at('plain.json')]) {
    const graph = await loadGraph(path);
    expect(graph).toMatchObject({ source: path, nodes: 2, featureCount: 2 });
    expect([...graph.edges]).toEqual([0, 1]);
  }
  expect(await loadGraph(folder)).toMatchObject({ name: 'tiny', classNames: ['x', 'y'] });
});

it('says what is wrong', async () => {
  expect(await failure(loadGraph('corra'))).toContain('unknown data set "corra". Did you mean cora?');
  expect(await failure(loadGraph('mnist'))).toBe(
    'mnist: expected a graph, this is a set of kind images. Use planted-graph, cora.',
  );
  expect(await failure(loadGraph(at('none.json')))).toContain('no such file or folder');
  expect(await failure(loadGraph(folder))).toContain('expected a .content file with its .cites, or one JSON file');
  await writeFile(at('tiny.content'), CONTENT);
  expect(await failure(loadGraph(folder))).toContain('expected tiny.cites beside it, there is none');
  await writeFile(at('tiny.cites'), 'a\tc\n');
  expect(await failure(loadGraph(folder))).toContain(
    `${at('tiny.cites')}, line 1: expected ids of the content file, got "c"`,
  );
  await writeFile(at('cut.json.gz'), gzipSync(JSON_TEXT).subarray(0, 40));
  expect(await failure(loadGraph(at('cut.json.gz')))).toMatch(/cut off or damaged|checksum/);
  await writeFile(at('picture.json'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47));
  expect(await failure(loadGraph(at('picture.json')))).toContain('expected text, got a PNG picture');
});

const real = it.skipIf(!process.env.PROJ_DATA_DIR);

// Golden: systems.md 10.1, counted from the planetoid files; the text has 49,216 ones and 5,429 lines of citations.
real('both editions of cora have 5,278 distinct edges and 49,216 ones (needs PROJ_DATA_DIR)', async () => {
  const text = await loadGraph('cora', { cacheDir: '/nonexistent' });
  const json = await loadGraph(join(process.env.PROJ_DATA_DIR!, 'cora', 'cora.planetoid.json.gz'));
  for (const { nodes, featureCount, edges, features } of [text, json]) {
    expect([nodes, featureCount, edges.length / 2, features.indices.length]).toEqual([2708, 1433, 5278, 49_216]);
    const degrees = new Int32Array(nodes);
    for (const node of edges) degrees[node]! += 1;
    expect([Math.min(...degrees), Math.max(...degrees)]).toEqual([1, 168]);
  }
  expect(text).toMatchObject({ name: 'cora', kind: 'graph' });
  expect(text.source).toContain(process.env.PROJ_DATA_DIR);
  expect(text.classNames).toEqual([
    'Case_Based',
    'Genetic_Algorithms',
    'Neural_Networks',
    'Probabilistic_Methods',
    'Reinforcement_Learning',
    'Rule_Learning',
    'Theory',
  ]);
  const sizes = text.classNames!.map((_, c) => text.labels!.filter((label) => label === c).length);
  expect(sizes).toEqual([298, 418, 818, 426, 217, 180, 351]); // as every paper on Cora counts them
});
