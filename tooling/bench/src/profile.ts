import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from './measure.ts';

/** Time inside one kernel, without the kernels that it calls. Milliseconds for a unit of work. */
export interface KernelTime {
  readonly kernel: string;
  readonly calls: number;
  readonly ms: number;
}

export interface Profile {
  /** The longest first. */
  readonly kernels: readonly KernelTime[];
  /** Milliseconds of the whole unit. What is not in kernels is dispatch, gradients' bookkeeping, copies of data, read-back. */
  readonly ms: number;
}

/** Before: runs and milliseconds at least. V8 compiles what dispatches kernels only after some hundred calls. */
const WARM_UP_RUNS = 5;
const WARM_UP_MS = 1000;

/**
 * Runs `steps` units with a clock around every kernel of the engine, and gives the means. For engines that compute when they
 * are called (wasm, cpu, node); the clocks cost about a microsecond a call.
 */
export async function profile(variant: Variant, steps: number): Promise<Profile> {
  const begin = performance.now();
  for (let i = 0; i < WARM_UP_RUNS || performance.now() - begin < WARM_UP_MS; i++) await variant.run();
  const { totals, stop } = watchKernels();
  try {
    const start = performance.now();
    for (let i = 0; i < steps; i++) await variant.run();
    const ms = (performance.now() - start) / steps;
    const kernels = [...totals].map(([kernel, { calls, ms }]) => ({ kernel, calls: calls / steps, ms: ms / steps }));
    return { kernels: kernels.sort((a, b) => b.ms - a.ms), ms };
  } finally {
    stop();
  }
}

interface Total {
  calls: number;
  ms: number;
}

function watchKernels(): { totals: ReadonlyMap<string, Total>; stop: () => void } {
  const totals = new Map<string, Total>();
  const originals = [...tf.getKernelsForBackend(tf.getBackend())];
  let nested = 0; // time of kernels called by the one that runs
  const timed = (name: string, kernelFunc: tf.KernelFunc): tf.KernelFunc => {
    const total: Total = { calls: 0, ms: 0 };
    return (args) => {
      const outer = nested;
      nested = 0;
      const start = performance.now();
      try {
        return kernelFunc(args);
      } finally {
        const elapsed = performance.now() - start;
        total.calls += 1;
        total.ms += elapsed - nested;
        nested = outer + elapsed;
        totals.set(name, total);
      }
    };
  };
  const register = (config: tf.KernelConfig, kernelFunc: tf.KernelFunc) => {
    tf.unregisterKernel(config.kernelName, config.backendName);
    tf.registerKernel({ ...config, kernelFunc });
  };
  for (const config of originals) register(config, timed(config.kernelName, config.kernelFunc));
  return { totals, stop: () => originals.forEach((config) => void register(config, config.kernelFunc)) };
}
