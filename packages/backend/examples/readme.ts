import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // brings the gradients
import { useEngine } from '@proj/backend';

useEngine('wasm').then(({ name }) => {
  const stripes = Array.from({ length: 64 }, (_, i) => (i % 3) / 2);
  const image = tf.tensor4d(stripes, [1, 8, 8, 1]);
  const filter = tf.variable(tf.tensor4d(new Array(9).fill(0.1), [3, 3, 1, 1]));
  const adam = tf.train.adam(0.05);
  for (let step = 0; step <= 50; step++) {
    const loss = adam.minimize(() => {
      const small = tf.conv2d(image, filter, 2, 'same'); // [1, 4, 4, 1]
      const large = tf.conv2dTranspose(small, filter, [1, 8, 8, 1], 2, 'same');
      return tf.mean(tf.squaredDifference(image, tf.where(tf.greater(large, 0), large, 0)));
    }, true);
    if (step % 25 === 0) console.log(`${name}: loss ${loss?.arraySync().toFixed(2)} after ${step} steps`);
  }
});
