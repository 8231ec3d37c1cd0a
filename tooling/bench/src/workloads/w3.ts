import { uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';
import { RecipeLstm } from './recipe-lstm.ts';

const PROMPT = [26, 16]; // "recipe for"
const TOKENS = 100;
const MANY = 1000;
const TEMPERATURE = 1;

/** Text drawn token by token from the model of W2 with random weights, one sequence; the drawing is on the host. */
export async function* w3(): AsyncGenerator<Variant> {
  const model = new RecipeLstm();
  let seed = 0;
  const common = { amount: TOKENS, rateUnit: 'tokens/s' };
  yield { ...common, name: 'carried state', run: async () => void (await carried(model, TOKENS, seed++)) };
  let times: number[] = [];
  const run = async () => {
    times = await carried(model, MANY, seed++);
  };
  const between = (from: number, to: number) => () => times[to]! - times[from]!;
  yield { ...common, name: 'first 100 of 1000', run, counted: between(0, TOKENS) };
  yield { ...common, name: 'last 100 of 1000', run, counted: between(MANY - TOKENS, MANY) };
  yield { ...common, name: 'full re-run', run: () => rerun(model, TOKENS, seed++), dispose: () => model.dispose() };
}

/** Every call gets one token and the state. Returns the clock at the beginning and after every drawn token, milliseconds. */
async function carried(model: RecipeLstm, count: number, seed: number): Promise<number[]> {
  const draws = uniform(count, seed);
  const times = [performance.now()];
  let state = model.start();
  const advance = (token: number): tf.Tensor => {
    const { probabilities, ...next } = model.next(token, state, TEMPERATURE);
    tf.dispose([state.h, state.c]);
    state = next;
    return probabilities;
  };
  advance(PROMPT[0]!).dispose();
  let probabilities = advance(PROMPT[1]!);
  for (let i = 0; i < count; i++) {
    const token = draw(await probabilities.data<'float32'>(), draws[i]!);
    probabilities.dispose();
    times.push(performance.now());
    if (i + 1 < count) probabilities = advance(token);
  }
  tf.dispose([state.h, state.c]);
  return times;
}

/** Every call gets all tokens so far, and computes all probabilities. */
async function rerun(model: RecipeLstm, count: number, seed: number): Promise<void> {
  const draws = uniform(count, seed);
  const tokens = [...PROMPT];
  for (let i = 0; i < count; i++) {
    const probabilities = model.probabilities(tokens, TEMPERATURE);
    tokens.push(draw(await probabilities.data<'float32'>(), draws[i]!));
    probabilities.dispose();
  }
}

/** The first index at which the running sum of the probabilities passes u times their sum; u in (0, 1). */
export function draw(probabilities: Float32Array, u: number): number {
  let left = u;
  for (let i = 0; i < probabilities.length - 1; i++) {
    left -= probabilities[i]!;
    if (left < 0) return i;
  }
  return probabilities.length - 1;
}
