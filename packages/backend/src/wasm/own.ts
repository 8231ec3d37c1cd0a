import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../kernels/size.ts';
import { instantiate, type WasmBuild } from './build.ts';

/** What a kernel gets from tfjs. */
export interface KernelArgs<Inputs = tf.NamedTensorInfoMap, Attrs = object> {
  inputs: Inputs;
  attrs: Attrs;
  backend: BackendWasm;
}

/** A kernel of ours: the outputs, or undefined for shapes or types it does not take; then tfjs's own kernel runs. */
export type OwnKernel = (args: KernelArgs<never, never>, wasm: Own) => tf.TensorInfo | tf.TensorInfo[] | undefined;

type Compiled = (...numbers: number[]) => number;

/** Our compiled kernels on one instance of tfjs's WASM engine. */
export class Own {
  private static current: Own | undefined;

  private constructor(
    readonly build: WasmBuild,
    readonly backend: BackendWasm,
    private readonly wide: boolean,
    /** Functions of assembly/index.ts by name. Addresses are bytes: see `address`. */
    readonly run: Readonly<Record<string, Compiled>>,
  ) {}

  /** The kernels of the running engine; undefined before `start`. */
  static get(): Own | undefined {
    return Own.current;
  }

  /** Compiles the kernels for the engine that runs, unless the same ones run; `wide`: after `widenVectors`. */
  static async start(build: WasmBuild, wide: boolean): Promise<Own> {
    const backend = tf.backend() as BackendWasm;
    const current = Own.current;
    if (current?.backend === backend && current.build === build && (current.wide || !wide)) return current;
    const { memory } = (backend.wasm as unknown as { asm: { memory: WebAssembly.Memory } }).asm;
    Own.current = new Own(build, backend, wide, (await instantiate(build, memory)) as Record<string, Compiled>);
    Own.current.run.wideVectors!(Number(wide));
    return Own.current;
  }

  /** Where a tensor's elements begin, in bytes. Tensors of another engine are moved here first. */
  address({ dataId }: tf.TensorInfo): number {
    return this.backend.dataIdMap.get(dataId).memoryOffset;
  }

  /** A new tensor; its memory holds whatever was there. */
  output(shape: number[], dtype: tf.DataType = 'float32'): tf.TensorInfo {
    return this.backend.makeOutput(shape, dtype);
  }

  /**
   * A tensor of `info`'s shape for a kernel that reads an element of `info` no later than it writes it: `info`'s own memory under a
   * second name, if no other tensor has that, which is when disposing `info` would free it. What it held is gone then.
   */
  overwrite(info: tf.TensorInfo): tf.TensorInfo {
    const { dataId, shape, dtype } = info;
    const data = this.backend.dataIdMap.get(dataId);
    if (data.refCount !== 1) return this.output(shape, dtype);
    // XNNPACK keeps what it packed of a matrix until the data's number goes. The memory is not tfjs's to free here.
    const { tfjs } = this.backend.wasm;
    tfjs.disposeData(data.id);
    tfjs.registerTensor(data.id, sizeOf(shape), data.memoryOffset);
    this.backend.incRef(dataId);
    return { dataId, shape, dtype };
  }

  /** Bytes that `f` may use until it returns. Memory may grow: take views of it inside. */
  scratch<T>(bytes: number, f: (address: number) => T): T {
    const info = this.output([Math.max(1, Math.ceil(bytes / 4))]);
    try {
      return f(this.address(info));
    } finally {
      this.backend.disposeData(info.dataId);
    }
  }
}

/** What a kernel that works in any memory needs of one. Addresses die with the call. */
export interface Workspace extends Pick<Own, 'run' | 'address' | 'output' | 'overwrite' | 'scratch'> {
  readonly backend: Pick<BackendWasm, 'readSync' | 'incRef' | 'disposeData'>;
}

const fallbacks = new Map<string, number>();

/** How often tfjs's own kernel ran in place of ours, by kernel: shapes and types that ours does not take. */
export const wasmFallbacks = (): Record<string, number> => Object.fromEntries(fallbacks);

const ours = new WeakSet<tf.KernelFunc>();

/**
 * Puts a kernel of ours before tfjs's: whatever it does not take goes to tfjs's own, and is counted. A kernel that tfjs
 * does not have must take everything. Calling it again changes nothing.
 */
export function replaceKernel(kernelName: string, kernel: OwnKernel): void {
  const original = tf.getKernel(kernelName, 'wasm');
  if (original !== undefined && ours.has(original.kernelFunc)) return;
  const kernelFunc: tf.KernelFunc = (args) => {
    const own = Own.get();
    const result = own && kernel(args as unknown as KernelArgs<never, never>, own);
    if (result !== undefined) return result;
    if (original === undefined) throw new Error(`${kernelName}: no kernel of wasm takes these inputs.`);
    fallbacks.set(kernelName, (fallbacks.get(kernelName) ?? 0) + 1);
    return original.kernelFunc(args);
  };
  ours.add(kernelFunc);
  if (original !== undefined) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...original, kernelName, backendName: 'wasm', kernelFunc });
}
