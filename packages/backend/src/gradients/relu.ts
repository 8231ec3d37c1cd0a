import * as tf from '@tensorflow/tfjs-core';

/** Of relu, as tfjs has it, but one pass where the engine has a kernel for it: in a step of a deep network the other pass shows. */
export function registerReluGradient(): void {
  tf.registerGradient({
    kernelName: tf.Relu,
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => ({ x: () => reluGradient(dy as tf.Tensor, saved[0]!) }),
  });
}

function reluGradient(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const compiled = tf.getKernel('ProjReluGradient', tf.getBackend()) !== undefined;
  const plain = tf.engine().isTapeOn() || dy.dtype !== 'float32' || x.dtype !== 'float32'; // someone differentiates this too
  if (plain || !compiled) return tf.mul(dy, tf.cast(tf.step(x), 'float32'));
  return tf.engine().runKernel('ProjReluGradient', { dy, x });
}
