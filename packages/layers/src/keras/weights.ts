import * as tf from '@tensorflow/tfjs-core';
import { LayersModel, type layers, type Shape } from '@tensorflow/tfjs-layers';
import { shown } from '../internal/check.ts';
import { archiveName, counter } from './json.ts';
import type { Translation } from './translations.ts';

/** A weight of a Keras model, row-major: as `@proj/io` reads and writes it. */
export interface KerasWeight {
  shape: number[];
  data:
    | Float32Array
    | Float64Array
    | Int8Array
    | Uint8Array
    | Int16Array
    | Uint16Array
    | Int32Array
    | Uint32Array
    | BigInt64Array
    | BigUint64Array;
}

/** A layer beside what is known of its class; a model inside of a model has none. */
export interface Translated {
  readonly layer: layers.Layer;
  readonly translation?: Translation;
}

/**
 * Where an archive keeps the weights of each layer: named by class and counted, whatever the layers are called. The order of
 * `all` is that of the model; `parts` are the layers of a model inside of it.
 */
export function archivePaths(
  all: readonly Translated[],
  parts: (model: LayersModel) => readonly Translated[],
  prefix = 'layers/',
): { path: string; layer: layers.Layer; index: number }[] {
  const named = counter();
  return all.flatMap(({ layer, translation }) => {
    const inner = layer instanceof LayersModel;
    const isSequential = layer.getClassName() === 'Sequential';
    const className = translation?.keras ?? (inner ? (isSequential ? 'Sequential' : 'Functional') : 'InputLayer');
    const path = `${prefix}${named(archiveName(className))}/`;
    if (inner) return archivePaths(parts(layer), parts, `${path}layers/`);
    return translation?.paths(layer).map((own, index) => ({ path: path + own, layer, index })) ?? [];
  });
}

/** Gives a layer its weights, in their order. @throws RangeError if they are not as many, or not of its shapes. */
export function setWeights(layer: layers.Layer, values: readonly (KerasWeight | undefined)[]): void {
  const shapes = layer.weights.map(({ shape }) => shape);
  const fits = values.length === shapes.length && values.every((one, i) => one && sameShape(one.shape, shapes[i]!));
  if (!fits) {
    const got = values.map((one) => (one ? shown(one.shape) : 'nothing')).join(', ');
    throw new RangeError(
      `modelFromKeras: the layer "${layer.name}" has weights of shapes ${shapes.map(shown).join(', ')}, the file has ${got || 'none'}. Its configuration and its weights are of two models.`,
    );
  }
  if (values.length === 0) return;
  tf.tidy(() => layer.setWeights(values.map((value) => tf.tensor(floats(value!), value!.shape, 'float32'))));
}

const sameShape = (a: readonly number[], b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i]);

function floats({ data }: KerasWeight): Float32Array {
  if (data instanceof Float32Array) return data;
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

/** A copy of a weight. */
export const readWeight = ({ shape }: { shape: Shape }, tensor: tf.Tensor): KerasWeight => ({
  shape: shape as number[],
  data: Float32Array.from(tensor.dataSync()),
});
