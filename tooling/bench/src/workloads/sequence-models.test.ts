import { useEngine } from '@proj/backend';
import { LanguageModel } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { beforeAll, expect, it } from 'vitest';
import { drawnWords, LENGTH, symbolRows } from '../text/names.ts';
import { drawnRows, ROW, VOCABULARY } from '../text/recipes.ts';
import { countParams } from './initial.ts';
import { optimizerStep } from './training-step.ts';
import { wordVae } from './w10.ts';

beforeAll(() => useEngine('wasm'));

/** Losses of steps on one batch; nothing is left behind but the weights' disposal. */
async function losses(
  model: LanguageModel | ReturnType<typeof wordVae>,
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
  const model = new LanguageModel();
  expect(countParams(model.weights)).toBe(2_407_248);
  const rows = tf.tensor2d(drawnRows(0).subarray(0, 2 * ROW), [2, ROW], 'int32');
  const values = await losses(model, () => model.loss(rows), 1e-2, 3);
  rows.dispose();
  expect(Math.abs(values[0]! - Math.log(VOCABULARY))).toBeLessThan(0.02);
  expect(values[2]).toBeLessThan(values[0]! - 0.2);
});

it('W3: carried state and the whole text draw the same tokens, bans kept', async () => {
  const model = new LanguageModel({ seed: 1 });
  const options = {
    prompt: [26, 16],
    maxTokens: 8,
    seed: 2,
    count: 2,
    temperature: 0.7,
    ban: [0, 9999],
    top: VOCABULARY,
  };
  const [carried, full] = [await model.generate(options), await model.generateByFullRun(options)];
  expect(full.map(({ tokens }) => tokens)).toEqual(carried.map(({ tokens }) => tokens));
  const distribution = (text: (typeof full)[number]) => {
    const { top } = text.steps.at(-1)!;
    const p = new Float64Array(VOCABULARY);
    for (const { id, probability } of top) p[id] = probability;
    return p;
  };
  const [a, b] = [distribution(carried[1]!), distribution(full[1]!)];
  expect([a[0], a[9999]]).toEqual([0, 0]);
  for (let id = 1; id < VOCABULARY - 1; id++) {
    if (!(Math.abs(b[id]! / a[id]! - 1) < 1e-5)) expect.fail(`token ${id}: ${b[id]} and ${a[id]}`);
  }
  expect(b.reduce((x, y) => x + y)).toBeCloseTo(1, 4);
  expect(Math.max(...b) / Math.min(...b.subarray(1, -1))).toBeGreaterThan(1.001); // not all equal: the state matters
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
