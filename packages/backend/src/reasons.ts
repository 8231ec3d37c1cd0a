import * as tf from '@tensorflow/tfjs-core';
import { type Engine, isNative } from './engines.ts';
import { type Adapter, dawnFault, runsOnAdapter, vulkanFault } from './internal/adapters.ts';
import { addonFault, loadFault, secondCore } from './internal/addon.ts';
import { cudaFault } from './internal/cuda.ts';
import { thisMachine } from './internal/machine.ts';
import type { NativeBackend, Probe } from './internal/native.ts';
import { installedVersion, isNode } from './internal/node.ts';
import { chooseBuild, type WasmBuild } from './wasm/build.ts';

/** One line on an engine that runs. */
export function runsOn({ name }: Engine, build?: WasmBuild): string {
  if (name === 'wasm') return `WebAssembly, with the kernels that training needs (${build ?? chooseBuild()} build)`;
  if (name === 'cpu') return 'plain JavaScript: runs everywhere, slowly';
  return runsOnAdapter((tf.engine().registry.webgpu as { adapterInfo?: Adapter } | undefined)?.adapterInfo ?? {});
}

/** One line on a native engine that runs. */
export function runsNatively({ packageName }: Engine, { tensorflow, gpu }: Probe): string {
  const note = secondCore(packageName);
  return `native TensorFlow ${tensorflow} ${gpu ? 'with CUDA' : 'on the processor'}${note === null ? '' : `; ${note}`}`;
}

/** Why the engine cannot run here as far as one can tell without loading it, and the remedy; else null. */
export function absence(engine: Engine): string | null {
  const { name, packageName, backend } = engine;
  if (name === 'wasm' && typeof WebAssembly !== 'object') return 'no WebAssembly here: use cpu';
  if (name === 'webgpu' && !isNode() && !hasWebGpu()) {
    return 'no navigator.gpu: WebGPU needs a browser that has it (Chrome or Edge 113, Safari 26) and an https page';
  }
  if (isNative(engine))
    return isNode() ? nativeAbsence(engine) : 'native TensorFlow needs Node: use webgpu or wasm in a browser';
  if (tf.findBackendFactory(backend) !== null) return null; // loaded already, by whom ever
  if (!isNode()) return name === 'webgpu' ? `package not loaded: import '${packageName}' in the page first` : null;
  const packages = name === 'webgpu' ? [packageName, 'webgpu'] : [packageName];
  const missing = packages.filter((p) => installedVersion(p) === null);
  if (missing.length > 0) return notInstalled(missing.join(' '));
  return name === 'webgpu' ? vulkanFault(thisMachine()) : null;
}

/** The order matters: who has no package pays for one look-up, and a card that is not there spares loading an addon that excludes the other. */
function nativeAbsence({ name, packageName }: Engine): string | null {
  if (installedVersion(packageName) === null) return notInstalled(packageName);
  const loaded = loadedNative();
  if (loaded !== undefined) {
    if (loaded.isGPUPackage === (name === 'node-gpu')) return null;
    const other = loaded.isGPUPackage ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
    return `${other} is loaded in this process, and one process can hold one of the two: start another for ${name}`;
  }
  const here = thisMachine();
  const fault = addonFault(packageName, here);
  if (fault !== null || name !== 'node-gpu') return fault;
  const cuda = cudaFault(here);
  return cuda === null ? null : withoutCard(cuda);
}

/** tfjs's native engine, if one of its packages is loaded in this process. */
export function loadedNative(): NativeBackend | undefined {
  return tf.engine().registry.tensorflow as unknown as NativeBackend | undefined;
}

/** Why node-gpu does not run although its package does. */
export function withoutCard(fault = cudaFault(thisMachine()) ?? 'TensorFlow found no card that it can use'): string {
  return `${fault}; on the processor node runs the same (@tensorflow/tfjs-node)`;
}

/** One line on a package whose import failed. */
export function loadFailure({ name, packageName }: Engine, error: unknown): string {
  const first = String(error instanceof Error ? error.message : error).split('\n')[0]!;
  const absent = /(?:Cannot find (?:package|module)|Could not resolve|Failed to resolve)[^'"]*['"]([^'"]+)['"]/.exec(
    first,
  )?.[1];
  if (absent === packageName) return notInstalled(packageName);
  if (name === 'webgpu') return isNode() ? dawnFault(error, thisMachine()) : first;
  if (!isNative({ name })) return `failed to load (${first})`;
  if (absent !== undefined) return `${absent}, which ${packageName} needs, is missing: npm install ${packageName}`;
  return loadFault(packageName, error, thisMachine());
}

/** One line out of what tfjs printed while an engine did not start. */
export function startFailure(lines: readonly string[]): string {
  const aborted = lines.map((line) => /Aborted\((?:RuntimeError: )?(.*?)\)/.exec(line)?.[1]).find(Boolean);
  const other = lines.find((line) => !line.startsWith('Initialization of'));
  const why = (aborted ?? other ?? 'tfjs gave no reason').split('\n')[0]!;
  return /\.wasm|fetch|ENOENT/.test(why) ? `${why}: set wasmPaths to the folder of the .wasm files` : why;
}

function notInstalled(packageName: string): string {
  return `package not installed: npm install ${packageName}`;
}

function hasWebGpu(): boolean {
  return typeof navigator === 'object' && 'gpu' in navigator && Boolean(navigator.gpu);
}
