import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { isOutOfMemory, useEngine } from './index.ts';

// The first two are what tfjs-node 4.22 said on TensorFlow 2.15 of a tensor of 4 TiB, and V8 of an array of as many numbers.
it.each([
  ['Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1048576,1048576] and type float', true],
  ['Invalid typed array length: 1099511627776', true],
  ['Array buffer allocation failed', true],
  ['WebAssembly.Memory.grow(): Maximum memory size exceeded', true],
  ['WebAssembly.Memory(): could not allocate memory', true],
  ['wasm: out of memory: no room for 128.0 MB more.', true],
  ['Out of memory: buffer of 4294967296 bytes', true],
  ['Invalid TF_Status: 3\nMessage: Incompatible shapes', false],
  ['Invalid typed array length: -1', false],
  ['Argument tensors passed to stack must be an array', false],
])('%s: %s', (message, expected) => {
  expect(isOutOfMemory(new Error(message))).toBe(expected);
  expect(isOutOfMemory(new Error('step 12 failed', { cause: new Error(message) }))).toBe(expected);
});

it('an error of WebGPU is known by its name, and no error is none', () => {
  const error = Object.assign(new Error('the buffer'), { name: 'GPUOutOfMemoryError' });
  expect([error, undefined, 'out of memory', null].map(isOutOfMemory)).toEqual([true, false, false, false]);
});

it('wasm throws where its memory ends, and works on once tensors are disposed', async () => {
  await useEngine('wasm');
  const backend = tf.backend() as BackendWasm;
  const kept: tf.TensorInfo[] = [];
  const fill = () => {
    for (let i = 0; i < 8; i++) kept.push(backend.makeOutput([2 ** 27], 'float32')); // 512 MB each, never touched
  };
  expect(fill).toThrow(
    /^wasm: out of memory: no room for 512\.0 MB more\. Its memory has grown to 3\d{3} MB of the 4096 MB/,
  );
  expect(kept).toHaveLength(7);
  const error = (f: () => void): unknown => {
    try {
      return f();
    } catch (e) {
      return e;
    }
  };
  expect(isOutOfMemory(error(() => backend.makeOutput([2 ** 30], 'float32')))).toBe(true); // a size that 32 bits do not hold
  expect(tf.add([1, 2], [3, 4]).arraySync()).toEqual([4, 6]);
  for (const { dataId } of kept) backend.disposeData(dataId);
  backend.disposeData(backend.makeOutput([2 ** 27], 'float32').dataId);
});
