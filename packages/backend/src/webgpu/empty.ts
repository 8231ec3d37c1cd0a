import * as tf from '@tensorflow/tfjs-core';
import type { WebGpuBackend } from './tfjs-backend.ts';

const mended = new WeakSet<object>();

/**
 * WebGPU binds no buffer of 0 bytes, so tfjs's engine fails where an argument is empty and the result is not (a sum over nothing).
 * An empty tensor gets a buffer of one number, which nobody reads, and keeps its values in memory.
 */
export function bindEmptyTensors(backend: WebGpuBackend): void {
  if (mended.has(backend)) return;
  mended.add(backend);
  const { uploadToGPU } = backend;
  backend.uploadToGPU = (id) => {
    const data = backend.tensorMap.get(id);
    if (data.resource != null || tf.util.sizeFromShape(data.shape) > 0) {
      uploadToGPU.call(backend, id);
      return;
    }
    const { STORAGE, COPY_SRC, COPY_DST } = (globalThis as unknown as { GPUBufferUsage: Record<string, number> })
      .GPUBufferUsage;
    data.values ??= tf.util.getArrayFromDType(data.dtype as 'float32', 0);
    data.resource = backend.bufferManager.acquireBuffer(4, STORAGE! | COPY_SRC! | COPY_DST!);
  };
}
