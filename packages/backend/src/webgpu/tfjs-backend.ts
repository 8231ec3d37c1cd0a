import type * as tf from '@tensorflow/tfjs-core';

/** What is used of WebGPU's device. */
export interface Device extends EventTarget {
  readonly queue: { submit(commands: unknown[]): void };
  readonly limits: Record<string, number>;
  readonly lost: Promise<{ reason: string; message: string }>;
  createShaderModule(descriptor: { code: string }): object;
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

/** A shader as tfjs's engine takes it: it adds the declarations of inputs, output and uniforms and the entry point. */
export interface Program {
  readonly variableNames: readonly string[];
  readonly outputShape: number[];
  readonly workgroupSize: [number, number, number];
  readonly dispatchLayout: { x: number[] };
  /** Workgroups along each axis; tfjs spreads them where the device takes fewer along the first. */
  dispatch: [number, number, number];
  /** Of the code; tfjs appends ranks and types. */
  readonly shaderKey: string;
  /** Whether `uniforms.size` is declared. */
  readonly size: boolean;
  /** Declarations of the uniforms that a call brings, each ended by a comma. */
  readonly uniforms: string;
  getUserCode: () => string;
}

/** What is used of tfjs's WebGPU engine, some of which its types call private. */
export interface WebGpuBackend extends tf.KernelBackend {
  readonly device: Device;
  readonly tensorMap: {
    get(id: object): { values: unknown; dtype: tf.DataType; shape: number[]; resource?: Buffer };
  };
  readonly bufferManager: { acquireBuffer(size: number, usage: number, mapped?: boolean, reuse?: boolean): Buffer };
  readonly commandEncoder: {
    copyBufferToBuffer(from: Buffer, at: number, to: Buffer, toAt: number, size: number): void;
  };
  /** `output` is what the program works on where it does not make its own. */
  runWebGPUProgram(
    program: Program,
    inputs: tf.TensorInfo[],
    dtype: tf.DataType,
    uniforms?: { type: 'int32' | 'uint32' | 'float32'; data: number[] }[],
    output?: tf.TensorInfo,
  ): tf.TensorInfo;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  incRef(id: object): void;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: unknown): tf.TensorInfo;
  uploadToGPU(id: object): void;
  convertAndCacheOnCPU(id: object, values: unknown): tf.BackendValues;
}
