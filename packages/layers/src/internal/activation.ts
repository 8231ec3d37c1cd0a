import type * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/** An activation of tfjs-layers by its name; without one, nothing. */
export function activationOf(name: string | undefined): (x: tf.Tensor) => tf.Tensor {
  if (name === undefined) return (x) => x;
  const layer = layers.activation({ activation: name as 'relu' });
  return (x) => layer.call(x, {}) as tf.Tensor;
}
