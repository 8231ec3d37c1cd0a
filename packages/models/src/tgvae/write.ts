import { foldIn, uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { checkPositiveInteger } from '../internal/check.ts';
import { drawToken } from '../sampling/draw-token.ts';
import { type TokenDistributionOptions, tokenDistribution } from '../sampling/token-distribution.ts';
import { type Sentences, STOP } from './sentences.ts';

/** How words are drawn; `temperature` and the rest are those of `tokenDistribution`. */
export interface GenerateOptions extends TokenDistributionOptions {
  /** Words a document has at most. Default 60. */
  readonly maxTokens?: number;
}

/**
 * Documents for codes z [B, Z], borrowed, word after word with the state carried on: each ends before its first stop, or after
 * `maxTokens` words. Row b's words depend on the seed, b and its own words alone, so not on the other rows.
 */
export async function write(
  sentences: Sentences,
  units: number,
  z: tf.Tensor2D,
  seed: number,
  { maxTokens = 60, ...options }: GenerateOptions,
): Promise<Int32Array[]> {
  checkPositiveInteger('TopicGuidedVae.generate', 'maxTokens', maxTokens);
  const batch = z.shape[0];
  const draws = Array.from({ length: batch }, (_, b) => uniform(maxTokens, foldIn(seed, b)));
  const documents: number[][] = Array.from({ length: batch }, () => []);
  const done = new Uint8Array(batch);
  const previous = new Int32Array(batch).fill(STOP);
  let state = tf.zeros([batch, units]) as tf.Tensor2D;
  try {
    for (let step = 0; step < maxTokens && done.includes(0); step++) {
      const next = tf.tidy(() => sentences.next(tf.tensor1d(previous, 'int32'), state, z));
      state.dispose();
      state = next.state;
      const logits = await take(next.logits);
      const width = logits.length / batch;
      for (let b = 0; b < batch; b++) {
        if (done[b]) continue;
        const word = drawToken(
          tokenDistribution(logits.subarray(b * width, (b + 1) * width), options),
          draws[b]![step]!,
        );
        previous[b] = word;
        if (word === STOP) done[b] = 1;
        else documents[b]!.push(word);
      }
    }
  } finally {
    state.dispose();
  }
  return documents.map((words) => Int32Array.from(words));
}

async function take(x: tf.Tensor): Promise<Float32Array> {
  try {
    return (await x.data()) as Float32Array;
  } finally {
    x.dispose();
  }
}
