import { useEngine } from '@proj/backend';
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
