import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { arrayDataset, fit } from '@proj/training';

const points = Float32Array.from({ length: 200 }, (_, i) =>
  i % 2 === 0 ? i / 100 - 1 : 3 * ((i - 1) / 100 - 1) + 0.5,
); // x, y, x, y, ...
const weights = { slope: tf.variable(tf.scalar(0)), offset: tf.variable(tf.scalar(0)) };
const line = {
  weights,
  loss(batch: tf.Tensor): tf.Scalar {
    const [x, y] = tf.split(batch, 2, 1) as [tf.Tensor, tf.Tensor]; // batch [B, 2]
    return tf.losses.meanSquaredError(y, tf.add(tf.mul(weights.slope, x), weights.offset)) as tf.Scalar;
  },
};

fit(line, arrayDataset(points, [2]), { epochs: 50, batchSize: 10, seed: 0, learningRate: 0.05 }).then(({ steps }) => {
  console.log(
    `${steps} steps: y = ${weights.slope.dataSync()[0]!.toFixed(2)} x + ${weights.offset.dataSync()[0]!.toFixed(2)}`,
  );
});
