import { useEngine } from '@proj/backend';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { beforeAll, expect, it } from 'vitest';
import { drawnWords, LENGTH, symbolRows } from '../text/names.ts';
import { drawnRows, ROW, VOCABULARY } from '../text/recipes.ts';
import { countParams } from './initial.ts';
import { RecipeLstm } from './recipe-lstm.ts';
import { optimizerStep } from './training-step.ts';
import { wordVae } from './w10.ts';

beforeAll(() => useEngine('wasm'));

/** Losses of steps on one batch; nothing is left behind but the weights' disposal. */
async function losses(
  model: RecipeLstm | ReturnType<typeof wordVae>,
  loss: (seed: number) => tf.Scalar,
  rate: number,
  steps: number,
): Promise<number[]> {
  const { step, dispose } = optimizerStep(model, loss, rate);
  const values = [await step()];
  const { numTensors } = tf.memory();
  for (let i = 1; i < steps; i++) values.push(await step());
  expect(tf.memory().numTensors).toBe(numTensors);
  dispose();
  return values;
}

// Counts: the peers page. First losses: symbols equally probable, as random weights make them nearly.

it('W2: 2,407,248 parameters; the loss begins at ln 10000 and falls', async () => {
  const model = new RecipeLstm();
  expect(countParams(model.weights)).toBe(2_407_248);
  const rows = tf.tensor2d(drawnRows(0).subarray(0, 2 * ROW), [2, ROW], 'int32');
  const values = await losses(model, () => model.loss(rows), 1e-2, 3);
  rows.dispose();
  expect(Math.abs(values[0]! - Math.log(VOCABULARY))).toBeLessThan(0.02);
  expect(values[2]).toBeLessThan(values[0]! - 0.2);
});

it('W3: carried state and the whole sequence give the same probabilities', async () => {
  const model = new RecipeLstm(1);
  const tokens = [26, 16, 9999, 0, 16, 3];
  let state = model.start();
  let carried: tf.Tensor | undefined;
  for (const token of tokens) {
    tf.dispose(carried);
    const { probabilities, ...next } = model.next(token, state, 0.7);
    tf.dispose([state.h, state.c]);
    [state, carried] = [next, probabilities];
  }
  const whole = model.probabilities(tokens, 0.7);
  const [a, b] = [carried!.dataSync<'float32'>(), whole.dataSync<'float32'>()];
  expect(whole.shape).toEqual([VOCABULARY]);
  expect(Math.max(...b.map((p, i) => Math.abs(p / a[i]! - 1)))).toBeLessThan(1e-5);
  expect(b.reduce((x, y) => x + y)).toBeCloseTo(1, 4);
  expect(Math.max(...b) / Math.min(...b)).toBeGreaterThan(1.001); // not all equal: the state matters
  tf.dispose([state.h, state.c, carried!, whole]);
  model.dispose();
});

it('W10: 46,089 parameters; the loss begins at ln 63 a symbol, half the KL beside it, and falls', async () => {
  const model = wordVae();
  expect(countParams(model.weights)).toBe(46_089);
  const words = drawnWords(0).slice(0, 64);
  const rows = tf.tensor2d(symbolRows(words).subarray(0, 64 * LENGTH), [64, LENGTH], 'int32');
  const symbols = words.reduce((sum, word) => sum + word.length + 1, 0) / words.length;
  const values = await losses(model, (seed) => model.loss(rows, seed), 1e-2, 30);
  rows.dispose();
  // Half of 16 dimensions' free bits, 0.05 nats each, or little more.
  expect(Math.abs((values[0]! - 0.4) / symbols - Math.log(63))).toBeLessThan(0.1);
  expect(values.at(-1)! / symbols).toBeLessThan(3);
});
