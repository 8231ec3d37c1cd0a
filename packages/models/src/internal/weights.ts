import { foldIn } from '@proj/distributions/random';
import { glorotUniform } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';

/** One layer of a network as plain numbers: what it is called, what it makes, what it stores. */
export interface LayerSpec {
  readonly name: string; // stable: checkpoints are keyed by it
  readonly type: string;
  readonly outputShape: readonly number[]; // without the batch axis
  readonly kernel?: readonly number[]; // absent: the layer stores nothing
}

/** A row of `describe()`: the batch axis is null. */
export interface LayerSummary {
  name: string;
  type: string;
  outputShape: (number | null)[];
  params: number;
}

export interface LayerWeights {
  readonly kernel: tf.Variable;
  readonly bias: tf.Variable;
}

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** A kernel and one bias for each feature of its output. */
const paramsOf = ({ kernel, outputShape }: LayerSpec): number =>
  kernel ? size(kernel) + (outputShape.at(-1) ?? 0) : 0;

export function describeLayers(specs: readonly LayerSpec[]): LayerSummary[] {
  return specs.map((spec) => ({
    name: spec.name,
    type: spec.type,
    outputShape: [null, ...spec.outputShape],
    params: paramsOf(spec),
  }));
}

/** First kernel of layer number `index`; every layer has its own child seed. */
export function firstKernel(spec: LayerSpec, index: number, seed: number): Float32Array {
  return glorotUniform(spec.kernel ?? [], foldIn(seed, index));
}

/** Variables `NAME/kernel` (Glorot uniform) and `NAME/bias` (zeros) of every layer that stores something. */
export function createWeights(specs: readonly LayerSpec[], seed: number): Record<string, tf.Variable> {
  const weights: Record<string, tf.Variable> = {};
  tf.tidy(() => {
    for (const [index, spec] of specs.entries()) {
      if (!spec.kernel) continue;
      const kernel = tf.tensor(firstKernel(spec, index, seed), [...spec.kernel]);
      weights[`${spec.name}/kernel`] = tf.variable(kernel);
      weights[`${spec.name}/bias`] = tf.variable(tf.zeros([spec.outputShape.at(-1) ?? 0]));
    }
  });
  return weights;
}

/** The two variables of one layer. */
export function layerWeights(weights: Readonly<Record<string, tf.Variable>>, name: string): LayerWeights {
  const kernel = weights[`${name}/kernel`];
  const bias = weights[`${name}/bias`];
  if (!kernel || !bias) throw new Error(`no weights under the name ${name}`); // a fault of ours, not the user's
  return { kernel, bias };
}

export function countWeights(weights: Readonly<Record<string, tf.Variable>>): number {
  return Object.values(weights).reduce((sum, weight) => sum + weight.size, 0);
}
