import { type Distribution, TransformedDistribution } from '@proj/distributions';
import { Chain, Householder } from '@proj/distributions/bijectors';
import type * as tf from '@tensorflow/tfjs-core';
import { affine } from './affine.ts';
import { type LayerSpec, layerWeights } from './weights.ts';

export interface HouseholderFlowPlan {
  readonly specs: readonly LayerSpec[];
  bind(
    weights: Readonly<Record<string, tf.Variable>>,
  ): <E extends number[]>(base: Distribution<E>, features: tf.Tensor2D) => Distribution<E>;
}

/**
 * A posterior over [Z] turned by K reflections that the encoder chooses for each example:
 *
 *   z_k = z_{k-1} - 2 v_k (v_k . z_{k-1}) / |v_k|^2,   v_1 = linear(features),   v_{k+1} = linear(v_k)
 * Volume stays: log q(z_K) = log q_0(z_0). A diagonal Gaussian gets the covariance H diag(s^2) H', and its KL to N(0, I) stays.
 * `name` stands before the weights' names; features are [B, F]. K of 0 leaves the base as it is.
 * Source: Tomczak & Welling 2016, arXiv:1611.09630.
 */
export function householderFlow(name: string, count: number, features: number, latent: number): HouseholderFlowPlan {
  const names = Array.from({ length: count }, (_, k) => `${name}/reflection${k + 1}`);
  return {
    specs: names.map((layer, k) => ({
      name: layer,
      type: 'Dense',
      outputShape: [latent],
      kernel: [k === 0 ? features : latent, latent],
    })),
    bind(weights) {
      const layers = names.map((layer) => layerWeights(weights, layer));
      return (base, input) => {
        if (count === 0) return base;
        let v = input;
        const reflections = layers.map((layer) => {
          v = affine(v, layer); // [B, Z]
          return new Householder(v);
        });
        return new TransformedDistribution(base, new Chain(reflections.reverse())); // a chain's last comes first
      };
    },
  };
}
