import { DataError } from '../data-error.ts';
import { checkGraph, compressFeatures, distinctEdges, type GraphData } from './graph.ts';

/**
 * Reads a graph from JSON: `{ name?, numNodes, numFeatures, edges: [[i, j], ...], features: [[index, ...], ...], labels?, classNames? }`,
 * a list of the present features for each node; other keys are left alone. This is how the planetoid edition of Cora is stored.
 *
 * @throws DataError in one line that names the wrong key.
 */
export function readGraphJson(text: string, name: string): GraphData {
  const file = parse(text, name);
  const nodes = count(file, 'numNodes', name);
  const featureCount = count(file, 'numFeatures', name);
  const edges = list(file, 'edges', name);
  edges.forEach((edge, e) => {
    if (Array.isArray(edge) && edge.length === 2 && edge.every((node) => isBelow(node, nodes))) return;
    throw wrong(name, `edges[${e}]`, `two nodes from 0 to ${nodes - 1}`, edge);
  });
  const features = list(file, 'features', name);
  if (features.length !== nodes) throw wrong(name, 'features', `${nodes} lists, one a node`, features.length);
  features.forEach((row, i) => {
    if (Array.isArray(row) && row.every((f) => isBelow(f, featureCount)) && new Set(row).size === row.length) return;
    throw wrong(name, `features[${i}]`, `distinct numbers from 0 to ${featureCount - 1}`, row);
  });
  return checkGraph({
    name: typeof file.name === 'string' ? file.name : name,
    kind: 'graph',
    source: name,
    nodes,
    featureCount,
    features: compressFeatures(features as number[][]),
    edges: distinctEdges(edges as [number, number][], nodes),
    ...classesOf(file, nodes, name),
  });
}

function classesOf(file: Json, nodes: number, name: string): Pick<GraphData, 'labels' | 'classNames'> {
  if (file.labels === undefined) return {};
  const labels = list(file, 'labels', name);
  if (labels.length !== nodes || !labels.every((label) => isBelow(label, 256))) {
    throw wrong(name, 'labels', `${nodes} numbers from 0 to 255`, labels);
  }
  const classes = { labels: Uint8Array.from(labels as number[]) };
  if (file.classNames === undefined) return classes;
  const classNames = list(file, 'classNames', name);
  const most = classes.labels.reduce((a, b) => Math.max(a, b), 0);
  if (!classNames.every((label) => typeof label === 'string') || classNames.length <= most) {
    throw wrong(name, 'classNames', `${most + 1} names or more`, classNames);
  }
  return { ...classes, classNames: classNames as string[] };
}

type Json = Record<string, unknown>;

function parse(text: string, name: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${name}: expected JSON, got ${(error as Error).message}. Fetch the file again.`, {
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw wrong(name, 'the file', 'an object with numNodes, numFeatures, edges and features', value);
}

function count(file: Json, key: string, name: string): number {
  const value = file[key];
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 26) return value as number;
  throw wrong(name, key, 'a positive integer below 2^26', value);
}

function list(file: Json, key: string, name: string): unknown[] {
  const value = file[key];
  if (Array.isArray(value)) return value;
  throw wrong(name, key, 'a list', value);
}

const isBelow = (value: unknown, limit: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < limit;

function wrong(name: string, key: string, expected: string, got: unknown): DataError {
  const text = JSON.stringify(got) ?? 'nothing';
  const short = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return new DataError(`${name}: expected ${key} to be ${expected}, got ${short}. Fetch or write the file again.`);
}
