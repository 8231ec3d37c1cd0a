import { useEngine } from '@proj/backend';
import { normal } from '@proj/distributions/random';
import { Autoencoder } from '@proj/models';
import { Adam } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

/** Bytes of the WASM engine's memory, which only ever grows. */
function heapBytes(): number {
  const { asm } = (tf.backend() as unknown as { wasm: { asm: { memory: WebAssembly.Memory } } }).wasm;
  return asm.memory.buffer.byteLength;
}

// W1 of the benchmark: a buffer of 100 KB forgotten at each step would grow the heap by 90 MB between the two readings.
it('1,000 steps of the MNIST auto-encoder leave tensors and heap as they were after 100', async () => {
  await useEngine('wasm');
  const model = new Autoencoder({ seed: 0 });
  const adam = new Adam(model.weights);
  const variables = Object.values(model.weights);
  const pixels = normal(128 * 784, 1).map((value) => (value > 1 ? 1 : 0));
  const steps = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const x = tf.tensor2d(pixels, [128, 784]);
      const { value, grads } = tf.variableGrads(() => model.loss(x, i), variables);
      adam.update(Object.fromEntries(Object.entries(model.weights).map(([name, w]) => [name, grads[w.name]])), 1e-3);
      await value.data();
      tf.dispose([x, value, grads]);
    }
    const { numTensors, numDataBuffers } = tf.memory();
    return { numTensors, numDataBuffers, dataIds: tf.backend().numDataIds(), heap: heapBytes() };
  };
  const early = await steps(100);
  expect(await steps(900)).toEqual(early);
  adam.dispose();
  model.dispose();
});
