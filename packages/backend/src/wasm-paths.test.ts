import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { EngineError, useEngine } from './index.ts';

// A file of its own: tfjs takes no other path after one failure in a process.
it('wasm files that are not where wasmPaths says are a one-line error, and auto goes on with cpu', async () => {
  const warn = vi.spyOn(console, 'warn');
  const listeners = process.listeners('uncaughtException');
  const rejections = process.listeners('unhandledRejection');
  const error = await useEngine('wasm', { wasmPaths: '/nowhere/' }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(EngineError);
  expect((error as Error).message).toMatch(
    /^wasm: did not start: .*'\/nowhere\/tfjs-backend-wasm-simd\.wasm'.*: set wasmPaths to the folder of the \.wasm files$/,
  );
  expect(tf.getBackend()).toBeUndefined();
  expect(await useEngine('auto', { wasmPaths: '/nowhere/' })).toMatchObject({ name: 'cpu', available: true });
  expect(tf.getBackend()).toBe('cpu');
  expect(warn.mock.calls).toEqual([]);
  // The WASM loader's handlers would turn an uncaught error into exit status 7.
  expect(process.listeners('uncaughtException')).toEqual(listeners);
  expect(process.listeners('unhandledRejection')).toEqual(rejections);
});
