import { useEngine } from '@proj/backend';
import { normal } from '@proj/distributions/random';
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
