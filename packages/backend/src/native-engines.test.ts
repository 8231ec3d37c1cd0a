import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { elf, Packages, skipIfChosen } from '../tests/packages.ts';
import { listEngines, useEngine } from './index.ts';
import * as machines from './internal/machine.ts';
import * as builds from './wasm/build.ts';

// Stand-ins for tfjs-node, tfjs-node-gpu and Dawn: what a user sees who has them and they do not run.

const packages = new Packages();
afterAll(() => packages.dispose());
beforeEach(skipIfChosen);
beforeEach(() => {
  vi.restoreAllMocks();
  if (tf.findBackendFactory('tensorflow') !== null) tf.removeBackend('tensorflow');
  packages.remove('@tensorflow');
  packages.remove('webgpu');
});

const LIBRARIES = ['libcudart.so.11.0', 'libcublas.so.11', 'libcublasLt.so.11', 'libcufft.so.10', 'libcusolver.so.11'];
const CUDA = ['libcuda.so.1', 'libcusparse.so.11', 'libcudnn.so.8', ...LIBRARIES];

/** Linux on x64 with AVX, the packages as they lie there, CUDA with a card and a driver of Vulkan where that is said. */
function onMachine(cuda: boolean, vulkan = false): void {
  const real = machines.thisMachine();
  const files: Record<string, string> = {
    '/proc/cpuinfo': 'flags\t\t: avx\n',
    '/etc/ld.so.cache': cuda ? CUDA.map((name) => `/usr/lib/${name}\0`).join('') : '',
  };
  vi.spyOn(machines, 'thisMachine').mockReturnValue({
    platform: 'linux',
    arch: 'x64',
    env: {},
    exists: (path) => {
      if (path === '/proc/driver/nvidia/version') return cuda;
      if (path === '/usr/lib/libvulkan.so.1') return vulkan;
      return !/libcu|libvulkan/.test(path) && real.exists(path);
    },
    list: (folder) => (folder === '/usr/share/vulkan/icd.d' && vulkan ? ['card.json'] : real.list(folder)),
    read: (path, length) => files[path] ?? real.read(path, length),
    size: real.size,
  });
}

const BUILT = { 'lib/napi-v8/tfjs_binding.node': elf(62), 'deps/lib/libtensorflow.so.2': '' };
const core = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core');

/** What such a package does when it is loaded. */
function addon(name: 'node' | 'node-gpu', gpu: boolean): string {
  return `const tf = require(${JSON.stringify(core)});
    class Backend extends tf.KernelBackend {
      binding = { TF_Version: '2.9.1' };
      isGPUPackage = ${name === 'node-gpu'};
      isUsingGpuDevice = ${gpu};
      dispose() {}
    }
    tf.registerBackend('tensorflow', () => new Backend(), 3);
    tf.setBackend('tensorflow');
    exports.backend = () => tf.engine().registry.tensorflow;`;
}

function install(name: 'node' | 'node-gpu', source: string): void {
  packages.add(`@tensorflow/tfjs-${name}`, '4.22.0', { ...BUILT, 'index.js': source });
}

const reasons = async () =>
  Object.fromEntries(
    (await listEngines()).map(({ name, available, reason }) => [name, `${available ? 'yes' : 'no'}: ${reason}`]),
  );

it('with a card auto is node-gpu', async () => {
  onMachine(true);
  install('node-gpu', addon('node-gpu', true));
  expect((await reasons())['node-gpu']).toBe('yes: native TensorFlow 2.9.1 with CUDA');
  expect(tf.findBackendFactory('tensorflow')).toBeNull(); // it was looked at elsewhere
  expect(await useEngine()).toEqual({
    name: 'node-gpu',
    available: true,
    reason: 'native TensorFlow 2.9.1 with CUDA',
    version: '4.22.0',
    passedOver: [],
  });
  expect(tf.getBackend()).toBe('tensorflow');
});

it('without CUDA node-gpu is not loaded, so that node can be', async () => {
  onMachine(false);
  install('node-gpu', "throw new Error('loaded');");
  install('node', addon('node', false));
  const reason =
    "no driver of NVIDIA's (libcuda.so.1 not found): install it and see that nvidia-smi lists the card; in a container, start it " +
    'with --gpus all; on the processor node runs the same (@tensorflow/tfjs-node)';
  expect((await reasons())['node-gpu']).toBe(`no: ${reason}`);
  expect(await useEngine()).toMatchObject({
    name: 'node',
    reason: 'native TensorFlow 2.9.1 on the processor',
    passedOver: [{ name: 'node-gpu', reason }],
  });
  await expect(useEngine('node-gpu')).rejects.toThrow(
    'node-gpu: @tensorflow/tfjs-node is loaded in this process, and one process can hold one of the two: start another for node-gpu',
  );
  expect(tf.getBackend()).toBe('tensorflow');
});

it('a card that TensorFlow does not take leaves the engine before in use', async () => {
  await useEngine('wasm');
  onMachine(true);
  install('node-gpu', addon('node-gpu', false));
  const reason =
    'TensorFlow found no card that it can use; on the processor node runs the same (@tensorflow/tfjs-node)';
  expect((await reasons())['node-gpu']).toBe(`no: ${reason}`);
  await expect(useEngine('node-gpu')).rejects.toThrow(`node-gpu: ${reason}`);
  expect(tf.getBackend()).toBe('wasm');
});

it('an addon that is broken is passed over, and why', async () => {
  onMachine(false);
  install('node', "throw new Error('libtensorflow.so.2: cannot open shared object file: No such file or directory');");
  const reason =
    'libtensorflow was not downloaded: let the install script reach storage.googleapis.com, then npm rebuild @tensorflow/tfjs-node';
  expect((await reasons()).node).toBe(`no: ${reason}`);
  const { name, passedOver } = await useEngine();
  expect(name).toBe('wasm');
  expect(passedOver).toEqual([
    { name: 'node-gpu', reason: 'package not installed: npm install @tensorflow/tfjs-node-gpu' },
    { name: 'node', reason },
  ]);
});

it('a part that the package needs and lacks is named', async () => {
  onMachine(false);
  install('node', "require('@mapbox/node-pre-gyp');");
  const reason =
    '@mapbox/node-pre-gyp, which @tensorflow/tfjs-node needs, is missing: npm install @tensorflow/tfjs-node';
  await expect(useEngine('node')).rejects.toThrow(`node: ${reason}`);
  expect((await reasons()).node).toBe(`no: ${reason}`);
});

it('a package whose install script was not allowed is told by its files, without loading it', async () => {
  onMachine(false);
  packages.add('@tensorflow/tfjs-node', '4.22.0', { 'index.js': "throw new Error('loaded');" });
  const reason =
    /its install script, which downloads TensorFlow, did not run: npm rebuild @tensorflow\/tfjs-node \(.*pnpm approve-builds$/;
  await expect(useEngine('node')).rejects.toThrow(reason);
  expect((await reasons()).node).toMatch(reason);
});

it('WebGPU in Node without a driver of Vulkan is told so, and Dawn is not loaded', async () => {
  onMachine(false);
  packages.add('webgpu', '0.6.2', { 'index.js': "throw new Error('loaded');" });
  const reason = "Vulkan's loader (libvulkan.so.1) not found: install ";
  await expect(useEngine('webgpu')).rejects.toThrow(`webgpu: ${reason}`);
  expect((await reasons()).webgpu).toContain(`no: ${reason}`);
});

it.each([
  [
    '{ info: { vendor: "google", architecture: "swiftshader" } }',
    /^yes: WebGPU on google swiftshader, in software: slow/,
  ],
  ['null', /^no: Dawn found no adapter by the Vulkan drivers here \(card\.json\): see what vulkaninfo says; /],
])('Dawn is asked in a process of its own: %s', async (adapter, expected) => {
  onMachine(false, true);
  packages.add('webgpu', '0.6.2', {
    'index.js': `exports.create = () => ({ requestAdapter: async () => (${adapter}) });`,
  });
  expect((await reasons()).webgpu).toMatch(expected);
});

it('Dawn that has no build for this machine', async () => {
  onMachine(false, true);
  packages.add('webgpu', '0.6.2', { 'index.js': "require('./dist/linux-arm/dawn.node');" });
  const reason = "npm's webgpu has no build for linux-x64: use node or wasm";
  expect((await reasons()).webgpu).toBe(`no: ${reason}`);
  await expect(useEngine('webgpu')).rejects.toThrow(`webgpu: ${reason}`);
});

it('auto refuses an option of wasm that this machine cannot honour, and takes no slower engine in its stead', async () => {
  onMachine(false);
  await useEngine('cpu');
  vi.spyOn(builds, 'canRun').mockReturnValue(false);
  await expect(useEngine('auto', { wasmBuild: 'fused' })).rejects.toThrow(
    /^wasm: the build 'fused' needs relaxed SIMD/,
  );
  expect(tf.getBackend()).toBe('cpu');
});
