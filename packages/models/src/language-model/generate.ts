import { foldIn, uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { breather } from '../internal/breather.ts';
import { checkPositiveInteger, checkSeed } from '../internal/check.ts';
import { drawToken, mostProbable, type NextToken } from '../sampling/draw-token.ts';
import { checkDecoding, mostLikely, restrict, type TokenDistributionOptions } from '../sampling/token-distribution.ts';

/** The id that ends a text. */
export const STOP = 0;

export interface StreamTextOptions extends TokenDistributionOptions {
  /** Ids of the first words, one at least; none is the stop, 0. */
  prompt: ArrayLike<number>;
  /** The most tokens of a text, those of the prompt among them. Default 100. */
  maxTokens?: number;
  seed: number;
  /** How many of the most probable next tokens to tell beside each one drawn. Default 0. */
  top?: number;
  /** Stops between two tokens: the signal's reason is thrown. */
  signal?: AbortSignal;
}

export interface GenerateTextOptions extends StreamTextOptions {
  /** How many texts at once, each with draws of its own: the first ones are the same whatever their number. Default 1. */
  count?: number;
}

/** A token and the probability with which it was drawn: at the temperature, of what top-k, top-p and bans leave. */
export interface DrawnToken extends NextToken {
  /** The most probable tokens at this place, the most probable first; fewer than asked for where fewer have a chance. */
  top: NextToken[];
}

export interface GeneratedText {
  /** Ids after the prompt, without the stop. */
  tokens: number[];
  /** Whether the text ended by itself, and not because of `maxTokens`. */
  stopped: boolean;
  /** Every draw, that of the stop too. */
  steps: DrawnToken[];
}

/** What gives the logits of the next token of several texts, [count, V]; the caller disposes them. */
export interface Decoder {
  /** After the prompt, the same for all. */
  start(prompt: Int32Array): tf.Tensor2D;
  /** After one more token of each. */
  next(tokens: Int32Array): tf.Tensor2D;
  dispose(): void;
}

/** @throws RangeError that names the option that does not fit. */
export function checkGeneration(who: string, classes: number, options: GenerateTextOptions): void {
  const { prompt, count = 1, maxTokens = 100, seed, top = 0 } = options;
  checkPositiveInteger(who, 'count', count);
  checkPositiveInteger(who, 'maxTokens', maxTokens);
  checkSeed(who, seed);
  checkDecoding(who, classes, options);
  if (!(Number.isSafeInteger(top) && top >= 0)) {
    throw new RangeError(`${who}: top must be an integer of 0 or more, got ${top}.`);
  }
  if (prompt.length === 0) throw new RangeError(`${who}: prompt must hold a token at least. Give the first words.`);
  const wrong = Array.from(prompt).find((id) => !(Number.isSafeInteger(id) && id > STOP && id < classes));
  if (wrong !== undefined) {
    throw new RangeError(`${who}: prompt must hold tokens from 1 to ${classes - 1}, got ${wrong}. 0 ends a text.`);
  }
}

/** Draws of every text that has not stopped, step after step; undefined in place of those that have. Disposes the decoder. */
export async function* drawSteps(
  decoder: Decoder,
  options: GenerateTextOptions,
): AsyncGenerator<(DrawnToken | undefined)[]> {
  const { count = 1, maxTokens = 100, temperature = 1, seed, top = 0, signal } = options;
  const prompt = Int32Array.from(options.prompt);
  const draws = Array.from({ length: count }, (_, b) =>
    uniform(Math.max(0, maxTokens - prompt.length), foldIn(seed, b)),
  );
  const pause = breather(signal);
  const last = new Int32Array(count).fill(-1);
  try {
    signal?.throwIfAborted();
    for (let step = 0; step < maxTokens - prompt.length; step++) {
      const softened = soften(step === 0 ? decoder.start(prompt) : decoder.next(last), temperature);
      const values = (await softened.data()) as Float32Array; // a copy
      softened.dispose();
      const classes = values.length / count;
      const drawn = draws.map((own, b) => {
        if (last[b] === STOP) return undefined;
        const row = values.subarray(b * classes, (b + 1) * classes);
        return temperature === 0 ? certain(mostLikely(row), top) : draw(restrict(row, options), own[step]!, top);
      });
      drawn.forEach((token, b) => {
        last[b] = token?.id ?? STOP;
      });
      yield drawn;
      if (last.every((id) => id === STOP)) return;
      await pause();
    }
  } finally {
    decoder.dispose();
  }
}

/** All the texts of `drawSteps`. */
export async function drawTexts(decoder: Decoder, options: GenerateTextOptions): Promise<GeneratedText[]> {
  const steps: DrawnToken[][] = Array.from({ length: options.count ?? 1 }, () => []);
  for await (const drawn of drawSteps(decoder, options)) {
    drawn.forEach((token, b) => {
      if (token) steps[b]!.push(token);
    });
  }
  return steps.map((own) => ({
    tokens: own.map(({ id }) => id).filter((id) => id !== STOP),
    stopped: own.at(-1)?.id === STOP,
    steps: own,
  }));
}

/**
 * softmax(logits / temperature), [N, V], of logits that are spent. The largest is subtracted before the division, so that no
 * temperature overflows; at 0 the logits themselves.
 */
function soften(logits: tf.Tensor2D, temperature: number): tf.Tensor {
  const softened = tf.tidy(() => {
    if (temperature === 0) return tf.clone(logits);
    if (temperature === 1) return tf.softmax(logits);
    const below = tf.sub(logits, tf.max(logits, 1, true));
    return tf.softmax(tf.div(below, Math.min(Math.max(temperature, SMALLEST), LARGEST)));
  });
  logits.dispose();
  return softened;
}

/**
 * What float32 can divide by, also a banned token's -Infinity. Beyond, temperatures change nothing: logits that differ are
 * 1e22 apart or more, or at most 1e-22.
 */
const [SMALLEST, LARGEST] = [1e-30, 1e30];

const draw = (probabilities: Float32Array, u: number, top: number): DrawnToken => {
  const id = drawToken(probabilities, u);
  return { id, probability: probabilities[id]!, top: top > 0 ? mostProbable(probabilities, top) : [] };
};

const certain = (id: number, top: number): DrawnToken => ({
  ...{ id, probability: 1 },
  top: top > 0 ? [{ id, probability: 1 }] : [],
});
