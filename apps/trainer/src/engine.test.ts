import type { EngineStatus } from '@proj/backend';
import { expect, it, vi } from 'vitest';
import { startEngine, startRunEngine } from './engine.ts';

const started = vi.hoisted(() => ({ status: undefined as EngineStatus | undefined }));
vi.mock('@proj/backend', async (importOriginal) => {
  const original = await importOriginal<typeof import('@proj/backend')>();
  const useEngine: typeof original.useEngine = async (...args) => started.status ?? original.useEngine(...args);
  return { ...original, useEngine };
});

it('an engine of a run that is not here is a failure that names the way out', async () => {
  const run = startRunEngine({ engine: 'node-gpu', wasmBuild: null }, undefined);
  await expect(run).rejects.toThrow(
    /^node-gpu: .*\. The run began on this engine; --engine auto takes one that is here\.$/,
  );
  await expect(startRunEngine({ engine: 'wasm', wasmBuild: null }, 'node-gpu')).rejects.not.toThrow('The run began');
});

it('an engine that auto passed over is named only if its package is installed', async () => {
  const reason = 'libcudart.so.11.0 is not found: install CUDA 11.2';
  started.status = {
    ...{ name: 'wasm', available: true, reason: 'WebAssembly', version: '4.22.0', build: 'plain' },
    passedOver: [
      { name: 'node-gpu', reason },
      { name: 'node', reason: 'package not installed: npm install @tensorflow/tfjs-node' },
    ],
  };
  const { engine, version, passedOver } = await startEngine('auto');
  started.status = undefined;
  expect([engine, version, passedOver]).toEqual(['wasm', '4.22.0', [`engine node-gpu is passed over: ${reason}`]]);
  // The reason of an engine that is not installed begins so.
  const { passedOver: real } = await startEngine('auto');
  for (const line of real) expect(line).not.toContain('npm install @tensorflow/tfjs-node-gpu');
});
