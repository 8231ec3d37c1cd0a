import { useEngine } from '@proj/backend';
import { uniform } from '@proj/distributions/random';
import { gru, gruStep, lstm, lstmStep } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { expect, it } from 'vitest';

interface Case {
  readonly batch: number;
  readonly steps: number;
  readonly units: number;
  readonly goBackwards: boolean;
  readonly resetAfter: boolean;
  readonly masked: boolean;
  readonly seed: number;
}

/** Outputs, states and gradients of an LSTM and a GRU on the engine that runs, flat. */
function numbersOf({ batch, steps, units, seed, masked, ...form }: Case): number[] {
  const features = 3;
  let next = seed;
  const random = (...shape: number[]) => {
    const numbers = uniform(tf.util.sizeFromShape(shape), next++);
    return tf.tensor(
      numbers.map((u) => 2 * u - 1),
      shape,
    );
  };
  return tf.tidy(() => {
    const x = random(batch, steps, features);
    const mask = tf.less(random(batch, steps), 0.5);
    const options = { ...form, ...(masked ? { mask } : {}) };
    const state = { h: random(batch, units), c: random(batch, units) };
    const weights = (gates: number, ...rows: number[]) =>
      [random(features, gates * units), random(units, gates * units), random(...rows, gates * units)] as const;
    const weighted = (...tensors: tf.Tensor[]) => tf.addN(tensors.map((t) => tf.sum(tf.mul(t, tf.cos(t)))));
    const results: tf.Tensor[] = [];
    const runLstm = (a: tf.Tensor, kernel: tf.Tensor, recurrentKernel: tf.Tensor, bias: tf.Tensor) => {
      const { outputs, h, c } = lstm(a, { kernel, recurrentKernel, bias }, { ...options, initialState: state });
      results.push(outputs, h, c);
      return weighted(outputs, h, c);
    };
    const runGru = (a: tf.Tensor, kernel: tf.Tensor, recurrentKernel: tf.Tensor, bias: tf.Tensor) => {
      const { outputs, h } = gru(a, { kernel, recurrentKernel, bias }, { ...options, initialState: state.h });
      results.push(outputs, h);
      return weighted(outputs, h);
    };
    const ofLstm = weights(4);
    const ofGru = form.resetAfter ? weights(3, 2) : weights(3);
    const first = tf.reshape(tf.slice(x, [0, 0, 0], [batch, 1, features]), [batch, features]);
    const step = lstmStep(first, { kernel: ofLstm[0], recurrentKernel: ofLstm[1], bias: ofLstm[2] }, state);
    const other = gruStep(first, { kernel: ofGru[0], recurrentKernel: ofGru[1], bias: ofGru[2] }, state.h, form);
    const gradients = [...tf.grads(runLstm)([x, ...ofLstm]), ...tf.grads(runGru)([x, ...ofGru])];
    results.length = 0; // those of the tape are gone
    runLstm(x, ...ofLstm);
    runGru(x, ...ofGru);
    return [...results, step.h, step.c, other, ...gradients].flatMap((t) => [...t.dataSync()]);
  });
}

const cases = fc.sample(
  fc.record({
    batch: fc.integer({ min: 1, max: 12 }),
    steps: fc.integer({ min: 1, max: 6 }),
    units: fc.integer({ min: 1, max: 20 }),
    goBackwards: fc.boolean(),
    resetAfter: fc.boolean(),
    masked: fc.boolean(),
    seed: fc.integer({ min: 0, max: 1e6 }),
  }),
  { seed: 1, numRuns: 15 },
);

// packages/layers may not know the engines, and packages/backend not the layers: they meet here.
it("recurrent nets give the same numbers by an engine's kernels as by plain operations", async () => {
  await tf.setBackend('cpu');
  expect(tf.getKernel('ProjLstmSequence', 'cpu')).toBeUndefined();
  const plain = cases.map(numbersOf);
  for (const engine of ['plain wasm', 'cpu', 'wasm'] as const) {
    if (engine === 'plain wasm') await tf.setBackend('wasm');
    else await useEngine(engine);
    for (const name of ['ProjLstmSequence', 'ProjGruSequence'])
      expect(tf.getKernel(name, tf.getBackend()) !== undefined).toBe(engine !== 'plain wasm');
    for (const [i, one] of cases.entries()) {
      const fused = numbersOf(one);
      expect(fused.length).toBe(plain[i]!.length);
      fused.forEach((value, k) => {
        const wanted = plain[i]![k]!;
        if (!(Math.abs(value - wanted) < 1e-5 * (1 + Math.abs(wanted))))
          expect.fail(`${engine}, ${JSON.stringify(one)}: number ${k} is ${value}, by plain operations ${wanted}`);
      });
    }
  }
});
