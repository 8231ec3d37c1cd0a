import { arrayDataset, fit } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients

const points = Float32Array.from([-1, -0.5, 0, 0.5, 1].flatMap((x) => [x, 3 * x + 0.5]));
const [slope, offset] = [tf.variable(tf.scalar(0)), tf.variable(tf.scalar(0))];
const line = {
  weights: { slope, offset }, // checkpoints are keyed by these names
  loss(batch: tf.Tensor) {
    const [x, y] = tf.split(batch, 2, 1) as [tf.Tensor, tf.Tensor]; // batch [B, 2]
    return tf.mean(tf.square(tf.sub(tf.add(tf.mul(slope, x), offset), y))) as tf.Scalar;
  },
};
const options = { epochs: 200, batchSize: 2, seed: 0, learningRate: 0.05 };
fit(line, arrayDataset(points, [2]), options).then(({ steps }) => {
  console.log(`${steps} steps: y = ${slope.dataSync()[0]!.toFixed(2)} x + ${offset.dataSync()[0]!.toFixed(2)}`);
});
