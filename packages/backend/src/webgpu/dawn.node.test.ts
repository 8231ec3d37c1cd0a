import * as timers from 'node:timers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { noWebGpu, skipped } from '../../tests/webgpu.ts';
import { useEngine } from '../index.ts';
import { openDawn } from './dawn.ts';
import type { WebGpuBackend } from './tfjs-backend.ts';

const backend = () => tf.backend() as WebGpuBackend & { device: { destroy(): void } };
const sixes = () => tf.tidy(() => tf.mul(tf.fill([40, 50], 2), tf.fill([50], 3)));

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe.skipIf(noWebGpu !== null)(`WebGPU on Dawn${skipped}`, () => {
  it('names its adapter, and starts once', async () => {
    const before = tf.backend();
    const status = await useEngine('webgpu');
    expect(status).toMatchObject({ name: 'webgpu', available: true });
    expect(tf.backend()).toBe(before);
  });

  it('leaves the timers of Node and its navigator as they are', () => {
    expect(globalThis.setImmediate).toBe(timers.setImmediate);
    expect((globalThis.navigator as { gpu?: object } | undefined)?.gpu).toBeUndefined();
  });

  // Dawn's devices do not hold it, and work on memory that is gone once it was collected.
  it('keeps the instance of Dawn', async () => {
    const { prototype } = (globalThis as unknown as { GPU: { prototype: { requestAdapter: () => unknown } } }).GPU;
    const { requestAdapter } = prototype;
    const instances: WeakRef<object>[] = [];
    prototype.requestAdapter = function () {
      instances.push(new WeakRef(this));
      return requestAdapter.call(this);
    };
    const other = await openDawn();
    prototype.requestAdapter = requestAdapter;
    (other as tf.KernelBackend).dispose();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let i = 0; i < 5; i++) {
      await new Promise((done) => setTimeout(done, 5));
      collect();
    }
    expect(instances.map((instance) => instance.deref() !== undefined)).toEqual([true]);
  });

  it("reads both ways, again and again, under a test's timers", async () => {
    vi.useFakeTimers();
    for (let i = 0; i < 20; i++) {
      const [one, other] = [sixes(), sixes()];
      const later = one.data();
      expect(other.dataSync()).toEqual(new Float32Array(2000).fill(6)); // while the other read is under way
      expect(await later).toEqual(new Float32Array(2000).fill(6));
      tf.dispose([one, other]);
    }
  });

  it('keeps the types of what it reads', () => {
    expect(tf.cast(sixes(), 'int32').dataSync()).toEqual(new Int32Array(2000).fill(6));
    expect(tf.greater(sixes(), 5).dataSync()).toEqual(new Uint8Array(2000).fill(1));
  });

  it('throws at the next read what the device refused, once, and prints nothing', async () => {
    const prints = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
    const refused =
      /^webgpu: the device refused a command \(Error while parsing WGSL: .*\): results since the last read are wrong\.$/;
    backend().device.createShaderModule({ code: 'no shader' });
    const t = sixes();
    expect(() => t.dataSync()).toThrow(refused);
    expect(t.dataSync()[0]).toBe(6);
    backend().device.createShaderModule({ code: 'no shader' });
    await expect(sixes().data()).rejects.toThrow(refused);
    for (const print of prints) expect(print).not.toHaveBeenCalled();
  });

  it('says that a tensor is larger than the device takes', () => {
    expect(() => tf.fill([2 ** 15, 2 ** 15], 1)).toThrow(
      /^webgpu: out of memory: one tensor of 4294967296 bytes, and this device takes \d+ at most: use smaller batches\.$/,
    );
  });

  // Last: nothing works after it.
  it('says that the device was lost', async () => {
    const t = sixes();
    backend().device.destroy();
    await vi.waitFor(() => expect(() => t.dataSync()).toThrow('device was lost'));
    await expect(t.data()).rejects.toThrow(
      'webgpu: the device was lost (device was destroyed): start the program, or load the page, again.',
    );
  });
});
