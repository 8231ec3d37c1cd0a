import * as tf from '@tensorflow/tfjs-core';
import { graphLogLikelihood, innerProductLoss } from '../graph/decoder-loss.ts';
import type { GraphTensors } from '../graph/graph.ts';
import { checkSeed } from '../internal/check.ts';
import { GraphModel, type GraphModelConfig } from './graph-model.ts';

/**
 * Graph auto-encoder: embeddings z [N, Z] of nodes whose inner products say which are linked.
 *
 *   z = A relu(A X W0) W1,   logits z z^T
 * Source: Kipf & Welling 2016, arXiv:1611.07308 ("GAE"); 46,368 parameters for Cora.
 */
export class Gae extends GraphModel {
  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: GraphModelConfig = {}) {
    super('Gae', config, ['code']);
  }

  /** The decoder's weighted cross-entropy, the scalar to minimise. The seed draws the pairs of `negatives`, else nothing. */
  loss(graph: GraphTensors, seed: number): tf.Scalar {
    checkSeed('Gae.loss', seed);
    return tf.tidy(() => innerProductLoss(this.embed(graph), graph, this.decoderOptions(seed)));
  }

  override embed(graph: GraphTensors): tf.Tensor2D {
    return tf.tidy(() => this.heads(graph)[0]!);
  }

  /** log p(A | z) in nats a node, unweighted, over the pairs of different nodes of `graph`. */
  logLikelihood(graph: GraphTensors): tf.Scalar {
    return tf.tidy(() => tf.div(graphLogLikelihood(this.embed(graph), graph), graph.nodes));
  }
}
