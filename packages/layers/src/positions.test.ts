import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { PositionalEmbedding, SinusoidalPositions, sinusoidalPositions } from './positions.ts';

it('PositionalEmbedding adds its rows, whatever stands before', () => {
  const layer = new PositionalEmbedding();
  const x = tf.randomNormal([2, 3, 4, 5], 0, 1, 'float32', 1);
  layer.apply(x);
  const kernel = tf.reshape(tf.range(0, 20), [4, 5]);
  layer.setWeights([kernel]);
  const y = layer.apply(x) as tf.Tensor;
  expect(y.arraySync()).toEqual(tf.add(x, tf.tile(tf.reshape(kernel, [1, 1, 4, 5]), [2, 3, 1, 1])).arraySync());
  // Each row meets 2 x 3 places.
  const { grads } = tf.variableGrads(() => tf.sum(layer.apply(x) as tf.Tensor) as tf.Scalar);
  expect(Object.values(grads).map((g) => [...g.dataSync()])).toEqual([new Array(20).fill(6)]);
});

// Counts: systems.md 1.4, [1, G, 256] for G = 4; and its standard deviation, 0.0877, of Keras's glorot_normal. The tolerance is 5
// standard errors of 1,024 draws; that of tfjs's glorotNormal, 0.0771, is out of it.
it('PositionalEmbedding starts as in Keras: 1,024 parameters of standard deviation 0.0877', () => {
  const layer = new PositionalEmbedding();
  layer.build([null, 4, 256]);
  expect(layer.countParams()).toBe(1024);
  const { mean, variance } = tf.moments(layer.getWeights()[0]!);
  const deviation = Math.sqrt(2 / 260);
  expect(deviation).toBeCloseTo(0.0877, 4);
  expect(Math.abs(Math.sqrt(variance.dataSync()[0]!) - deviation)).toBeLessThan((5 * deviation) / Math.sqrt(2 * 1024));
  expect(Math.abs(mean.dataSync()[0]!)).toBeLessThan((5 * deviation) / Math.sqrt(1024));
});

it('PositionalEmbedding takes shorter inputs, and no longer ones', () => {
  const layer = new PositionalEmbedding({ maxLength: 3, initializer: 'ones' });
  expect([...(layer.apply(tf.zeros([1, 2, 1])) as tf.Tensor).dataSync()]).toEqual([1, 1]);
  expect(layer.countParams()).toBe(3);
  expect(() => layer.apply(tf.zeros([1, 4, 1]))).toThrow(RangeError);
  expect(() => layer.apply(tf.zeros([1, 4, 1]))).toThrow(
    'got 4 positions, but embeddings for 3. Set maxLength to as many as may come.',
  );
  expect(() => new PositionalEmbedding({ maxLength: 0 })).toThrow('maxLength must be a positive integer, got 0.');
  expect(() => new PositionalEmbedding().build([null, null, 4])).toThrow(
    'with a known D, and a known T or maxLength, got [, , 4].',
  );
});

// Closed form: rates 1 and 1/100 for four features.
it('sinusoidal positions are the formula of the paper', () => {
  const waves = sinusoidalPositions(50, 4);
  expect(waves.shape).toEqual([50, 4]);
  const golden = Array.from({ length: 50 }, (_, t) => [
    Math.sin(t),
    Math.cos(t),
    Math.sin(t / 100),
    Math.cos(t / 100),
  ]).flat();
  for (const [i, value] of waves.dataSync().entries()) expect(value).toBeCloseTo(golden[i]!, 6);
  expect([...sinusoidalPositions(1, 3).dataSync()]).toEqual([0, 1, 0]);
  expect(() => sinusoidalPositions(0, 4)).toThrow('sinusoidalPositions: steps must be a positive integer, got 0.');
});

it('SinusoidalPositions adds them, for any length', () => {
  const layer = new SinusoidalPositions();
  for (const steps of [2, 5]) {
    const x = tf.ones([2, steps, 4]);
    expect((layer.apply(x) as tf.Tensor).arraySync()).toEqual(tf.add(x, sinusoidalPositions(steps, 4)).arraySync());
  }
  expect(() => new SinusoidalPositions().apply(tf.ones([2, 3]))).toThrow(
    'SinusoidalPositions: the input must be [B, ..., T, D], got [2, 3].',
  );
});
