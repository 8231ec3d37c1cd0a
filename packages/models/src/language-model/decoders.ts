import * as tf from '@tensorflow/tfjs-core';
import type { Decoder } from './generate.ts';
import type { State } from './recurrent-layer.ts';

/** What decoders ask of a model. */
export interface Network {
  /** Tokens int32 [B, T] -> outputs [B, T, H] of the last layer, and the last states of all. */
  run(tokens: tf.Tensor2D): { outputs: tf.Tensor; states: State[] };
  /** Tokens int32 [B] and states, borrowed -> output [B, H], and the next states. */
  step(tokens: tf.Tensor1D, states: State[]): { output: tf.Tensor2D; states: State[] };
  /** Outputs [N, H] -> logits [N, V], under this bias [V]. */
  logits(outputs: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D;
  readonly bias: tf.Tensor1D;
}

/** Keeps the states, so that a token costs one step. Tokens of `ban` have logits of -Infinity. */
export function carriedState(network: Network, count: number, ban: readonly number[]): Decoder {
  const bias = bannedBias(network.bias, ban);
  let states: State[] = [];
  return {
    start(prompt) {
      const first = tf.tidy(() => {
        const { outputs, states: ends } = network.run(tf.tensor2d(prompt, [1, prompt.length], 'int32'));
        const last = tf.slice(outputs, [0, prompt.length - 1, 0], [1, 1, -1]);
        const logits = network.logits(tf.reshape(last, [1, last.shape[2]!]), bias);
        return { logits: repeated(logits, count), states: ends.map((state) => state.map((s) => repeated(s, count))) };
      });
      states = first.states;
      return first.logits;
    },
    next(tokens) {
      const step = tf.tidy(() => {
        const { output, states: ends } = network.step(tf.tensor1d(tokens, 'int32'), states);
        return { logits: network.logits(output, bias), states: ends };
      });
      tf.dispose(states);
      states = step.states;
      return step.logits;
    },
    dispose() {
      tf.dispose(states);
      if (bias !== network.bias) bias.dispose();
    },
  };
}

/** Runs the network over all tokens so far, and makes all logits, for every token: the reference. */
export function fullRun(network: Network, count: number, ban: readonly number[]): Decoder {
  const bias = bannedBias(network.bias, ban);
  let texts: number[][] = [];
  const logits = (): tf.Tensor2D =>
    tf.tidy(() => {
      const steps = texts[0]!.length;
      const { outputs } = network.run(tf.tensor2d(texts, [count, steps], 'int32'));
      const all = network.logits(tf.reshape(outputs, [count * steps, outputs.shape[2]!]), bias);
      const byStep = tf.reshape(all, [count, steps, bias.size]);
      return tf.reshape(tf.slice(byStep, [0, steps - 1, 0], [count, 1, bias.size]), [count, bias.size]);
    });
  return {
    start(prompt) {
      texts = Array.from({ length: count }, () => Array.from(prompt));
      return logits();
    },
    next(tokens) {
      texts.forEach((text, b) => {
        text.push(tokens[b]!);
      });
      return logits();
    },
    dispose() {
      if (bias !== network.bias) bias.dispose();
    },
  };
}

/** One row `count` times. */
const repeated = <T extends tf.Tensor>(row: T, count: number): T => (count === 1 ? row : tf.tile(row, [count, 1]));

function bannedBias(bias: tf.Tensor1D, ban: readonly number[]): tf.Tensor1D {
  if (ban.length === 0) return bias;
  const wall = new Float32Array(bias.size);
  for (const id of ban) wall[id] = Number.NEGATIVE_INFINITY;
  return tf.tidy(() => tf.add(bias, tf.tensor1d(wall)));
}
