import { DataError } from '../data-error.ts';
import { checkGraph, compressFeatures, distinctEdges, type GraphData } from './graph.ts';

export interface CoraText {
  /** A node a line: its id, a 0 or 1 for each feature, its class, parted by tabs. */
  content: string;
  /** A citation a line: two ids, parted by a tab. */
  cites: string;
  /** Names of both files for messages. */
  contentName?: string;
  citesName?: string;
}

/**
 * Reads a graph in the plain text of Cora, Citeseer and their kin (Sen et al. 2008, LINQS): nodes in the order of the lines,
 * classes in the order of their names. The same citation twice, or there and back, is one edge; a citation of itself is none.
 *
 * @throws DataError in one line, with the line's number, for a file that is cut off, foreign or damaged.
 */
export function readCoraText({ content, cites, contentName = 'content', citesName = 'cites' }: CoraText): GraphData {
  const numbers = new Map<string, number>(); // of the nodes, by id
  const features: number[][] = [];
  const classes: string[] = [];
  let columns = 0;
  for (const [line, text] of linesOf(content)) {
    const fields = text.split('\t');
    const where = `${contentName}, line ${line}`;
    columns ||= fields.length;
    if (fields.length !== columns || columns < 3) {
      const expected = columns < 3 ? 'an id, a 0 or 1 for each feature and a class' : `${columns} fields as before`;
      throw new DataError(`${where}: expected ${expected}, parted by tabs, got ${fields.length} fields. ${FETCH}`);
    }
    const [id, label] = [fields[0]!, fields[columns - 1]!];
    if (numbers.has(id)) throw new DataError(`${where}: expected every id once, got ${shown(id)} again. ${FETCH}`);
    numbers.set(id, numbers.size);
    const present: number[] = [];
    for (let f = 1; f < columns - 1; f++) {
      if (fields[f] === '1') present.push(f - 1);
      else if (fields[f] !== '0') {
        throw new DataError(`${where}: expected 0 or 1 as feature ${f}, got ${shown(fields[f]!)}. ${FETCH}`);
      }
    }
    features.push(present);
    classes.push(label);
  }
  if (numbers.size === 0)
    throw new DataError(`${contentName}: expected nodes, a line each, got an empty file. ${FETCH}`);
  const classNames = [...new Set(classes)].sort();
  if (classNames.length > 256) {
    throw new DataError(
      `${contentName}: expected at most 256 classes as last fields, got ${classNames.length}. ${FETCH}`,
    );
  }
  const rank = new Map(classNames.map((name, i) => [name, i]));
  return checkGraph({
    name: 'cora',
    kind: 'graph',
    source: contentName,
    nodes: numbers.size,
    featureCount: columns - 2,
    features: compressFeatures(features),
    edges: distinctEdges(citations(cites, citesName, numbers), numbers.size),
    labels: Uint8Array.from(classes, (name) => rank.get(name)!),
    classNames,
  });
}

function* citations(text: string, name: string, numbers: ReadonlyMap<string, number>): Generator<[number, number]> {
  for (const [line, pair] of linesOf(text)) {
    const ids = pair.split('\t');
    if (ids.length !== 2) {
      throw new DataError(`${name}, line ${line}: expected two ids parted by a tab, got ${shown(pair)}. ${FETCH}`);
    }
    const unknown = ids.find((id) => !numbers.has(id));
    if (unknown !== undefined) {
      throw new DataError(
        `${name}, line ${line}: expected ids of the content file, got ${shown(unknown)}. Give two files that belong together.`,
      );
    }
    yield [numbers.get(ids[0]!)!, numbers.get(ids[1]!)!];
  }
}

const FETCH = 'Fetch the file again.';

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);

/** Lines that are not blank, with their numbers from 1. */
function* linesOf(text: string): Generator<[number, string]> {
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    const clean = raw.replace(/\r$/, '');
    if (clean.trim() !== '') yield [line, clean];
  }
}
