import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../distribution.ts';
import { expand } from './expand.ts';
import { broadcastShape } from './shape.ts';
import { sumTo } from './sum-to.ts';

type Row = ArrayLike<number>;

/**
 * A function of vectors along the last axes of tensors that broadcast, [..., K] to [...], computed on the host in float64.
 * `by[i]` gives its derivatives by each number of argument i. Reads from the device; a second derivative throws.
 */
export function hostRows<const Names extends readonly string[]>(
  name: string,
  args: Names,
  f: (...rows: { [I in keyof Names]: Row }) => number,
  by: { [I in keyof Names]: (...rows: { [I in keyof Names]: Row }) => number[] },
): (...x: { [I in keyof Names]: tf.Tensor }) => tf.Tensor {
  type Rows = { [I in keyof Names]: Row };
  return (...x) =>
    tf.tidy(() => {
      const inputs: tf.Tensor[] = [...x];
      const shape = broadcastShape(name, Object.fromEntries(inputs.map((t, i) => [args[i]!, t.shape])));
      const lead = shape.slice(0, -1);
      const value = tf.tensor(
        eachRow(inputs, shape, 1, (...rows) => [f(...(rows as unknown as Rows))]),
        lead,
      );
      // Each argument has a customGrad of its own, which adds 0: only what is asked for is computed.
      return inputs.reduce((sum, t, i) => {
        const slope = tf.customGrad((_, save) => {
          (save as tf.GradSaveFunc)(inputs);
          return {
            value: tf.zeros(lead),
            gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
              const slopes = differentiableOnce(name, saved, () =>
                tf.tensor(
                  eachRow(saved, shape, shape.at(-1)!, (...rows) => by[i]!(...(rows as unknown as Rows))),
                  shape,
                ),
              );
              return sumTo(tf.mul(tf.expandDims(dy, -1), slopes), t.shape);
            },
          };
        });
        return tf.add(sum, slope(t));
      }, value);
    });
}

/** What `f` makes of the numbers of `inputs` on the host, such that differentiating it throws instead of giving 0. */
export function differentiableOnce(name: string, inputs: tf.Tensor[], f: () => tf.Tensor): tf.Tensor {
  return tf.customGrad(() => ({
    value: f(),
    gradFunc: () => {
      throw new Error(`${name}: there is no second derivative. Differentiate it once.`);
    },
  }))(...inputs);
}

function eachRow(inputs: tf.Tensor[], shape: Shape, width: number, f: (...rows: Row[]) => number[]): Float32Array {
  const k = shape.at(-1)!;
  const count = tf.util.sizeFromShape(shape.slice(0, -1));
  const data = inputs.map((t) => expand(t, shape).dataSync());
  const out = new Float32Array(count * width);
  for (let i = 0; i < count; i++) out.set(f(...data.map((d) => d.subarray(i * k, (i + 1) * k))), i * width);
  return out;
}
