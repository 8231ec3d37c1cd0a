import { useEngine } from '@proj/backend';
import { MixtureOfLogistics } from '@proj/distributions';
import { normal } from '@proj/distributions/random';
import { Autoencoder, Vae } from '@proj/models';
import { Adam } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

/** Ten steps of Adam on an engine, from the same weights along the same gradients. */
async function tenSteps(engine: 'cpu' | 'wasm'): Promise<Float32Array> {
  await useEngine(engine);
  const weight = tf.variable(tf.tensor2d(normal(35, 1), [5, 7]));
  const adam = new Adam({ weight });
  for (let step = 0; step < 10; step++) {
    const gradient = tf.tensor2d(normal(35, 10 + step), [5, 7]);
    adam.update({ weight: gradient }, 0.01, 0.5);
    gradient.dispose();
  }
  const result = (await weight.data()) as Float32Array;
  adam.dispose();
  weight.dispose();
  return result.slice();
}

// packages/training may not know the engines, and packages/backend not the training: they meet here.
it("the engine's fused step of Adam is that of the loop in float64", async () => {
  const reference = await tenSteps('cpu');
  expect(tf.getKernel('ProjAdam', 'wasm')).toBeUndefined();
  const fused = await tenSteps('wasm');
  expect(tf.getKernel('ProjAdam', 'wasm')).toBeDefined();
  reference.forEach((value, i) => {
    expect(Math.abs(fused[i]! - value)).toBeLessThan(1e-5);
  });
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
