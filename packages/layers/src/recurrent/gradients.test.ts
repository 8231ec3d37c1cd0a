import { normal } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { describe, expect, it } from 'vitest';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import type { SequenceOptions } from './sequence.ts';

const [BATCH, STEPS, FEATURES, UNITS] = [2, 5, 3, 4];
const draw = (shape: number[], seed: number) => tf.tensor(normal(tf.util.sizeFromShape(shape), seed), shape);

/** x, kernel, recurrentKernel, bias, h and, of an LSTM, c -> outputs and last states, as one vector. */
type Net = (options: SequenceOptions, ...tensors: tf.Tensor[]) => tf.Tensor[];
const NETS: Record<string, [run: Net, ...shapes: number[][]]> = {
  LSTM: [
    (options, x, kernel, recurrentKernel, bias, h, c) => {
      const weights = { kernel: kernel!, recurrentKernel: recurrentKernel!, bias: bias! };
      return Object.values(lstm(x!, weights, { ...options, initialState: { h: h!, c: c! } }));
    },
    [FEATURES, 4 * UNITS],
    [UNITS, 4 * UNITS],
    [4 * UNITS],
    [BATCH, UNITS],
    [BATCH, UNITS],
  ],
  ...Object.fromEntries(
    [true, false].map((resetAfter): [string, [Net, ...number[][]]] => [
      resetAfter ? 'GRU, reset after' : 'GRU, reset before',
      [
        (options, x, kernel, recurrentKernel, bias, h) => {
          const weights = { kernel: kernel!, recurrentKernel: recurrentKernel!, bias: bias! };
          return Object.values(gru(x!, weights, { ...options, resetAfter, initialState: h! }));
        },
        [FEATURES, 3 * UNITS],
        [UNITS, 3 * UNITS],
        resetAfter ? [2, 3 * UNITS] : [3 * UNITS],
        [BATCH, UNITS],
      ],
    ]),
  ),
};

/** Slope of f at x along a unit vector: central differences of the fourth order, where float32 loses 2e-5. */
function slope(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, unit: tf.Tensor): number {
  const step = 0.05;
  const at = (k: number) => f(tf.add(x, tf.mul(unit, k * step))).dataSync()[0]!;
  return (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * step);
}

describe.each(Object.entries(NETS))('%s: gradients are slopes', (_, [run, ...shapes]) => {
  it.each(['forwards', 'backwards', 'forwards, masked', 'backwards, masked'])('%s', (way) => {
    tf.tidy(() => {
      const tensors = [[BATCH, STEPS, FEATURES], ...shapes].map((shape, i) => draw(shape, i));
      const options = {
        goBackwards: way.startsWith('backwards'),
        ...(way.endsWith('masked') ? { mask: tf.tensor2d([1, 0, 1, 1, 0, 0, 1, 1, 0, 1], [BATCH, STEPS]) } : {}),
      };
      const loss = (...given: tf.Tensor[]) =>
        tf.addN(run(options, ...given).map((y, i) => tf.sum(tf.mul(y, draw(y.shape, 50 + i)))));
      const gradients = tf.grads(loss)(tensors);
      for (const [i, gradient] of gradients.entries()) {
        const f = (moved: tf.Tensor) => loss(...tensors.map((tensor, j) => (i === j ? moved : tensor)));
        const length = tf.norm(gradient).dataSync()[0]!;
        expect(length).toBeGreaterThan(0.1);
        const directions = [gradient, ...[1, 2, 3].map((k) => draw(gradient.shape, 100 * i + k))];
        for (const direction of directions) {
          const unit = tf.div(direction, tf.norm(direction));
          const wanted = tf.sum(tf.mul(gradient, unit)).dataSync()[0]!;
          // A direction that is nearly at a right angle to the gradient has a slope of nearly 0: its usual size instead.
          const size = Math.max(Math.abs(wanted), length / Math.sqrt(gradient.size));
          expect(Math.abs(slope(f, tensors[i]!, unit) - wanted) / size).toBeLessThan(1e-3);
        }
      }
    });
  });
});
