import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { noWebGpu, skipped } from '../../tests/webgpu.ts';

const held = () => [tf.memory().numTensors, (tf.memory() as { numBytesInGPU?: number }).numBytesInGPU];

// In Node on Dawn and, with the long suite, in Chromium.
describe.skipIf(noWebGpu !== null)(`training on WebGPU${skipped}`, () => {
  it('lowers the loss, and 200 steps leave neither tensors nor memory of the device', async () => {
    const x = tf.reshape(tf.linspace(-1, 1, 256), [64, 4]);
    const kernel = tf.variable(tf.fill([4, 3], 0.1));
    const adam = tf.train.adam(0.05);
    const lossOf = () => tf.mean(tf.square(tf.sub(tf.tanh(tf.matMul(x, kernel)), 0.5))) as tf.Scalar;
    const step = async (read: boolean) => {
      const loss = adam.minimize(lossOf, true)!;
      const [value] = read ? await loss.data() : [Number.NaN];
      loss.dispose();
      return value!;
    };
    const first = await step(true);
    const before = held();
    let last = first;
    for (let i = 0; i < 200; i++) last = await step(i % 20 === 19);
    expect(held()).toEqual(before);
    expect(last).toBeLessThan(first / 1.2);
    tf.dispose([x, kernel]);
    adam.dispose();
  });
});
