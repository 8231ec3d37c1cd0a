import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Packages, skipIfChosen } from '../tests/packages.ts';
import { EngineError, type EngineName, listEngines, useEngine } from './index.ts';
import { v8Version } from './wasm/build.ts';

const nothing = new Packages(); // hides what NODE_PATH names
afterAll(() => nothing.dispose());
beforeEach(skipIfChosen);

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const kernels = () => tf.getKernelsForBackend('wasm').map(({ kernelFunc }) => kernelFunc);

// First in the file: nothing is loaded yet.
it('listEngines loads nothing', async () => {
  const engines = await listEngines();
  expect(engines.map(({ name, available, version }) => [name, available, version])).toEqual([
    ['wasm', true, '4.22.0'],
    ['cpu', true, '4.22.0'],
    ['node', false, null],
    ['node-gpu', false, null],
    ['webgpu', false, '4.22.0'], // a devDependency; Dawn is not
  ]);
  expect(engines[2]!.reason).toBe('package not installed: npm install @tensorflow/tfjs-node');
  expect(engines[3]!.reason).toBe('package not installed: npm install @tensorflow/tfjs-node-gpu');
  expect(engines[4]!.reason).toBe('package not installed: npm install webgpu');
  expect(tf.getBackend()).toBeUndefined();
  expect([tf.findBackendFactory('wasm'), tf.findBackendFactory('cpu')]).toEqual([null, null]);
});

it('auto is wasm where no native engine is installed, with the build for this V8', async () => {
  const build = v8Version()! >= 13 ? 'fused' : 'plain'; // relaxed SIMD since V8 11.4, fast since Node 24
  const reason = `WebAssembly, with the kernels that training needs (${build} build)`;
  expect(await useEngine()).toEqual({
    name: 'wasm',
    available: true,
    reason,
    version: '4.22.0',
    build,
    wideVectors: false,
    passedOver: [
      { name: 'node-gpu', reason: 'package not installed: npm install @tensorflow/tfjs-node-gpu' },
      { name: 'node', reason: 'package not installed: npm install @tensorflow/tfjs-node' },
    ],
  });
  expect(tf.getBackend()).toBe('wasm');
});

it('completes wasm once, however often it is called, and says nothing', async () => {
  await useEngine('wasm');
  const before = kernels();
  const warn = vi.spyOn(console, 'warn');
  const log = vi.spyOn(console, 'log');
  await Promise.all([useEngine('wasm'), useEngine('cpu'), useEngine('wasm')]);
  expect(tf.getBackend()).toBe('wasm');
  expect(kernels()).toEqual(before);
  expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeDefined();
  await useEngine('cpu');
  tf.dispose(tf.ones([2])); // the first tensor on the CPU: tfjs advertises here
  expect([warn.mock.calls, log.mock.calls]).toEqual([[], []]);
});

it('an engine that is not there leaves the one in use', async () => {
  await useEngine('cpu');
  for (const [name, reason] of [
    ['node', 'node: package not installed: npm install @tensorflow/tfjs-node'],
    ['node-gpu', 'node-gpu: package not installed: npm install @tensorflow/tfjs-node-gpu'],
    ['webgpu', 'webgpu: package not installed: npm install webgpu'],
  ] as const) {
    const error = await useEngine(name).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).engine).toBe(name);
    expect((error as EngineError).message).toContain(reason);
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.backend()).toBe(tf.engine().registry.cpu);
  }
});

it('in a browser webgpu says what is missing: navigator.gpu, then the import', async () => {
  vi.stubGlobal('process', undefined);
  vi.stubGlobal('navigator', {});
  await expect(useEngine('webgpu')).rejects.toThrow('webgpu: no navigator.gpu: WebGPU needs a browser that has it');
  vi.stubGlobal('navigator', { gpu: {} });
  await expect(useEngine('webgpu')).rejects.toThrow(
    "webgpu: package not loaded: import '@tensorflow/tfjs-backend-webgpu' in the page first",
  );
});

it.each(['wams', 'CPU', ''])("an unknown name '%s' is answered with the names there are", async (name) => {
  await expect(useEngine(name as EngineName)).rejects.toThrow(
    `useEngine: no engine is called '${name}'. The engines are auto, wasm, cpu, node, node-gpu, webgpu.`,
  );
});

it('falls back to cpu where there is no WebAssembly, and says so', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  const { name, passedOver } = await useEngine('auto');
  expect(name).toBe('cpu');
  expect(passedOver!.map(({ name }) => name)).toEqual(['node-gpu', 'node', 'wasm']);
  expect(passedOver![2]!.reason).toBe('no WebAssembly here: use cpu');
});
