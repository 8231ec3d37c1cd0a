import { foldIn } from '@proj/distributions/random';
import { glorotUniform, sparseMatMul } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { pairLogits } from '../graph/decoder-loss.ts';
import type { GraphTensors } from '../graph/graph.ts';
import { checkPositiveInteger, checkSeed } from '../internal/check.ts';
import { countWeights, type LayerSummary } from '../internal/weights.ts';

export interface GraphModelConfig {
  /** F, features of a node; with `featureless` the number of nodes. */
  features?: number;
  /** Units of the first graph convolution. */
  hidden?: number;
  /** Z, numbers in the embedding of a node. */
  latent?: number;
  /** X = I in place of the graph's features: the first weights are a table with a row a node. */
  featureless?: boolean;
  /**
   * Pairs sampled per edge for the loss, in place of all N^2: unbiased, and memory grows with edges and not with nodes squared. 0: all
   * pairs.
   */
  negatives?: number;
  /** Of the first weights. */
  seed?: number;
}

/**
 * Two graph convolutions without biases, the second with one head or more, and scores z_i . z_j: what GAE and VGAE share.
 *
 *   H = relu(A X W0) [N, hidden];  head k: A H Wk [N, Z];  A = D^-1/2 (A_train + I) D^-1/2
 */
export abstract class GraphModel {
  readonly config: Readonly<Required<GraphModelConfig>>;
  readonly weights: Readonly<Record<string, tf.Variable>>;

  constructor(
    private readonly who: string,
    { features = 1433, hidden = 32, latent = 16, featureless = false, negatives = 0, seed = 0 }: GraphModelConfig,
    private readonly headNames: readonly string[],
  ) {
    for (const [name, value] of Object.entries({ features, hidden, latent })) checkPositiveInteger(who, name, value);
    checkSeed(who, seed);
    if (!(negatives >= 0 && negatives < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${who}: negatives must be 0 or more, got ${negatives}. Omit it to use all pairs.`);
    }
    this.config = { features, hidden, latent, featureless, negatives, seed };
    this.weights = Object.fromEntries(
      this.layers().map(({ name, shape }, index) => {
        const first = glorotUniform(shape, foldIn(seed, index)); // Glorot uniform, a child seed a layer
        return [`${name}/kernel`, tf.tidy(() => tf.variable(tf.tensor(first, shape)))];
      }),
    );
  }

  /** The embedding of each node, [N, Z]: what `score` uses. */
  abstract embed(graph: GraphTensors): tf.Tensor2D;

  /** Logits z_i . z_j that there is an edge, of pairs [P, 2] row after row: [P]. */
  score(graph: GraphTensors, pairs: ArrayLike<number>): tf.Tensor1D {
    const count = pairs.length / 2;
    const { nodes } = graph;
    for (let k = 0; k < pairs.length; k++) {
      const node = pairs[k]!;
      if (Number.isInteger(count) && Number.isInteger(node) && node >= 0 && node < nodes) continue;
      throw new RangeError(
        `${this.who}.score: pairs must be nodes from 0 to ${nodes - 1}, two a pair, got ${pairs.length} numbers with ${node} at ${k}.`,
      );
    }
    return tf.tidy(() => {
      const end = (side: 0 | 1) =>
        tf.tensor1d(
          Int32Array.from({ length: count }, (_, k) => pairs[2 * k + side]!),
          'int32',
        );
      return pairLogits(this.embed(graph), end(0), end(1));
    });
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. The first axis is the nodes'. */
  describe(): LayerSummary[] {
    return this.layers().map(({ name, shape: [rows, units] }) => ({
      name,
      type: 'GraphConvolution',
      outputShape: [null, units],
      params: rows * units,
    }));
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  /** The second layer's outputs, [N, Z] each. */
  protected heads(graph: GraphTensors): tf.Tensor2D[] {
    this.check(graph);
    const [first, ...rest] = this.layers().map(
      ({ name }) => this.weights[`${name}/kernel`] as tf.Tensor as tf.Tensor2D,
    );
    const { adjacency, features } = graph;
    const read = this.config.featureless ? first! : sparseMatMul(features, first!); // X W0, [N, hidden]
    const hidden = tf.relu(sparseMatMul(adjacency, read));
    const spread = sparseMatMul(adjacency, hidden); // (A H) W = A (H W): once for all heads
    return rest.map((kernel) => tf.matMul(spread, kernel) as tf.Tensor2D);
  }

  /** What the loss asks of the decoder: all pairs, or a sample of its own for each step. */
  protected decoderOptions(seed: number): { negatives?: number; seed?: number } {
    const { negatives } = this.config;
    return negatives === 0 ? {} : { negatives, seed };
  }

  private check({ nodes, features }: GraphTensors): void {
    const { featureless, features: expected } = this.config;
    const got = featureless ? nodes : features.forward.shape[1];
    if (got === expected) return;
    const what = featureless ? 'nodes, since it is featureless' : 'features';
    throw new RangeError(`${this.who}: expected a graph of ${expected} ${what}, got ${got}. Set features to ${got}.`);
  }

  private layers(): { name: string; shape: [number, number] }[] {
    const { features, hidden, latent } = this.config;
    const heads = this.headNames.map((head) => ({
      name: `encoder/${head}`,
      shape: [hidden, latent] as [number, number],
    }));
    return [{ name: 'encoder/hidden', shape: [features, hidden] }, ...heads];
  }
}
