/** How the engines say that they have no memory left, in `name: message`. */
const SIGNS: readonly RegExp[] = [
  /out of memory/i, // ours on wasm; WebGPU's GPUOutOfMemoryError says so too
  /OutOfMemory/,
  /Invalid TF_Status: 8\b/, // RESOURCE_EXHAUSTED
  /OOM when allocating tensor/,
  /\bfailed to allocate memory\b/i, // TensorFlow on a card, outside its allocator
  /Array buffer allocation failed/, // V8, for tensors on the cpu engine and for what is read back
  /\bWebAssembly\.Memory(\.grow)?\(\): /, // V8, for the kernels that work beside tfjs-node
  /Invalid typed array length: \d/, // V8, more elements than an array can have
];

/**
 * Whether an error of an operation, on whatever engine, says that memory ran out: the processor's, the card's, or the
 * 4 GB that WebAssembly can address. Causes (`error.cause`) count. The engine goes on once tensors were disposed.
 */
export function isOutOfMemory(error: unknown): boolean {
  for (let e = error, depth = 0; e instanceof Error && depth < 8; e = e.cause, depth++) {
    const said = `${e.name}: ${e.message}`;
    if (SIGNS.some((sign) => sign.test(said))) return true;
  }
  return false;
}
