import * as tf from '@tensorflow/tfjs-core';
import { affine, affineOfData } from '../internal/affine.ts';
import { type LayerSpec, type LayerWeights, layerWeights } from '../internal/weights.ts';
import { type NetworkPlan, OUTPUTS } from './network.ts';

const ACTIVATIONS = {
  tanh: (x: tf.Tensor2D) => tf.tanh(x),
  relu: (x: tf.Tensor2D) => tf.relu(x),
  softplus: (x: tf.Tensor2D) => tf.softplus(x),
  linear: (x: tf.Tensor2D) => x,
};

export type Activation = keyof typeof ACTIVATIONS;
export const activations = Object.keys(ACTIVATIONS) as Activation[];

export interface MlpOptions {
  readonly pixels: number;
  readonly hidden: number;
  readonly latent: number;
  readonly activation: Activation;
  /** Hidden layers of the encoder and of the decoder, 1 or more. */
  readonly layers: readonly [encoder: number, decoder: number];
  /** Outputs a pixel: 1, or 2. */
  readonly heads: 1 | 2;
}

/**
 * Layers of H units each way: D -> H ... H -> (loc Z, log-variance Z), Z -> H ... H -> D, or two of D.
 * Source: Kingma & Welling 2013, arXiv:1312.6114, appendix C, which has one.
 */
export function mlp({ pixels, hidden, latent, activation, layers: [down, up], heads }: MlpOptions): NetworkPlan {
  const [readers, spreaders] = [names('encoder/hidden', down), names('decoder/hidden', up)];
  const outputs = OUTPUTS.slice(0, heads);
  const activate = ACTIVATIONS[activation];
  return {
    specs: [
      ...chain(readers, pixels, hidden),
      dense('encoder/loc', hidden, latent),
      dense('encoder/log-variance', hidden, latent),
      ...chain(spreaders, latent, hidden),
      ...outputs.map((name) => dense(name, hidden, pixels)),
    ],
    features: hidden,
    bind(weights) {
      const of = (name: string) => layerWeights(weights, name);
      const [read, ...deeper] = readers.map(of) as [LayerWeights, ...LayerWeights[]];
      const loc = of('encoder/loc');
      const logVariance = of('encoder/log-variance');
      const spread = spreaders.map(of);
      const output = outputs.map(of);
      const onwards = (x: tf.Tensor2D, layers: LayerWeights[]) => layers.reduce((h, w) => activate(affine(h, w)), x);
      return {
        encode(x) {
          const features = onwards(activate(affineOfData(x, read)), deeper); // [B, H]
          return { features, loc: affine(features, loc), rawLogVariance: affine(features, logVariance) };
        },
        decode(z) {
          const h = onwards(z, spread); // [R, H]
          return output.map((w) => affine(h, w));
        },
      };
    },
  };
}

/** hidden, hidden2, hidden3 ... */
const names = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => (i === 0 ? first : `${first}${i + 1}`));

const dense = (name: string, inputs: number, units: number): LayerSpec => ({
  name,
  type: 'Dense',
  outputShape: [units],
  kernel: [inputs, units],
});

/** Layers of `units` units, the first of which reads `inputs`. */
const chain = (layers: readonly string[], inputs: number, units: number): LayerSpec[] =>
  layers.map((name, i) => dense(name, i === 0 ? inputs : units, units));
