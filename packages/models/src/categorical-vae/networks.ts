import * as tf from '@tensorflow/tfjs-core';
import { affine, affineOfData } from '../internal/affine.ts';
import { type LayerSpec, type LayerWeights, layerWeights } from '../internal/weights.ts';

export interface CategoricalNetworkOptions {
  /** D. */
  readonly pixels: number;
  /** Units of the encoder's hidden layers; the decoder has them in reverse. */
  readonly hidden: readonly number[];
  /** N K, what a code has. */
  readonly code: number;
}

/** D -> hidden -> N K and N K -> hidden in reverse -> D, relu between. */
export function networkSpecs({ pixels, hidden, code }: CategoricalNetworkOptions): LayerSpec[] {
  return [
    ...stack('encoder', [pixels, ...hidden, code], 'logits'),
    ...stack('decoder', [code, ...[...hidden].reverse(), pixels], 'output'),
  ];
}

/** Encoder: images [B, D] to logits [B, N K]. Decoder: codes [B, N K] to outputs [B, D]. */
export function networks(specs: readonly LayerSpec[], weights: Readonly<Record<string, tf.Variable>>) {
  const layersOf = (part: string) =>
    specs.filter(({ name }) => name.startsWith(`${part}/`)).map(({ name }) => layerWeights(weights, name));
  const [encoder, decoder] = [layersOf('encoder'), layersOf('decoder')];
  return {
    encode: (x: tf.Tensor2D) => through(encoder, x, affineOfData),
    decode: (codes: tf.Tensor2D) => through(decoder, codes, affine),
  };
}

function through(layers: readonly LayerWeights[], x: tf.Tensor2D, read: typeof affine): tf.Tensor2D {
  return layers.reduce((h, layer, i) => (i === 0 ? read(h, layer) : affine(tf.relu(h), layer)), x);
}

function stack(part: string, sizes: readonly number[], last: string): LayerSpec[] {
  return sizes.slice(1).map((units, i) => ({
    name: `${part}/${i === sizes.length - 2 ? last : `hidden${i + 1}`}`,
    type: 'Dense',
    outputShape: [units],
    kernel: [sizes[i]!, units],
  }));
}
