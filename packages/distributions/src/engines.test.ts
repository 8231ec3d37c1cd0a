import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { afterAll, expect, it } from 'vitest';
import { Bernoulli } from './bernoulli.ts';
import { Categorical } from './categorical.ts';
import { klDivergence } from './kl-divergence.ts';
import { MixtureSameFamily } from './mixture-same-family.ts';
import { Normal } from './normal.ts';
import { standardLogistic, standardNormal, standardUniform } from './standard.ts';

afterAll(() => tf.setBackend('cpu'));

const onEngine = async (engine: string, f: () => tf.Tensor[]): Promise<Float32Array[]> => {
  expect(await tf.setBackend(engine)).toBe(true);
  return tf.tidy(f).map((t) => t.dataSync().slice() as Float32Array);
};

// Not tf.linspace, whose last bit differs between the engines.
const ramp = (from: number, to: number) => Array.from({ length: 100 }, (_, i) => from + ((to - from) * i) / 99);

it('the same seed gives the same bits on cpu and wasm', async () => {
  const draws = () => [
    standardNormal([1000], 0),
    standardUniform([1000], 1),
    standardLogistic([1000], 2),
    new Normal(tf.tensor(ramp(-3, 3)), tf.tensor(ramp(0.1, 9))).sample({ sampleShape: [50], seed: 3 }),
    new Bernoulli(tf.tensor(ramp(-6, 6))).sample({ sampleShape: [500], seed: 4 }),
    new Categorical(tf.tensor(ramp(-3, 3))).sample({ sampleShape: [500], seed: 5 }),
    new MixtureSameFamily(new Categorical(tf.tensor(ramp(-3, 3))), new Normal(tf.tensor(ramp(-9, 9)), 1)).sample({
      sampleShape: [500],
      seed: 6,
    }),
  ];
  const [cpu, wasm] = [await onEngine('cpu', draws), await onEngine('wasm', draws)];
  cpu.forEach((expected, i) => {
    expect(new Uint8Array(wasm[i]!.buffer)).toEqual(new Uint8Array(expected.buffer));
  });
});

// Both engines compute in float32, wasm with its own exp and log: equal to a few float32 steps of the largest term.
it('values and gradients agree on cpu and wasm', async () => {
  const results = () => {
    const ones = tf.ones([40]);
    const loc = tf.linspace(-3, 3, 40);
    const scale = tf.linspace(0.5, 4, 40);
    const normal = (l: tf.Tensor, s: tf.Tensor) => {
      const p = new Normal(l, s);
      return tf.add(p.logProb(ones), tf.add(p.entropy(), klDivergence(p, new Normal(ones, ones))));
    };
    const bernoulli = (l: tf.Tensor) => {
      const p = new Bernoulli(l);
      return tf.add(p.logProb(ones), tf.add(p.entropy(), klDivergence(p, new Bernoulli(ones))));
    };
    return [
      normal(loc, scale),
      bernoulli(loc),
      ...tf.grads((l, s) => tf.sum(normal(l, s)))([loc, scale]),
      tf.grad((l: tf.Tensor) => tf.sum(bernoulli(l)))(loc),
    ];
  };
  const [cpu, wasm] = [await onEngine('cpu', results), await onEngine('wasm', results)];
  expect(cpu.length).toBe(5);
  cpu.forEach((expected, i) => {
    expected.forEach((value, j) => {
      expect(Math.abs(wasm[i]![j]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    });
  });
});
