import * as tf from '@tensorflow/tfjs-core';
import type { layers, Sequential } from '@tensorflow/tfjs-layers';

/** A layer with weight normalisation that can take its start from a batch. */
export interface DataInitializable {
  readonly useWeightNorm: boolean;
  initializeFromData(inputs: tf.Tensor | tf.Tensor[]): void;
}

const canStart = (layer: layers.Layer): layer is layers.Layer & DataInitializable =>
  'initializeFromData' in layer && (layer as unknown as DataInitializable).useWeightNorm;

/**
 * Gives every weight-normalised layer of a model outputs of mean 0 and variance 1 on a batch x, one layer after the other. Call
 * it once, before training. Layers without `useWeightNorm` stay as they are. x is borrowed.
 * Source: Salimans & Kingma 2016, arXiv:1602.07868, section 3.
 */
export function initializeFromData(model: Sequential, x: tf.Tensor): void {
  tf.tidy(() => {
    let inputs = x;
    for (const layer of model.layers) {
      if (canStart(layer)) layer.initializeFromData(inputs);
      inputs = layer.apply(inputs) as tf.Tensor;
    }
  });
}
