import * as tf from '@tensorflow/tfjs-core';
import { affine, affineOfData } from '../internal/affine.ts';
import { layerWeights } from '../internal/weights.ts';
import type { NetworkPlan } from './network.ts';

const ACTIVATIONS = {
  tanh: (x: tf.Tensor2D) => tf.tanh(x),
  relu: (x: tf.Tensor2D) => tf.relu(x),
  linear: (x: tf.Tensor2D) => x,
};

export interface MlpOptions {
  readonly pixels: number;
  readonly hidden: number;
  readonly latent: number;
  readonly activation: keyof typeof ACTIVATIONS;
}

/**
 * One hidden layer each way: D -> H -> (loc Z, log-variance Z), Z -> H -> D.
 * Source: Kingma & Welling 2013, arXiv:1312.6114, appendix C.
 */
export function mlp({ pixels, hidden, latent, activation }: MlpOptions): NetworkPlan {
  const dense = (name: string, inputs: number, units: number) => ({
    name,
    type: 'Dense',
    outputShape: [units],
    kernel: [inputs, units],
  });
  const activate = ACTIVATIONS[activation];
  return {
    specs: [
      dense('encoder/hidden', pixels, hidden),
      dense('encoder/loc', hidden, latent),
      dense('encoder/log-variance', hidden, latent),
      dense('decoder/hidden', latent, hidden),
      dense('decoder/output', hidden, pixels),
    ],
    bind(weights) {
      const read = layerWeights(weights, 'encoder/hidden');
      const loc = layerWeights(weights, 'encoder/loc');
      const logVariance = layerWeights(weights, 'encoder/log-variance');
      const spread = layerWeights(weights, 'decoder/hidden');
      const output = layerWeights(weights, 'decoder/output');
      return {
        encode(x) {
          const h = activate(affineOfData(x, read)); // [B, H]
          return { loc: affine(h, loc), rawLogVariance: affine(h, logVariance) };
        },
        decode: (z) => affine(activate(affine(z, spread)), output),
      };
    },
  };
}
