import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { EngineError, useEngine } from './index.ts';
import { v8Version } from './wasm/build.ts';

// Long enough for V8's optimising compiler, which alone pairs vectors.
const TIMES = 30;

/** Hashes of the results of kernels of every kind, over sizes that fill vectors and that do not. */
function results(): string[] {
  const out: string[] = [];
  for (const n of [7, 64, 129, 256]) {
    const a = tf.randomNormal([n, n], 0, 1, 'float32', 1);
    const b = tf.randomNormal([n, n], 0, 1, 'float32', 2);
    const image = tf.randomNormal<tf.Rank.R4>([2, 12, 12, 8], 0, 1, 'float32', 3);
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 8, 16], 0, 1, 'float32', 4);
    const ops: (() => tf.Tensor)[] = [
      () => tf.matMul(a, b),
      () => tf.matMul(a, b, true, false),
      () => tf.matMul(a, b, false, true),
      () => tf.conv2d(image, filter, 1, 'same'),
      () => tf.grad((x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter, 2, 'same'))(image),
      () => tf.logSoftmax(a),
      () => tf.exp(a),
      () => tf.tanh(a),
      () => tf.sum(a, 0),
      () => tf.mean(a, 1),
      () => tf.where(tf.greater(a, b), a, b),
      () => tf.transpose(a),
      () => tf.cumsum(a, 1),
    ];
    for (const op of ops) {
      let bits = new Float32Array();
      for (let i = 0; i < TIMES; i++) bits = tf.tidy(() => op().dataSync<'float32'>().slice());
      out.push(createHash('sha256').update(bits).digest('hex'));
    }
    tf.dispose([a, b, image, filter]);
  }
  return out;
}

const possible = process.arch === 'x64' && v8Version()! >= 13;

it.runIf(possible)('wideVectors changes no bit of any result', async () => {
  await useEngine('wasm');
  const narrow = results();
  await useEngine('wasm', { wideVectors: true });
  expect(results()).toEqual(narrow);
});

it.skipIf(possible)('wideVectors says what it needs, and the engine in use stays', async () => {
  await useEngine('cpu');
  const wide = useEngine('wasm', { wideVectors: true });
  await expect(wide).rejects.toThrow(EngineError);
  await expect(wide).rejects.toThrow(/^wasm: wideVectors: needs (a processor of x64|Node 24 or newer), and this is /);
  expect(tf.getBackend()).toBe('cpu');
});
