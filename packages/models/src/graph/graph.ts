import { normalizedAdjacency, type SparseMatrix, sparseMatrix } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';

/** An undirected graph as plain numbers: what `loadGraph` of `@proj/io/node` returns, or your own. */
export interface Graph {
  /** N, numbered from 0. */
  readonly nodes: number;
  /** [E, 2], row after row: each undirected edge once, no self-loops. */
  readonly edges: ArrayLike<number>;
  /** F. */
  readonly featureCount: number;
  /** Of node i: indices[indptr[i]] .. indices[indptr[i + 1] - 1], from 0 to F - 1. */
  readonly features: {
    readonly indptr: ArrayLike<number>;
    readonly indices: ArrayLike<number>;
    /** Ones if omitted. */
    readonly values?: ArrayLike<number>;
  };
}

/** A graph as tensors, for the models. A plain object: `tf.dispose` frees it. */
export type GraphTensors = {
  nodes: number;
  /** D^-1/2 (A + I) D^-1/2, [N, N]. */
  adjacency: SparseMatrix;
  /** X, [N, F]. */
  features: SparseMatrix;
  /** Ends of the edges, int32 [E] each. */
  from: tf.Tensor1D;
  to: tf.Tensor1D;
};

/**
 * The tensors of a graph, the caller's to dispose.
 *
 * To score edges that the model has not seen, give only those to train on: `graphTensors({ ...graph, edges: split.train })`.
 * @throws RangeError if there is no edge, an edge stands twice, or a number does not fit.
 */
export function graphTensors({ nodes, edges, featureCount, features }: Graph): GraphTensors {
  const count = edges.length / 2;
  if (count < 1) throw new RangeError('graphTensors: expected one edge at least, got none.');
  if (features.indptr.length !== nodes + 1) {
    throw new RangeError(
      `graphTensors: features.indptr must have ${nodes + 1} numbers, one more than nodes, got ${features.indptr.length}.`,
    );
  }
  return tf.tidy(() => {
    const adjacency = normalizedAdjacency(edges, nodes);
    const distinct = (adjacency.forward.values.size - nodes) / 2;
    if (distinct !== count) {
      throw new RangeError(
        `graphTensors: each undirected edge must stand once, got ${count} of which ${distinct} are distinct.`,
      );
    }
    const end = (side: 0 | 1) =>
      tf.tensor1d(
        Int32Array.from({ length: count }, (_, e) => edges[2 * e + side]!),
        'int32',
      );
    const { indptr, indices, values } = features;
    const rows = new Int32Array(indices.length);
    for (let i = 0; i < nodes; i++) rows.fill(i, indptr[i]!, indptr[i + 1]!);
    return {
      nodes,
      adjacency,
      features: sparseMatrix([nodes, featureCount], { rows, columns: indices, ...(values && { values }) }),
      from: end(0),
      to: end(1),
    };
  });
}

/**
 * A data set of one example, the whole graph, for `fit` of `@proj/training`: an epoch is one step. The tensors are borrowed; what
 * `batch` returns shares their data.
 */
export const graphDataset = (graph: GraphTensors): { size: 1; batch: () => GraphTensors } => ({
  size: 1,
  batch: () => cloneAll(graph),
});

function cloneAll({ nodes, adjacency, features, from, to }: GraphTensors): GraphTensors {
  return {
    nodes,
    adjacency: cloneMatrix(adjacency),
    features: cloneMatrix(features),
    from: tf.clone(from),
    to: tf.clone(to),
  };
}

function cloneMatrix({ forward, transposed }: SparseMatrix): SparseMatrix {
  const copy = ({ shape, indptr, indices, values, rows }: SparseMatrix['forward']) => ({
    shape,
    indptr: tf.clone(indptr),
    indices: tf.clone(indices),
    values: tf.clone(values),
    rows: tf.clone(rows),
  });
  const first = copy(forward);
  return { forward: first, transposed: transposed === forward ? first : copy(transposed) };
}
