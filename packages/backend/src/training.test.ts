import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { startEngines, values } from '../tests/engines.ts';

beforeAll(async () => {
  await startEngines();
  tf.env().set('IS_TEST', false); // tfjs's check of kernels takes what it saves for fusedMatMul's gradient for a leak
});

interface Network {
  weights: number[][];
  loss(weights: tf.Tensor[]): tf.Tensor;
}

const dense: Network = {
  weights: [[20, 32], [32], [32, 10], [10]],
  loss: ([w1, b1, w2, b2]) => {
    const hidden = tf.tanh(tf.fused.matMul({ a: values([16, 20], 90), b: w1!, bias: b1! }));
    const logits = tf.add(tf.matMul(hidden, w2!), b2!);
    return tf.losses.meanSquaredError(values([16, 10], 91), logits);
  },
};

/** Strided convolution, pooling, depthwise convolution, a look-up and a condition: every kernel that WASM lacked. */
const conv: Network = {
  weights: [
    [3, 3, 2, 8],
    [3, 3, 8, 1],
    [32, 6],
    [5, 6],
  ],
  loss: ([w1, w2, w3, table]) => {
    const x = tf.conv2d(values([4, 9, 9, 2], 92) as tf.Tensor4D, w1 as tf.Tensor4D, 2, 'same'); // [4, 5, 5, 8]
    const rectified = tf.where(tf.greater(x, 0), x, tf.mul(x, 0.1)) as tf.Tensor4D;
    const y = tf.depthwiseConv2d(rectified, w2 as tf.Tensor4D, 1, 'valid'); // [4, 3, 3, 8]
    const pooled = tf.avgPool(y, 2, 1, 'valid'); // [4, 2, 2, 8]
    const logits = tf.matMul(tf.reshape(pooled, [4, 32]), w3 as tf.Tensor2D);
    const found = tf.gather(table!, tf.tensor1d([0, 3, 3, 4], 'int32'));
    return tf.losses.meanSquaredError(values([4, 6], 93), tf.add(logits, found));
  },
};

/** A convolutional VAE's two halves: stride-2 convolution to a code, transposed convolution back to the image. */
const vae: Network = {
  weights: [
    [3, 3, 1, 8],
    [128, 3],
    [128, 3],
    [3, 128],
    [3, 3, 1, 8],
  ],
  loss: ([encode, loc, scale, decode, transposed]) => {
    const image = tf.add(tf.mul(0.5, values([6, 8, 8, 1], 94)), 0.5) as tf.Tensor4D;
    const features = tf.reshape(tf.relu(tf.conv2d(image, encode as tf.Tensor4D, 2, 'same')), [6, 128]);
    const [mean, deviation] = [tf.matMul(features, loc!), tf.softplus(tf.matMul(features, scale!))];
    const z = tf.add(mean, tf.mul(deviation, values([6, 3], 95)));
    const hidden = tf.reshape(tf.relu(tf.matMul(z, decode!)), [6, 4, 4, 8]) as tf.Tensor4D;
    const logits = tf.conv2dTranspose(hidden, transposed as tf.Tensor4D, [6, 8, 8, 1], 2, 'same');
    const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, image)));
    const kl = tf.sum(tf.sub(tf.mul(0.5, tf.add(tf.square(mean), tf.square(deviation))), tf.log(deviation)));
    return tf.div(tf.add(reconstruction, kl), 6);
  },
};

/** The losses of `steps` Adam steps from the same start. */
async function train({ weights, loss }: Network, engine: 'wasm' | 'cpu', steps: number): Promise<number[]> {
  await tf.setBackend(engine);
  const before = tf.memory().numTensors;
  const variables = weights.map((shape, i) => tf.tidy(() => tf.variable(tf.mul(0.3, values(shape, i)))));
  const adam = tf.train.adam(0.03);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => loss(variables) as tf.Scalar);
      adam.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
      losses.push(value.dataSync()[0]!);
    });
  }
  adam.dispose();
  tf.dispose(variables);
  expect(tf.memory().numTensors - before).toBe(0);
  return losses;
}

it.each([
  ['dense', dense],
  ['convolutional', conv],
  ['convolutional VAE', vae],
])('a %s network trains on wasm as it does on cpu', async (_name, network) => {
  const [wasm, cpu] = [await train(network, 'wasm', 20), await train(network, 'cpu', 20)];
  for (const [step, loss] of cpu.entries()) expect(Math.abs(wasm[step]! / loss - 1)).toBeLessThan(1e-3);
  expect(cpu[19]!).toBeLessThan(0.9 * cpu[0]!); // it does learn
});
