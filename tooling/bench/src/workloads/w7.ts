import { standardNormal } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import { cora, type Graph } from '../graph/cora.ts';
import { disposeSparse, type Entry, type SparseMatrix, sparseMatMul, sparseMatrix } from '../graph/csr.ts';
import { type Edges, innerProductLoss } from '../graph/decoder-loss.ts';
import type { Variant } from '../measure.ts';
import { glorot } from './initial.ts';
import { optimizerStep } from './training-step.ts';

const HIDDEN = 32;
const LATENT = 16;

/**
 * Variational graph auto-encoder, 46,880 parameters, Adam 0.01; an epoch is one step on the whole graph.
 *
 *   H = relu(A_hat X W0),  mu = A_hat H Wmu,  log sigma = A_hat H Wsigma,  z = mu + sigma eps,  logits z z^T
 * The loss is the decoder's weighted cross-entropy + KL (a mean over nodes) / N. A_hat and X are sparse.
 */
export class Vgae {
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly nodes: number;
  private readonly features: SparseMatrix;
  private readonly adjacency: SparseMatrix;
  private readonly edges: Edges;

  constructor(graph: Graph, seed = 0) {
    this.nodes = graph.nodes;
    this.features = sparseMatrix([graph.nodes, graph.words], featureEntries(graph));
    this.adjacency = sparseMatrix([graph.nodes, graph.nodes], propagationEntries(graph));
    const ends = (k: 0 | 1) =>
      tf.tensor1d(
        Int32Array.from(graph.edges, (edge) => edge[k]),
        'int32',
      );
    this.edges = { from: ends(0), to: ends(1) };
    this.weights = {
      hidden: glorot(graph.words, HIDDEN, 3 * seed),
      mean: glorot(HIDDEN, LATENT, 3 * seed + 1),
      logScale: glorot(HIDDEN, LATENT, 3 * seed + 2),
    };
  }

  loss(seed: number): tf.Scalar {
    const { hidden, mean, logScale } = this.weights as Record<string, tf.Variable<tf.Rank.R2>>;
    return tf.tidy(() => {
      const read = sparseMatMul(this.features, hidden!);
      const h = tf.relu(sparseMatMul(this.adjacency, read));
      const spread = sparseMatMul(this.adjacency, h); // A_hat (H W) = (A_hat H) W: once for both
      const mu = tf.matMul(spread, mean!);
      const logSigma = tf.matMul(spread, logScale!);
      const z = tf.add(mu, tf.mul(standardNormal([this.nodes, LATENT], seed), tf.exp(logSigma))) as tf.Tensor2D;
      const twice = tf.mul(logSigma, 2);
      const terms = tf.sub(tf.add(tf.exp(twice), tf.square(mu)), tf.add(twice, 1));
      const kl = tf.mul(tf.sum(terms), 0.5 / this.nodes ** 2); // mean over nodes, / N
      return tf.add(innerProductLoss(z, this.edges), kl) as tf.Scalar;
    });
  }

  dispose(): void {
    disposeSparse(this.features);
    disposeSparse(this.adjacency);
    tf.dispose([this.edges.from, this.edges.to, ...Object.values(this.weights)]);
  }
}

/** A binary row a node. */
const featureEntries = ({ features }: Graph): Entry[] =>
  features.flatMap((words, node) => words.map((word): Entry => [node, word, 1]));

/** D^-1/2 (A + I) D^-1/2, D the row sums of A + I. */
function propagationEntries({ nodes, edges }: Graph): Entry[] {
  const degrees = new Float64Array(nodes).fill(1);
  for (const edge of edges) for (const node of edge) degrees[node]! += 1;
  const entry = (i: number, j: number): Entry => [i, j, 1 / Math.sqrt(degrees[i]! * degrees[j]!)];
  return [
    ...Array.from({ length: nodes }, (_, i) => entry(i, i)),
    ...edges.flatMap(([i, j]) => [entry(i, j), entry(j, i)]),
  ];
}

export async function* w7(): AsyncGenerator<Variant> {
  const model = new Vgae(cora());
  const { step, dispose } = optimizerStep(model, (seed) => model.loss(seed), 0.01);
  yield {
    name: 'epoch',
    amount: 1,
    rateUnit: 'epochs/s',
    run: async () => void (await step()),
    dispose,
  };
}
