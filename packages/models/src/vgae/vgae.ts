import { standardNormal } from '@proj/distributions';
import { splitSeed } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { graphLogLikelihood, innerProductLoss } from '../graph/decoder-loss.ts';
import type { GraphTensors } from '../graph/graph.ts';
import { checkSeed } from '../internal/check.ts';
import { gaussianKl } from '../internal/gaussian-kl.ts';
import { GraphModel, type GraphModelConfig } from './graph-model.ts';

/** Of a whole graph, in nats a node: times N the graph's, and that by N (N - 1) / 2 in nats a pair. */
export interface GraphElbo {
  /** `reconstruction - kl`: a lower bound on log p(A). */
  elbo: tf.Scalar;
  /** E log p(A | z), estimated from one sample, over the pairs of different nodes. */
  reconstruction: tf.Scalar;
  /** KL(q(z | X, A) || p(z)), exact. */
  kl: tf.Scalar;
  /** `elbo` in nats a pair. */
  elboPerPair: tf.Scalar;
}

/**
 * Variational graph auto-encoder: a posterior over the embedding of each node, whose inner products say which nodes are linked.
 *
 *   prior       p(z)        = Normal(0, 1)          z [N, Z]
 *   posterior   q(z | X, A) = Normal(loc, scale)    loc = A H W1, log scale = A H W2, H = relu(A X W0)
 *   likelihood  p(A | z)    = Bernoulli(logits z z^T)
 * Source: Kipf & Welling 2016, arXiv:1611.07308 ("VGAE"); 46,880 parameters for Cora.
 */
export class Vgae extends GraphModel {
  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: GraphModelConfig = {}) {
    super('Vgae', config, ['loc', 'logScale']);
  }

  /**
   * The scalar to minimise, from one posterior sample: the decoder's weighted cross-entropy, a mean over N^2 pairs, plus the KL as a
   * mean over nodes, by N; so both terms carry 1 / N^2. Weights change the objective: `elbo` is the bound without them.
   */
  loss(graph: GraphTensors, seed: number): tf.Scalar {
    checkSeed('Vgae.loss', seed);
    return tf.tidy(() => {
      const [noise, pairs] = splitSeed(seed, 2) as [number, number];
      const { z, kl } = this.sample(graph, noise);
      const decoder = innerProductLoss(z, graph, this.decoderOptions(pairs));
      return tf.add(decoder, tf.div(tf.mean(kl), graph.nodes));
    });
  }

  /** The unweighted bound and its parts for the edges of `graph`; all pairs, whatever `negatives`. */
  elbo(graph: GraphTensors, seed: number): GraphElbo {
    checkSeed('Vgae.elbo', seed);
    return tf.tidy(() => {
      const { z, kl: each } = this.sample(graph, splitSeed(seed, 1)[0]!);
      const reconstruction = tf.div<tf.Scalar>(graphLogLikelihood(z, graph), graph.nodes);
      const kl = tf.mean<tf.Scalar>(each);
      const elbo = tf.sub<tf.Scalar>(reconstruction, kl);
      return { elbo, reconstruction, kl, elboPerPair: tf.mul<tf.Scalar>(elbo, 2 / (graph.nodes - 1)) };
    });
  }

  /** Mean and standard deviation of the posterior of each node, each [N, Z]. */
  encode(graph: GraphTensors): { loc: tf.Tensor2D; scale: tf.Tensor2D } {
    return tf.tidy(() => {
      const [loc, logScale] = this.heads(graph);
      return { loc: loc!, scale: tf.exp(logScale!) };
    });
  }

  /** The posterior's mean. */
  override embed(graph: GraphTensors): tf.Tensor2D {
    return tf.tidy(() => this.encode(graph).loc);
  }

  /** A draw from the posterior [N, Z], and its KL from the prior [N]. */
  private sample(graph: GraphTensors, seed: number): { z: tf.Tensor2D; kl: tf.Tensor1D } {
    const [loc, logScale] = this.heads(graph) as [tf.Tensor2D, tf.Tensor2D];
    const noise = standardNormal([graph.nodes, this.config.latent], seed);
    const z = tf.add<tf.Tensor2D>(loc, tf.mul(noise, tf.exp(logScale)));
    return { z, kl: gaussianKl(loc, tf.mul(logScale, 2)) };
  }
}
