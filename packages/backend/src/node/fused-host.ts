import * as tf from '@tensorflow/tfjs-core';
import { causalSampler } from '../kernels/causal-sampler.ts';
import { gru, gruGrad } from '../kernels/gru.ts';
import { logisticMixture } from '../kernels/logistic-mixture.ts';
import { lstm, lstmGrad } from '../kernels/lstm.ts';
import type { Kernel } from '../kernels/mended.ts';
import { sizeOf } from '../kernels/size.ts';
import {
  registerSparseGradients,
  SPARSE_MAT_MUL,
  SPARSE_VALUES,
  sparseMatMul,
  sparseValues,
} from '../kernels/sparse-mat-mul.ts';
import { chooseBuild, instantiate } from '../wasm/build.ts';
import type { KernelArgs, Workspace } from '../wasm/own.ts';
import { TENSORFLOW } from './execute.ts';
import { inFront, type NativeBackend } from './fused-native.ts';

type HostKernel = (args: KernelArgs<never, never>, memory: Workspace) => tf.TensorInfo | tf.TensorInfo[];

/** Kernels that are one pass in WebAssembly and hundreds of small operations in TensorFlow. */
const KERNELS: Record<string, HostKernel> = {
  ProjCausalSampler: causalSampler,
  ProjGruSequence: gru,
  ProjGruSequenceGrad: gruGrad,
  ProjLogisticMixture: logisticMixture,
  ProjLstmSequence: lstm,
  ProjLstmSequenceGrad: lstmGrad,
};

/** Sparse products, which no engine has but WASM: elsewhere rows are gathered and scattered. */
const SPARSE: Record<string, HostKernel> = { [SPARSE_MAT_MUL]: sparseMatMul, [SPARSE_VALUES]: sparseValues };

/** Inputs of more numbers are left to TensorFlow: their copies would take hundreds of MB. 128 MB. */
const LARGEST = 2 ** 25;

/** Puts our compiled kernels before the composed ones. For engines whose numbers are on the host: a copy in and a copy out. */
export async function registerHostKernels(): Promise<void> {
  const memory = await HostMemory.get();
  for (const [kernelName, kernel] of Object.entries(KERNELS)) {
    inFront(kernelName, (args, composed) => {
      const numbers = Object.values(args.inputs).reduce((sum, info) => sum + (info ? sizeOf(info.shape) : 0), 0);
      return numbers > LARGEST ? composed(args) : memory.call(kernel, args);
    });
  }
  for (const [kernelName, kernel] of Object.entries(SPARSE)) {
    if (tf.getKernel(kernelName, TENSORFLOW) !== undefined) continue;
    const kernelFunc: tf.KernelFunc = (args) => memory.call(kernel, args);
    tf.registerKernel({ kernelName, backendName: TENSORFLOW, kernelFunc });
  }
  registerSparseGradients();
}

const PAGE = 2 ** 16;
/** Address 0 is no tensor, and vectors are read whole. */
const FIRST = 64;

type Numbers = Float32Array | Int32Array;

/** Memory for compiled kernels beside an engine: what a call takes is free again after it, and stays this program's. */
class HostMemory implements Workspace {
  private static current: Promise<HostMemory> | undefined;
  private top = FIRST;
  private native!: NativeBackend;
  /** Addresses of the tensors of this call: copied in, or made here. */
  private readonly places = new Map<object, number>();
  private readonly made = new Set<object>();

  private constructor(
    private readonly memory: WebAssembly.Memory,
    readonly run: Workspace['run'],
  ) {}

  static get(): Promise<HostMemory> {
    HostMemory.current ??= (async () => {
      const memory = new WebAssembly.Memory({ initial: 16, maximum: 65_536 });
      return new HostMemory(memory, (await instantiate(chooseBuild(), memory)) as unknown as Workspace['run']);
    })();
    return HostMemory.current;
  }

  readonly backend = {
    readSync: (dataId: object) => this.native.readSync(dataId),
    incRef: (dataId: object) => {
      if (!this.made.has(dataId)) this.native.incRef(dataId);
    },
    disposeData: () => true, // all goes when the call ends
  };

  call(kernel: HostKernel, args: Kernel): ReturnType<HostKernel> {
    this.native = args.backend as NativeBackend;
    try {
      const outputs = kernel(args as unknown as KernelArgs<never, never>, this);
      return Array.isArray(outputs) ? outputs.map((output) => this.handOver(output)) : this.handOver(outputs);
    } finally {
      this.top = FIRST;
      this.places.clear();
      this.made.clear();
    }
  }

  address(info: tf.TensorInfo): number {
    const place = this.places.get(info.dataId);
    if (place !== undefined) return place;
    const values = this.native.readSync(info.dataId) as Numbers; // bytes in one that was cast from bool: set makes numbers of them
    const at = this.reserve(info);
    this.view(at, info).set(values);
    this.places.set(info.dataId, at);
    return at;
  }

  output(shape: number[], dtype: tf.DataType = 'float32'): tf.TensorInfo {
    const info = { dataId: {}, shape, dtype };
    this.places.set(info.dataId, this.reserve(info));
    this.made.add(info.dataId);
    return info;
  }

  /** The copy of `info` under a name of its own. */
  overwrite({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
    const out = { dataId: {}, shape, dtype };
    this.places.set(out.dataId, this.address({ dataId, shape, dtype }));
    this.made.add(out.dataId);
    return out;
  }

  scratch<T>(bytes: number, f: (address: number) => T): T {
    const before = this.top;
    try {
      return f(this.take(bytes));
    } finally {
      this.top = before;
    }
  }

  /** A result as a tensor of the engine, which sends the numbers to TensorFlow when an operation there asks for them. */
  private handOver(output: tf.TensorInfo): tf.TensorInfo {
    const { dataId, shape, dtype } = output;
    if (!this.made.has(dataId)) return output;
    const values = this.view(this.places.get(dataId)!, output).slice();
    return { dataId: this.native.write(values, shape, dtype), shape, dtype };
  }

  private view(at: number, { shape, dtype }: tf.TensorInfo): Numbers {
    const View = dtype === 'int32' ? Int32Array : Float32Array;
    return new View(this.memory.buffer, at, sizeOf(shape));
  }

  private reserve({ shape }: tf.TensorInfo): number {
    return this.take(4 * sizeOf(shape));
  }

  private take(bytes: number): number {
    const at = this.top;
    this.top = at + 16 * Math.ceil(bytes / 16);
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return at;
  }
}
