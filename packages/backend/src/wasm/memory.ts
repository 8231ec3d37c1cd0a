import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

interface Module {
  asm: { malloc(bytes: number): number };
  _malloc(bytes: number): number;
  HEAPU8: Uint8Array;
}

/** WebAssembly's addresses have 32 bits. */
const ADDRESSABLE = 2 ** 32;

const guarded = new WeakSet<object>();

/**
 * Makes the WASM engine throw where it has no memory for a tensor. tfjs takes the address 0 that its malloc then returns, and
 * the tensor is written over the engine's own data, as is one of 4 GB or more, whose size wraps around.
 */
export function guardMemory(backend: BackendWasm): void {
  const module = backend.wasm as unknown as Module;
  if (guarded.has(module)) return;
  guarded.add(module);
  const { malloc } = module.asm;
  module._malloc = (bytes) => {
    const address = bytes < ADDRESSABLE ? malloc(bytes) : 0;
    if (address === 0 && bytes > 0) throw new RangeError(outOfMemory(bytes, module.HEAPU8.length));
    return address;
  };
}

function outOfMemory(bytes: number, size: number): string {
  const wanted = `${(bytes / 2 ** 20).toFixed(1)} MB`;
  const has = `${(size / 2 ** 20).toFixed(0)} MB`;
  return `wasm: out of memory: no room for ${wanted} more. Its memory has grown to ${has} of the 4096 MB it can address: use smaller batches, or the engine node.`;
}
