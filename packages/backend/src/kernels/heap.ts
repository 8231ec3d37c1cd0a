import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';

type Kernel = (...numbers: (number | Uint8Array)[]) => void;

/**
 * The WASM engine's memory and compiled kernels, one level below tfjs's tensors.
 *
 * A view (`floats`, `ints`) dies when the memory grows: take it after the last allocation, and again after
 * every compiled kernel, for XNNPACK allocates too. Fresh memory is not zeroed.
 */
export class Heap {
  private static readonly heaps = new WeakMap<BackendWasm, Heap>();
  private readonly matMul: Kernel;
  private readonly conv2d: Kernel;

  private constructor(readonly backend: BackendWasm) {
    const { cwrap } = backend.wasm as unknown as { cwrap(name: string, result: null, parameters: string[]): Kernel };
    const kernel = (name: string, parameters: string): Kernel =>
      cwrap(
        name,
        null,
        [...parameters].map((p) => (p === 'a' ? 'array' : 'number')),
      );
    this.matMul = kernel('BatchMatMul', 'nannannnn');
    this.conv2d = kernel('Conv2D', 'n'.repeat(19));
  }

  static of(backend: BackendWasm): Heap {
    const known = Heap.heaps.get(backend);
    if (known !== undefined) return known;
    const heap = new Heap(backend);
    Heap.heaps.set(backend, heap);
    return heap;
  }

  floats(info: TensorInfo): Float32Array {
    return this.backend.typedArrayFromHeap(info) as Float32Array;
  }

  ints(info: TensorInfo): Int32Array {
    return this.backend.typedArrayFromHeap(info) as Int32Array;
  }

  /** Memory that `f` may use and that is freed after it, float32. */
  scratch<T>(size: number, f: (info: TensorInfo) => T): T {
    const info = this.backend.makeOutput([size], 'float32');
    try {
      return f(info);
    } finally {
      this.backend.disposeData(info.dataId);
    }
  }

  /**
   * Gives `size` elements of a tensor from `start` on an id of their own for compiled kernels, for the time of `f`.
   * XNNPACK keeps what it packs of a weight as long as the weight's id lives: an alias ends that early.
   */
  alias<T>(info: TensorInfo, start: number, size: number, f: (id: number) => T): T {
    const { tfjs } = this.backend.wasm;
    const offset = this.backend.getMemoryOffset(info.dataId) + start * 4;
    // tfjs draws its ids from the same private counter.
    const counter = this.backend as unknown as { dataIdNextNumber: number };
    const id = counter.dataIdNextNumber++;
    tfjs.registerTensor(id, size, offset);
    try {
      return f(id);
    } finally {
      tfjs.disposeData(id);
    }
  }

  /** out [M, N] = a [M, K] b [K, N], all by id, none empty: the one product that XNNPACK does. */
  product(a: number, b: number, out: number, m: number, k: number, n: number): void {
    this.matMul(a, bytes(1, m, k), 3, b, bytes(1, k, n), 3, 0, 0, out);
  }

  /** out = conv(x, filter) by id, stride 1, with explicit paddings. */
  convolve(x: number, filter: number, out: number, g: ConvolveShape): void {
    const { batch, height, width, filterHeight, filterWidth, channels, outChannels, pad } = g;
    const [top, right, bottom, left] = pad;
    const sizes = [filterHeight, filterWidth, top, right, bottom, left, 0, 1, 1, 1, 1, channels, outChannels];
    this.conv2d(x, batch, height, width, filter, ...sizes, out);
  }
}

export interface ConvolveShape {
  batch: number;
  height: number;
  width: number;
  channels: number;
  outChannels: number;
  filterHeight: number;
  filterWidth: number;
  /** Top, right, bottom, left. */
  pad: readonly [number, number, number, number];
}

function bytes(...shape: number[]): Uint8Array {
  return new Uint8Array(new Int32Array(shape).buffer);
}
