import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { on, startEngines } from '../../tests/engines.ts';

beforeAll(startEngines);

const x = () => tf.tensor2d([-2, -1, 0.5, 3], [2, 2]);
const row = () => tf.tensor1d([0, 1]); // broadcasts
const both = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) => (t: tf.Tensor) => f(tf.greater(t, 0), tf.less(t, 1));

// A condition that depends on x picks between 2x and 5x; the condition itself adds nothing to the gradient.
// x = -2, -1, 0.5, 3 against c = 0, 1, 0, 1.
it.each<[string, (t: tf.Tensor) => tf.Tensor, number[]]>([
  ['greater', (t) => tf.greater(t, row()), [5, 5, 2, 2]],
  ['greaterEqual', (t) => tf.greaterEqual(t, row()), [5, 5, 2, 2]],
  ['less', (t) => tf.less(t, row()), [2, 2, 5, 5]],
  ['lessEqual', (t) => tf.lessEqual(row(), t), [5, 5, 2, 2]],
  ['equal', (t) => tf.equal(t, 3), [5, 5, 5, 2]],
  ['notEqual', (t) => tf.notEqual(t, 3), [2, 2, 2, 5]],
  ['logicalAnd', both(tf.logicalAnd), [5, 5, 2, 5]],
  ['logicalOr', both(tf.logicalOr), [2, 2, 2, 2]],
  ['logicalXor', both(tf.logicalXor), [2, 2, 5, 2]],
  ['logicalNot', (t) => tf.logicalNot(tf.greater(t, 0)), [2, 2, 5, 5]],
  ['isNaN', (t) => tf.isNaN(t), [5, 5, 5, 5]],
  ['isInf', (t) => tf.isInf(t), [5, 5, 5, 5]],
  ['isFinite', (t) => tf.isFinite(t), [2, 2, 2, 2]],
  ['any', (t) => tf.any(tf.greater(t, 0), 0), [2, 2, 2, 2]],
  ['all', (t) => tf.all(tf.greater(t, -2), 0), [5, 2, 5, 2]],
  ['floorDiv', (t) => tf.greater(tf.floorDiv(t, tf.add(row(), 1)), 0), [5, 5, 5, 2]],
  ['integers', (t) => tf.greaterEqual(tf.cast(t, 'int32'), tf.scalar(1, 'int32')), [5, 5, 5, 2]],
])('where(%s) can be differentiated', async (_name, condition, expected) => {
  const slope = () =>
    tf.grad((t) => {
      const chosen = tf.where(condition(t), tf.mul(t, 2), tf.mul(t, 5));
      return tf.sum(chosen);
    })(x());
  for (const engine of ['wasm', 'cpu'] as const) {
    expect(await on(engine, slope)).toEqual({ shape: [2, 2], dtype: 'float32', values: expected });
  }
});

it('the gradient of the other side of a comparison has that side as its shape', async () => {
  for (const engine of ['wasm', 'cpu'] as const) {
    const slope = () => tf.grad((c) => tf.sum(tf.cast(tf.greater(x(), c), 'float32')))(row());
    expect(await on(engine, slope)).toEqual({ shape: [2], dtype: 'float32', values: [0, 0] });
  }
});
