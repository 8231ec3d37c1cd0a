import * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from '../src/index.ts';
import { numbers } from './on-engines.ts';
import { build, type Spec } from './spec.ts';

/** What is no parameter to differentiate: counts, orders, ranks. */
const FIXED = ['reinterpretedBatchRank', 'permutation', 'totalCount'];
const GRIDS = ['Quantized', 'MixtureOfLogistics']; // whose low and high are integers

export type Path = readonly (string | number)[];

/** Where the differentiable numbers of a spec are. */
export function leaves(node: unknown, path: Path = [], grid = false): Path[] {
  if (typeof node === 'number') return [path];
  if (Array.isArray(node)) {
    return holdsNumbers(node) ? [path] : node.flatMap((item, i) => leaves(item, [...path, i], grid));
  }
  if (typeof node !== 'object' || node === null) return [];
  const inGrid = GRIDS.includes((node as Partial<Spec>).distribution ?? '');
  return Object.entries(node).flatMap(([key, value]) =>
    FIXED.includes(key) || (grid && (key === 'low' || key === 'high'))
      ? []
      : leaves(value, [...path, key], key === 'params' && inGrid),
  );
}

const holdsNumbers = (node: unknown): boolean =>
  typeof node === 'number' || (Array.isArray(node) && node.length > 0 && holdsNumbers(node[0]));

export const at = (node: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], node);

/** The spec with other values at `paths`. */
export function filled(node: unknown, paths: readonly Path[], values: readonly unknown[], here: Path = []): unknown {
  const found = paths.findIndex((path) => path.join('/') === here.join('/'));
  if (found >= 0) return values[found];
  if (Array.isArray(node)) return node.map((item, i) => filled(item, paths, values, [...here, i]));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, v]) => [key, filled(v, paths, values, [...here, key])]));
}

export type Of = (p: Distribution, x: tf.Tensor) => tf.Tensor;

/** f(p, x), and the gradients of its sum to every parameter and to x, as flat lists; 0 by what f does not use. */
export function differentiated(spec: Spec, x: tf.Tensor, f: Of): { values: number[]; slopes: number[][] } {
  const paths = leaves(spec);
  const params = paths.map((path) => tf.tensor(at(spec, path) as tf.TensorLike, undefined, 'float32'));
  const y = () => f(build(filled(spec, paths, params) as Spec), x);
  // What tf.grads calls, which throws where an input is not used.
  const { value, grads } = tf.engine().gradients(y, [...params, x], undefined, true);
  const slopes = [...params, x].map((input, i) =>
    grads[i] ? numbers(grads[i]) : new Array<number>(input.size).fill(0),
  );
  return { values: numbers(value), slopes };
}

export const gradients = (spec: Spec, x: tf.Tensor, f: Of): number[][] => differentiated(spec, x, f).slopes;
