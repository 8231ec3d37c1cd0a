import { foldIn, normal } from '@proj/distributions/random';
import { glorotUniform, weightNorm } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import type { CompleteConfig } from './config.ts';
import { filterAxis, isNormed, kernelShape } from './layers.ts';
import type { PixelLayer } from './network.ts';

/** What a layer multiplies with, weight normalisation done: kernel as in `kernelShape`, bias [filters]. */
export type Kernel = { readonly kernel: tf.Tensor; readonly bias: tf.Tensor };

export type Kernels = { readonly [name: string]: Kernel };
export type Weights = Readonly<Record<string, tf.Tensor>>;

/** Of the kernels of conditioning layers: Keras's random_normal, which TFP takes for them. */
const CONDITION_SCALE = 0.05;

/**
 * First weights: `NAME/kernel` [.., filters], `NAME/gain` [filters] (weight normalisation alone) and `NAME/bias` [filters].
 * Kernels are Glorot uniform over the taps that there are, gains their filters' lengths, so that w = v at first; biases are 0.
 */
export function createWeights(layers: readonly PixelLayer[], config: CompleteConfig): Record<string, tf.Variable> {
  const weights: Record<string, tf.Variable> = {};
  tf.tidy(() => {
    for (const [index, layer] of layers.entries()) {
      const shape = kernelShape(layer);
      const seed = foldIn(config.seed, index);
      const values =
        layer.type === 'condition'
          ? normal(layer.inputs * layer.filters, seed).map((x) => CONDITION_SCALE * x)
          : glorotUniform(shape, seed);
      const kernel = tf.tensor(values, shape);
      weights[`${layer.name}/kernel`] = tf.variable(kernel);
      if (isNormed(layer, config)) weights[`${layer.name}/gain`] = tf.variable(lengths(kernel, filterAxis(layer)));
      weights[`${layer.name}/bias`] = tf.variable(tf.zeros([layer.filters]));
    }
  });
  return weights;
}

/** ||v|| of each filter, [filters]. */
function lengths(kernel: tf.Tensor, axis: number): tf.Tensor {
  const at = kernel.rank + axis;
  const others = kernel.shape.map((_, i) => i).filter((i) => i !== at);
  return tf.sqrt(tf.sum(tf.square(kernel), others));
}

/** What the layers multiply with. Gradients reach the weights. */
export function kernelsOf(layers: readonly PixelLayer[], config: CompleteConfig, weights: Weights): Kernels {
  const kernels = layers.map((layer): [string, Kernel] => {
    const of = (part: string) => weights[`${layer.name}/${part}`] as tf.Tensor;
    const kernel = isNormed(layer, config)
      ? weightNorm(of('kernel'), of('gain'), { axis: filterAxis(layer) })
      : of('kernel');
    return [layer.name, { kernel, bias: of('bias') }];
  });
  return Object.fromEntries(kernels);
}

/** Variables of the same values that are not trained. */
export function copies(weights: Readonly<Record<string, tf.Variable>>): Record<string, tf.Variable> {
  const named = Object.entries(weights).map(([name, weight]) => [
    name,
    tf.tidy(() => tf.variable(tf.clone(weight), false)),
  ]);
  return Object.fromEntries(named);
}
