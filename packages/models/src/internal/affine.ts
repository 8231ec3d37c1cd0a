import * as tf from '@tensorflow/tfjs-core';
import type { LayerWeights } from './weights.ts';

/**
 * x W + b, [B, I] -> [B, O], for a layer whose input needs a gradient.
 *
 * One kernel forward. tfjs then works out the gradients of x and W together, whether or not both are wanted,
 * hence the other function for the layer that reads the data.
 */
export function affine(x: tf.Tensor2D, { kernel, bias }: LayerWeights): tf.Tensor2D {
  return tf.fused.matMul({ a: x, b: kernel as tf.Tensor as tf.Tensor2D, bias }) as tf.Tensor2D;
}

/** The same for the first layer: two kernels forward, and no product spent on the gradient of the data. */
export function affineOfData(x: tf.Tensor2D, { kernel, bias }: LayerWeights): tf.Tensor2D {
  return tf.add(tf.matMul(x, kernel as tf.Tensor as tf.Tensor2D), bias);
}
