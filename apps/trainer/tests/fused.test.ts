import { useEngine } from '@proj/backend';
import { MixtureOfLogistics } from '@proj/distributions';
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

/** Kernels that the models and distributions use where an engine has them. */
const KERNELS = ['ProjSigmoidCrossEntropy', 'ProjGaussianKl', 'ProjLogisticMixture'];

type Numbers = () => Promise<number[]>;

/** What `f` gives in plain operations on cpu; composed there; compiled for wasm. */
async function everyWay(f: Numbers): Promise<Record<'plain' | 'composed' | 'compiled', number[]>> {
  await useEngine('cpu');
  for (const name of KERNELS) tf.unregisterKernel(name, 'cpu');
  const plain = await f();
  for (const name of KERNELS) expect(tf.getKernel(name, 'cpu')).toBeUndefined();
  await useEngine('cpu');
  for (const name of KERNELS) expect(tf.getKernel(name, 'cpu')).toBeDefined();
  const composed = await f();
  await useEngine('wasm');
  for (const name of KERNELS) expect(tf.getKernel(name, 'wasm')).toBeDefined();
  return { plain, composed, compiled: await f() };
}

const worst = (got: number[], expected: number[]) =>
  got.length === expected.length
    ? got.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!) / (1 + Math.abs(value))), 0)
    : Number.POSITIVE_INFINITY;

/** Loss and the gradient of every weight, flat, of small models. */
const models: Numbers = async () => {
  const x = tf.tensor2d(
    normal(5 * 64, 2).map((value) => (value > 0 ? 1 : 0)),
    [5, 64],
  );
  const imageShape = [8, 8, 1] as const;
  const numbers: number[] = [];
  for (const model of [
    new Autoencoder({ imageShape }),
    new Vae({ imageShape, hidden: 9 }),
    new Vae({ imageShape, net: 'conv' }),
  ]) {
    const { value, grads } = tf.variableGrads(() => model.loss(x, 3), Object.values(model.weights));
    numbers.push(...(await value.data()));
    for (const weight of Object.values(model.weights))
      for (const g of await grads[weight.name]!.data()) numbers.push(g);
    tf.dispose([value, grads]);
    model.dispose();
  }
  x.dispose();
  return numbers;
};

/** Log-probability, gradients and second derivatives of mixtures; several values for each; no tensor is left. */
const mixtures =
  (channels: number, withCoefficients: boolean): Numbers =>
  async () => {
    const before = tf.memory().numTensors;
    const all = tf.tidy(() => {
      const [batch, height, width, components] = [2, 2, 3, 4];
      const pixel = [batch, height, width, components];
      const pairs = (channels * (channels - 1)) / 2;
      const draw = (seed: number, ...shape: number[]) =>
        tf.tensor(
          normal(
            shape.reduce((a, b) => a * b, 1),
            seed,
          ),
          shape,
        );
      const parameters = [
        draw(1, ...pixel),
        draw(2, ...pixel, channels),
        tf.exp(tf.mul(0.5, draw(3, ...pixel, channels))),
        ...(withCoefficients ? [draw(4, ...pixel, pairs)] : []),
      ];
      const logProb = (y: tf.Tensor, [logits, loc, scale, coefficients]: tf.Tensor[]) =>
        new MixtureOfLogistics(logits!, loc!, scale!, { ...(coefficients ? { coefficients } : {}), high: 15 }).logProb(
          y,
        );
      const image = tf.clipByValue(tf.round(tf.add(7.5, tf.mul(6, draw(5, 5, batch, height, width, channels)))), 0, 15);
      const first = (...p: tf.Tensor[]) => tf.grads((...t) => tf.sum(tf.mul(logProb(image, t), draw(6, 5, batch))))(p);
      const second = tf.grads((...p) => tf.addN(first(...p).map((g) => tf.sum(tf.square(g)))))(parameters);
      const byValue = tf.grad((y) => tf.sum(logProb(y, parameters)))(image);
      const outside = logProb(tf.fill([1, height, width, channels], 16), parameters);
      expect(Array.from(outside.dataSync())).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
      const scores = [logProb(image, parameters), ...first(...parameters), byValue, ...second];
      return scores.flatMap((t) => Array.from(t.dataSync()));
    });
    expect(tf.memory().numTensors).toBe(before);
    return all;
  };

it.each([
  ['models', models],
  ['mixtures of one channel', mixtures(1, false)],
  ['mixtures of three channels', mixtures(3, true)],
  ['mixtures of three independent channels', mixtures(3, false)],
])('%s: losses and gradients through fused kernels are those of plain operations', async (_, numbers) => {
  const { plain, composed, compiled } = await everyWay(numbers);
  expect(plain.length).toBeGreaterThan(100);
  expect(worst(composed, plain)).toBeLessThan(2e-5);
  expect(worst(compiled, plain)).toBeLessThan(2e-5);
});
