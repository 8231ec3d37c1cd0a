import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Distribution } from '../src/index.ts';
import { CASES } from './cases/index.ts';
import { gradients, type Of } from './differentiated.ts';
import './on-engines.ts'; // registers the engines and the gradients
import { build } from './spec.ts';

/** Of draws, for the gradients through them. Large ones: what takes the time is the number of operations. */
const BATCHES = 24;
const BATCH = 750;

const continuous = CASES.filter((c) => c.enumerate === undefined);
const inTidy = (f: () => void) => tf.tidy(() => void f());

// On one engine: draws are made on the host, and the gradients' agreement on both is shown by gradients.test.ts.
beforeAll(() => tf.setBackend('wasm'));

describe.each(continuous.map((c) => [c.family, c] as const))('%s', (_, c) => {
  it('gradients through draws are those of the score function, or there are none', () => {
    expect(tf.tidy(() => build(c.examples[0]!).reparameterized)).toBe(c.reparameterized);
    if (c.family === 'Deterministic') return;
    for (const spec of c.examples) {
      const [path, score] = [[] as number[][], [] as number[][]];
      for (let seed = 0; seed < BATCHES; seed++) {
        inTidy(() => {
          const test = (x: tf.Tensor) => tf.tanh(tf.div(x, 4));
          const none = tf.scalar(0);
          const pathwise: Of = (p) => tf.mean(test(p.sample({ sampleShape: [BATCH], seed })), 0);
          path.push(gradients(spec, none, pathwise).flat());
          if (!c.reparameterized) return;
          const x = build(spec).sample({ sampleShape: [BATCH], seed: 1000 + seed });
          const eventAxes = build(spec).eventShape.map((_, i) => -1 - i);
          const value = eventAxes.length === 0 ? test(x) : tf.sum(test(x), eventAxes);
          const centred = tf.sub(value, tf.mean(value, 0, true)); // a baseline: less variance
          // An end of the support that moves brings its density (Leibniz), which the score does not have.
          const atEnd = (p: Distribution, end: 'low' | 'high') => {
            const fixed = build(spec);
            const at = fixed.parameters[end];
            if (at === undefined) return tf.scalar(0);
            const flow = tf.mul(tf.sub(test(at), tf.mean(value, 0)), fixed.prob(at));
            return tf.mul(flow, end === 'low' ? tf.neg(p.parameters.low!) : p.parameters.high!);
          };
          const surrogate: Of = (p) =>
            tf.addN([
              tf.sum(tf.mean(tf.mul(centred, p.logProb(x)), 0)),
              tf.sum(atEnd(p, 'low')),
              tf.sum(atEnd(p, 'high')),
            ]);
          score.push(gradients(spec, none, surrogate).flat());
        });
      }
      if (!c.reparameterized) {
        expect(path.flat().filter((g) => g !== 0)).toEqual([]);
        continue;
      }
      const [a, b] = [path, score].map(meanAndError);
      for (const [k, [mean, error]] of a!.entries()) {
        const [other, otherError] = b![k]!;
        const bias = Math.abs(other) / BATCH; // of the baseline from the same draws
        expect(Math.abs(mean - other)).toBeLessThan(5 * Math.hypot(error, otherError) + bias + 1e-5);
      }
    }
  });
});

/** Mean and standard error of each column. */
function meanAndError(rows: readonly number[][]): [mean: number, error: number][] {
  return rows[0]!.map((_, k) => {
    const mean = rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length;
    const square = rows.reduce((sum, row) => sum + (row[k]! - mean) ** 2, 0) / (rows.length - 1);
    return [mean, Math.sqrt(square / rows.length)];
  });
}
