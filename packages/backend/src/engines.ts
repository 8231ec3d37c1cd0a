import type { WasmBuild } from './wasm/build.ts';

/** What `useEngine` takes. `auto` is the first of node-gpu, node, wasm and cpu that runs here. */
export type EngineName = 'auto' | 'wasm' | 'cpu' | 'node' | 'node-gpu' | 'webgpu';

/** Whether an engine runs here. */
export interface EngineStatus {
  name: string;
  available: boolean;
  /** One line: what it runs on, or why it cannot run and what to do about it. */
  reason: string;
  /** The version of the engine's package; null if it is not known without loading it. */
  version: string | null;
  /** On wasm: which build of our kernels runs, or would run. */
  build?: WasmBuild;
  /** On wasm, once started: whether the option `wideVectors` took effect. */
  wideVectors?: boolean;
  /** What `auto` tried before this one, in that order, and why each does not run here. */
  passedOver?: readonly PassedOver[];
}

/** An engine that `auto` passed over. */
export interface PassedOver {
  name: string;
  reason: string;
}

/** An engine's package and the name under which that package registers itself with tfjs. */
export interface Engine {
  readonly name: Exclude<EngineName, 'auto'>;
  readonly packageName: string;
  readonly backend: string;
}

/** In the order in which `listEngines` reports them. */
export const ENGINES: readonly Engine[] = [
  { name: 'wasm', packageName: '@tensorflow/tfjs-backend-wasm', backend: 'wasm' },
  { name: 'cpu', packageName: '@tensorflow/tfjs-backend-cpu', backend: 'cpu' },
  { name: 'node', packageName: '@tensorflow/tfjs-node', backend: 'tensorflow' },
  { name: 'node-gpu', packageName: '@tensorflow/tfjs-node-gpu', backend: 'tensorflow' },
  { name: 'webgpu', packageName: '@tensorflow/tfjs-backend-webgpu', backend: 'webgpu' },
];

export const ENGINE_NAMES: readonly EngineName[] = ['auto', ...ENGINES.map(({ name }) => name)];

/** True for the engines that are native addons of Node. */
export function isNative({ name }: Pick<Engine, 'name'>): boolean {
  return name === 'node' || name === 'node-gpu';
}
