import * as tf from '@tensorflow/tfjs-core';
import type { EventPump } from './event-pump.ts';
import type { Buffer, WebGpuBackend } from './tfjs-backend.ts';

/** Lets data be read synchronously, which tfjs's engine can only where there is a canvas. */
export function readSynchronously(backend: WebGpuBackend, pump: EventPump): void {
  const { readSync } = backend;
  backend.readSync = (id) => {
    const { values, dtype, resource } = backend.tensorMap.get(id);
    if (values != null || dtype === 'string' || dtype === 'complex64' || resource === undefined) {
      return readSync.call(backend, id);
    }
    const bytes = copyOut(backend, resource, pump);
    return backend.convertAndCacheOnCPU(id, tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype as 'float32'));
  };
}

function copyOut(backend: WebGpuBackend, from: Buffer, pump: EventPump): ArrayBuffer {
  const { GPUBufferUsage, GPUMapMode } = globalThis as unknown as Record<string, Record<string, number>>;
  const usage = GPUBufferUsage!.COPY_DST! | GPUBufferUsage!.MAP_READ!;
  const staging = backend.device.createBuffer({ size: from.size, usage });
  try {
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder.copyBufferToBuffer(from, 0, staging, 0, from.size);
    backend.submitQueue();
    staging.mapAsync(GPUMapMode!.READ!).catch(() => {}); // seen by its state
    pump.until(() => staging.mapState !== 'pending');
    if (staging.mapState === 'mapped') return staging.getMappedRange().slice(0);
    throw new Error('webgpu: the device did not hand its data out: it was lost, or its driver failed.');
  } finally {
    staging.destroy();
  }
}
