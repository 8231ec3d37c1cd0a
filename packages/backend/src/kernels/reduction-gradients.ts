import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradients of sum and mean, as tfjs's but for the ones they are spread with: tfjs fills an array in JavaScript and copies
 * it, which takes longer than the sum; here the engine makes them, and the mean divides before it spreads.
 */
export function registerReductionGradients(): void {
  for (const kernelName of [tf.Sum, tf.Mean]) {
    const gradFunc: tf.GradFunc = (dy, [x], attrs) => {
      const input = x!;
      const shape = input.shape.slice();
      let count = 1;
      for (const axis of tf.util.parseAxisParam(attrs.axis as number | number[], shape)) {
        count *= input.shape[axis]!;
        shape[axis] = 1;
      }
      return {
        x: () => {
          const grad = tf.reshape(dy as tf.Tensor, shape);
          const ones = input.dtype === 'float32' ? tf.onesLike(input) : tf.ones(input.shape, 'float32');
          return tf.mul(kernelName === tf.Mean ? tf.div(grad, count) : grad, ones);
        },
      };
    };
    tf.registerGradient({ kernelName, inputsToSave: ['x'], gradFunc });
  }
}
