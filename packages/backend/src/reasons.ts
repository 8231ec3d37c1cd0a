import * as tf from '@tensorflow/tfjs-core';
import { type Engine, isNative } from './engines.ts';
import { addonFailure } from './internal/native.ts';
import { installedVersion, isNode } from './internal/node.ts';
import { chooseBuild, type WasmBuild } from './wasm/build.ts';

/** One line on an engine that runs. */
export function runsOn({ name }: Engine, build?: WasmBuild): string {
  if (name === 'wasm') return `WebAssembly, with the kernels that training needs (${build ?? chooseBuild()} build)`;
  if (name === 'cpu') return 'plain JavaScript: runs everywhere, slowly';
  if (name === 'webgpu') return 'WebGPU';
  return name === 'node' ? 'native TensorFlow' : 'native TensorFlow with CUDA where it finds a card';
}

/** Why the engine cannot run here as far as one can tell without loading it, and the remedy; else null. */
export function absence(engine: Engine): string | null {
  const { name, packageName, backend } = engine;
  if (name === 'wasm' && typeof WebAssembly !== 'object') return 'no WebAssembly here: use cpu';
  if (name === 'webgpu' && !isNode() && !hasWebGpu()) {
    return 'no navigator.gpu: WebGPU needs a browser that has it (Chrome or Edge 113, Safari 26) and an https page';
  }
  if (isNative(engine) && !isNode()) return 'native TensorFlow needs Node: use webgpu or wasm in a browser';
  if (!isNative(engine) && tf.findBackendFactory(backend) !== null) return null; // loaded already, by whom ever
  if (isNode()) {
    const missing = [packageName, ...(name === 'webgpu' ? ['webgpu'] : [])].filter((p) => installedVersion(p) === null);
    return missing.length > 0 ? notInstalled(missing.join(' ')) : null;
  }
  return name === 'webgpu' ? `package not loaded: import '${packageName}' in the page first` : null;
}

/** One line on a package whose import failed. */
export function loadFailure(packageName: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const absent = /Cannot find (package|module)|Could not resolve|Failed to resolve/.test(message);
  return absent && message.includes(packageName) ? notInstalled(packageName) : addonFailure(packageName, error);
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
