import * as tf from '@tensorflow/tfjs-core';

/** Runs `f` while the engine in use has `kernelFunc` under this name; then what it had before, if anything. */
export function withKernel<T>(kernelName: string, kernelFunc: tf.KernelFunc, f: () => T): T {
  const backendName = tf.getBackend();
  const own = tf.getKernel(kernelName, backendName);
  if (own !== undefined) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...own, kernelName, backendName, kernelFunc });
  try {
    return f();
  } finally {
    tf.unregisterKernel(kernelName, backendName);
    if (own !== undefined) tf.registerKernel(own);
  }
}
