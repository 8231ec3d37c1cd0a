import type * as tf from '@tensorflow/tfjs-core';

/** What is used of WebGPU's device. */
export interface Device extends EventTarget {
  readonly queue: { submit(commands: unknown[]): void };
  readonly limits: Record<string, number>;
  readonly lost: Promise<{ reason: string; message: string }>;
  createBuffer(descriptor: { size: number; usage: number }): Buffer;
}

/** A buffer of WebGPU. */
export interface Buffer {
  readonly size: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  destroy(): void;
}

/** What WebGPU tells about an adapter; every word may be empty. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
}

/** What is used of tfjs's WebGPU engine, some of which its types call private. */
export interface WebGpuBackend extends tf.KernelBackend {
  readonly device: Device;
  readonly tensorMap: {
    get(id: object): { values: unknown; dtype: tf.DataType; resource?: Buffer };
  };
  readonly bufferManager: { acquireBuffer(size: number, usage: number, mapped?: boolean, reuse?: boolean): Buffer };
  readonly commandEncoder: {
    copyBufferToBuffer(from: Buffer, at: number, to: Buffer, toAt: number, size: number): void;
  };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  convertAndCacheOnCPU(id: object, values: unknown): tf.BackendValues;
}
