import { type SparseMatrix, sparseMatrix } from './sparse-matrix.ts';

/**
 * D^-1/2 (A + I) D^-1/2, [N, N] and symmetric; A is 1 at every edge in both directions, D the row sums of A + I.
 *
 * Its eigenvalues lie in (-1, 1]. Source: Kipf & Welling 2017, arXiv:1609.02907, section 2.2.
 * @param edges the ends of undirected edges one after the other, [E, 2]; an edge given twice, or both ways round, counts once.
 * @param nodes N.
 * @returns a matrix of the caller's: `tf.dispose` it.
 * @throws RangeError if a node is not one of 0 .. N - 1, or an edge ends where it starts.
 */
export function normalizedAdjacency(edges: ArrayLike<number>, nodes: number): SparseMatrix {
  const pairs = distinctPairs(edges, nodes);
  const degrees = new Float64Array(nodes).fill(1);
  for (const node of pairs) degrees[node]! += 1;
  const [rows, columns, values] = [[] as number[], [] as number[], [] as number[]];
  const put = (i: number, j: number) => {
    rows.push(i);
    columns.push(j);
    values.push(1 / Math.sqrt(degrees[i]! * degrees[j]!));
  };
  for (let i = 0; i < nodes; i++) put(i, i);
  for (let e = 0; e < pairs.length; e += 2) {
    put(pairs[e]!, pairs[e + 1]!);
    put(pairs[e + 1]!, pairs[e]!);
  }
  return sparseMatrix([nodes, nodes], { rows, columns, values }, { symmetric: true });
}

function distinctPairs(edges: ArrayLike<number>, nodes: number): number[] {
  if (!Number.isSafeInteger(nodes) || nodes < 1 || nodes > 94_906_265) {
    throw new RangeError(`normalizedAdjacency: nodes must be an integer from 1 to 94,906,265, got ${nodes}.`);
  }
  if (edges.length % 2 !== 0) {
    throw new RangeError(`normalizedAdjacency: edges must be pairs of nodes, [E, 2], got ${edges.length} numbers.`);
  }
  const seen = new Set<number>();
  const pairs: number[] = [];
  for (let e = 0; e < edges.length; e += 2) {
    const [a, b] = [edges[e]!, edges[e + 1]!];
    for (const node of [a, b]) {
      if (Number.isInteger(node) && node >= 0 && node < nodes) continue;
      throw new RangeError(
        `normalizedAdjacency: nodes are numbered from 0 to ${nodes - 1}, got ${node} in edge ${e / 2}.`,
      );
    }
    if (a === b) {
      throw new RangeError(
        `normalizedAdjacency: edge ${e / 2} goes from node ${a} to itself. Leave self-loops out: the identity is added here.`,
      );
    }
    const key = Math.min(a, b) * nodes + Math.max(a, b); // exact: nodes^2 is below 2^53
    if (seen.has(key)) continue;
    seen.add(key);
    pairs.push(a, b);
  }
  return pairs;
}
