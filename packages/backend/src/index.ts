export { EngineError } from './engine-error.ts';
export type { EngineName, EngineStatus } from './engines.ts';
export { listEngines } from './list-engines.ts';
export { isOutOfMemory } from './out-of-memory.ts';
export { type EngineOptions, useEngine } from './use-engine.ts';
export type { WasmBuild } from './wasm/build.ts';
export { wasmFallbacks } from './wasm/own.ts';
