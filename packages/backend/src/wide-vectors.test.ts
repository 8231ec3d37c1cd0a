import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { EngineError, useEngine } from './index.ts';
import { v8Version } from './wasm/build.ts';

// Long enough for V8's optimising compiler, which alone pairs vectors.
const TIMES = 20;

/** Hashes of the results of kernels of every kind, over sizes that fill vectors and that do not. */
function results(): string[] {
  const out: string[] = [];
  for (const n of [7, 64, 129]) {
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
    // Fused kernels: a dense layer's cross-entropy with its gradients, a sequence, a normalisation
    const wide = tf.randomNormal([n, 4 * n], 0, 0.1, 'float32', 5);
    const sequence = tf.randomNormal([2, 5, 4 * n], 0, 1, 'float32', 6);
    const state = tf.zeros([2, n]);
    const row = tf.ones([n]);
    const bias = tf.zeros([4 * n]);
    const labels = tf.range(0, n, 1, 'int32');
    const fused = [wide, sequence, state, row, bias, labels];
    const run = (kernel: string, inputs: Record<string, tf.Tensor>, attrs = {}) => {
      const outputs = tf.engine().runKernel<tf.Tensor[]>(kernel, inputs, attrs);
      return tf.concat(outputs.map((output) => tf.reshape(output, [-1])));
    };
    ops.push(
      () => run('ProjDenseCrossEntropy', { x: a, kernel: wide, bias, labels, weights: row }, { gradient: true }),
      () => run('ProjLstmSequence', { projected: sequence, recurrent: wide, h: state, c: state }, { backward: false }),
      () => run('ProjLayerNorm', { x: a, gamma: row, beta: row }, { epsilon: 1e-3 }),
      () => run('ProjSigmoidCrossEntropy', { x: b, logits: a }, { gradient: true }),
    );
    for (const op of ops) {
      let bits = new Float32Array();
      for (let i = 0; i < TIMES; i++) bits = tf.tidy(() => op().dataSync<'float32'>().slice());
      out.push(createHash('sha256').update(bits).digest('hex'));
    }
    tf.dispose([a, b, image, filter, ...fused]);
  }
  return out;
}

const possible = process.arch === 'x64' && v8Version()! >= 13;

it.runIf(possible)('wideVectors changes no bit of any result (needs Node 24 on x64)', async () => {
  await useEngine('wasm');
  const narrow = results();
  await useEngine('wasm', { wideVectors: true });
  expect(results()).toEqual(narrow);
});

it("'auto' takes them where they are known to work, and says so", async () => {
  const known = process.platform === 'linux' && process.arch === 'x64' && process.versions.v8.startsWith('13.6.');
  const { wideVectors } = await useEngine('wasm', { wideVectors: 'auto' });
  if (known && /\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) expect(wideVectors).toBe(true);
  else expect(wideVectors).toBe(false);
});

it.skipIf(possible)('wideVectors says what it needs, and the engine in use stays', async () => {
  await useEngine('cpu');
  const wide = useEngine('wasm', { wideVectors: true });
  await expect(wide).rejects.toThrow(EngineError);
  await expect(wide).rejects.toThrow(/^wasm: wideVectors: needs (a processor of x64|Node 24 or newer), and this is /);
  expect(tf.getBackend()).toBe('cpu');
});
