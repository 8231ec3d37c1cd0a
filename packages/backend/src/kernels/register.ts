/** Registers this package's WASM kernels. Calling it again changes nothing. */
export function registerWasmKernels(): void {}
