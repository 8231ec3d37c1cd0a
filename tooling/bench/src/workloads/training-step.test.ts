import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { useEngine } from '@proj/backend';
import { expect, it } from 'vitest';
import { optimizerStep, trainingStep } from './training-step.ts';

const square = () => {
  const w = tf.tidy(() => tf.variable(tf.tensor1d([3, -2])));
  return { weights: { w }, loss: () => tf.sum(tf.square(w)) as tf.Scalar, dispose: () => w.dispose() };
};

it('goes down the slope and leaves nothing behind', async () => {
  await useEngine('wasm');
  const before = tf.memory().numTensors;
  const model = square();
  const { step, dispose } = optimizerStep(model, model.loss, 0.1);
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) losses.push(await step());
  dispose();
  expect(losses[0]).toBe(13);
  expect(losses.at(-1)).toBeLessThan(2);
  expect(tf.memory().numTensors).toBe(before);
});

it('takes consecutive batches, whole ones, and begins again', async () => {
  await useEngine('cpu');
  const seen: number[][] = [];
  const { weights, dispose } = square();
  const loss = (x: tf.Tensor) => {
    seen.push([...x.dataSync()]);
    return tf.add(tf.sum(x), tf.sum(weights.w)) as tf.Scalar;
  };
  const model = { weights, dispose, loss };
  const data = Float32Array.from({ length: 14 }, (_, i) => i);
  const variant = trainingStep({ name: 's', model, data, itemSize: 2, batch: 3, learningRate: 0.1, steps: 2 });
  expect(variant.amount).toBe(6);
  await variant.run();
  await variant.run();
  variant.dispose!();
  const [first, second] = [
    [0, 1, 2, 3, 4, 5],
    [6, 7, 8, 9, 10, 11],
  ];
  expect(seen).toEqual([first, second, first, second]);
});
