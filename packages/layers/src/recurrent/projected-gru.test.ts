import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { gru, projectedGru } from './gru.ts';

const [BATCH, STEPS, SYMBOLS, FEATURES, UNITS] = [3, 4, 5, 2, 6];
const draw = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

it.each([true, false])('of a projected table is gru of the table, gradients too: resetAfter %j', (resetAfter) => {
  const before = tf.memory().numTensors;
  const ids = tf.tensor2d([0, 4, 4, 2, 1, 1, 3, 0, 2, 2, 2, 4], [BATCH, STEPS], 'int32');
  const mask = tf.tensor2d([1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0], [BATCH, STEPS]);
  const initialState = draw([BATCH, UNITS], 1);
  const options = { resetAfter, mask, initialState };
  const [table, kernel, recurrentKernel, b, c] = [
    draw([SYMBOLS, FEATURES], 2),
    draw([FEATURES, 3 * UNITS], 3),
    draw([UNITS, 3 * UNITS], 4),
    draw([3 * UNITS], 5),
    draw([3 * UNITS], 6),
  ];
  const weigh = ({ outputs, h }: { outputs: tf.Tensor; h: tf.Tensor }) =>
    tf.add(tf.sum(tf.mul(outputs, draw([BATCH, STEPS, UNITS], 7))), tf.sum(h)) as tf.Scalar;
  const whole = tf.valueAndGrads((e, w, u, b, c) => {
    const bias = resetAfter ? tf.stack([b!, c!]) : tf.add(b!, c!);
    return weigh(gru(tf.gather(e!, ids), { kernel: w!, recurrentKernel: u!, bias }, options));
  });
  const split = tf.valueAndGrads((e, w, u, b, c) => {
    const bias = resetAfter ? b! : tf.add(b!, c!);
    const projection = tf.gather(tf.add(tf.matMul(e!, w!), bias), ids);
    const recurrent = { recurrentKernel: u!, ...(resetAfter ? { recurrentBias: c! } : {}) };
    return weigh(projectedGru(projection, recurrent, options));
  });
  const weights = [table, kernel, recurrentKernel, b, c] as tf.Tensor[];
  const [left, right] = [whole(weights), split(weights)];
  expect(left.value.dataSync()[0]).toBeCloseTo(right.value.dataSync()[0]!, 4);
  left.grads.forEach((gradient, i) => {
    const [x, y] = [gradient.dataSync(), right.grads[i]!.dataSync()];
    const scale = Math.max(...x.map(Math.abs));
    expect(scale).toBeGreaterThan(0.01);
    expect(Math.max(...x.map((v, k) => Math.abs(v - y[k]!)))).toBeLessThan(1e-5 * scale);
  });
  tf.dispose([ids, mask, initialState, ...weights, left.value, ...left.grads, right.value, ...right.grads]);
  expect(tf.memory().numTensors).toBe(before);
});

it('says which shape is wrong, and that a bias of the state needs resetAfter', () => {
  tf.tidy(() => {
    const recurrentKernel = tf.zeros([2, 6]);
    expect(() => projectedGru(tf.zeros([1, 3, 5]), { recurrentKernel })).toThrow(
      new RangeError('projectedGru: projection must have the shape [any, any, 6], got [1, 3, 5].'),
    );
    const weights = { recurrentKernel, recurrentBias: tf.zeros([6]) };
    expect(() => projectedGru(tf.zeros([1, 3, 6]), weights, { resetAfter: false })).toThrow(
      /^projectedGru: got recurr/,
    );
    expect(() => projectedGru(tf.zeros([1, 3, 6]), weights, { mask: tf.ones([3, 1]) })).toThrow(
      /mask must .* \[1, 3\]/,
    );
  });
});
