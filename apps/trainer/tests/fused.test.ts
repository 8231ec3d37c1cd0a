import { useEngine } from '@proj/backend';
import { normal } from '@proj/distributions/random';
import { Autoencoder, Vae } from '@proj/models';
import { Adam, AdamW, arrayDataset, fit, MemoryCheckpoints } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

type Make = (weights: Record<string, tf.Variable>) => Adam;

/** Ten steps on an engine, from the same weights along the same gradients: weights and moments. */
async function tenSteps(engine: 'cpu' | 'wasm', make: Make, clipNorm?: number): Promise<number[]> {
  await useEngine(engine);
  const weights = {
    kernel: tf.variable(tf.tensor2d(normal(35, 1), [5, 7])),
    bias: tf.variable(tf.tensor1d(normal(3, 2))),
    unused: tf.variable(tf.scalar(1)),
  };
  const optimizer = make(weights);
  const before = tf.memory().numTensors;
  for (let step = 0; step < 10; step++) {
    const gradients = { kernel: tf.tensor2d(normal(35, 10 + step), [5, 7]), bias: tf.tensor1d(normal(3, 30 + step)) };
    if (clipNorm === undefined) optimizer.update(gradients, 0.01, 0.5);
    else await optimizer.clippedUpdate(gradients, 0.01, clipNorm);
    tf.dispose(gradients);
  }
  expect(tf.memory().numTensors).toBe(before);
  const { tensors } = await optimizer.state();
  const numbers = Object.values(weights).flatMap((weight) => [...weight.dataSync()]);
  for (const { data } of Object.values(tensors)) numbers.push(...data);
  optimizer.dispose();
  tf.dispose(weights);
  return numbers;
}

// packages/training may not know the engines, and packages/backend not the training: they meet here.
it.each<[string, Make, number | undefined]>([
  ['Adam', (weights) => new Adam(weights), undefined],
  ['Adam, clipped', (weights) => new Adam(weights), 5], // norms are about 6
  ['AdamW', (weights) => new AdamW(weights, { weightDecay: 0.5 }), undefined],
  ['AdamW, clipped', (weights) => new AdamW(weights, { weightDecay: 0.5 }), 5],
])("the engine's fused step is that of the loop in float64: %s", async (_, make, clipNorm) => {
  const reference = await tenSteps('cpu', make, clipNorm);
  const fused = await tenSteps('wasm', make, clipNorm);
  expect(fused.length).toBe(reference.length);
  reference.forEach((value, i) => {
    expect(Math.abs(fused[i]! - value)).toBeLessThan(1e-5);
  });
});

it('a step is one kernel for all weights', async () => {
  await useEngine('wasm');
  const weights = { a: tf.variable(tf.ones([2, 3])), b: tf.variable(tf.ones([4])) };
  const gradients = { a: tf.ones([2, 3]), b: tf.ones([4]) };
  const adam = new Adam(weights);
  const { kernelNames } = await tf.profile(() => adam.update(gradients, 0.1));
  expect(kernelNames).toEqual(['ProjAdamAll']);
  adam.dispose();
  tf.dispose([weights, gradients]);
});

it('the fused step makes no step where it clips and a gradient is not finite', async () => {
  await useEngine('wasm');
  const weight = tf.variable(tf.tensor1d([1, 2]));
  const adam = new Adam({ weight });
  const bad = tf.tensor1d([1, Number.NaN]);
  expect(await adam.clippedUpdate({ weight: bad }, 0.1, 1)).toBe(Number.NaN);
  expect([adam.step, ...weight.dataSync()]).toEqual([0, 1, 2]);
  adam.dispose();
  tf.dispose([weight, bad]);
});

it('the fused step leaves clones of weights as they were, and the state it gave', async () => {
  await useEngine('wasm');
  const weight = tf.variable(tf.tensor1d([1, 2]));
  const gradient = tf.tensor1d([1, -1]);
  const adam = new Adam({ weight });
  adam.update({ weight: gradient }, 0.1); // from here on weight and moments are nobody else's
  const clone = tf.clone(weight);
  const [kept, state] = [clone.arraySync(), await adam.state()];
  const moments = structuredClone(state);
  adam.update({ weight: gradient }, 0.1);
  expect(clone.arraySync()).toEqual(kept);
  expect(weight.arraySync()).not.toEqual(kept);
  expect(state).toEqual(moments);
  adam.dispose();
  tf.dispose([weight, gradient, clone]);
});

// In place or not, clipped, with decay: a run is its seed and nothing else.
it('a run on the fused step resumes to the bit', async () => {
  await useEngine('wasm');
  const imageShape = [8, 8, 1] as const;
  const data = arrayDataset(
    normal(20 * 64, 2).map((value) => (value > 0 ? 1 : 0)),
    [64],
  );
  const options = { epochs: 2, batchSize: 6, seed: 1, clipNorm: 0.1, weightDecay: 0.1 };
  const whole = new Autoencoder({ imageShape });
  await fit(whole, data, options);
  const halves = new Autoencoder({ imageShape });
  const checkpoints = new MemoryCheckpoints();
  const abort = new AbortController();
  const onStep = ({ globalStep }: { globalStep: number }) => globalStep === 3 && abort.abort();
  await fit(halves, data, { ...options, checkpoints, signal: abort.signal, onStep: (report) => void onStep(report) });
  const fresh = new Autoencoder({ imageShape });
  const { steps } = await fit(fresh, data, { ...options, checkpoints, resume: true });
  expect(steps).toBe(8);
  for (const [name, weight] of Object.entries(whole.weights)) {
    expect(fresh.weights[name]!.dataSync(), name).toEqual(weight.dataSync());
  }
  for (const model of [whole, halves, fresh]) model.dispose();
});

/** Loss and the gradient of every weight, flat, of two small models on an engine. */
async function gradients(engine: 'cpu' | 'wasm'): Promise<number[]> {
  await useEngine(engine);
  const x = tf.tensor2d(
    normal(5 * 64, 2).map((value) => (value > 0 ? 1 : 0)),
    [5, 64],
  );
  const imageShape = [8, 8, 1] as const;
  const models = [
    new Autoencoder({ imageShape }),
    new Vae({ imageShape, hidden: 9 }),
    new Vae({ imageShape, net: 'conv' }),
  ];
  const numbers: number[] = [];
  for (const model of models) {
    const { value, grads } = tf.variableGrads(() => model.loss(x, 3), Object.values(model.weights));
    numbers.push(...(await value.data()));
    for (const weight of Object.values(model.weights))
      for (const g of await grads[weight.name]!.data()) numbers.push(g);
    tf.dispose([value, grads]);
    model.dispose();
  }
  x.dispose();
  return numbers;
}

it("the models' losses and gradients through the engine's fused kernels are those of plain operations", async () => {
  const reference = await gradients('cpu');
  expect(tf.getKernel('ProjSigmoidCrossEntropy', 'cpu')).toBeUndefined();
  const fused = await gradients('wasm');
  expect(tf.getKernel('ProjSigmoidCrossEntropy', 'wasm')).toBeDefined();
  expect(fused.length).toBe(reference.length);
  const worst = fused.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - reference[i]!) / (1 + Math.abs(value))),
    0,
  );
  expect(worst).toBeLessThan(2e-5);
});
