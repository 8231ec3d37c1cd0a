import type { WebGpuBackend } from './tfjs-backend.ts';

/** An error as WebGPU hands it over; the name of its class is its kind. */
interface UncapturedError extends Event {
  readonly error: { readonly message: string };
}

const watched = new WeakSet<object>();

/**
 * WebGPU reports errors beside the calls that made them, in an event, and Dawn prints them; tfjs does not listen and its
 * results are zeros from then on. This has the next read of data throw: out of memory, a command refused, the device lost.
 */
export function reportFailures(backend: WebGpuBackend): void {
  if (watched.has(backend)) return;
  watched.add(backend);
  const { device } = backend;
  let failure: Error | null = null;
  let lost: Error | null = null;
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault(); // nothing is printed then
    failure ??= explain((event as UncapturedError).error);
  });
  void device.lost.then(({ reason, message }) => {
    const why = message || reason || 'no reason given';
    lost = new Error(`webgpu: the device was lost (${firstLine(why)}): start the program, or load the page, again.`);
  });
  const check = (): void => {
    const error = lost ?? failure;
    failure = null;
    if (error !== null) throw error;
  };

  const { read, readSync, bufferManager } = backend;
  backend.readSync = (id) => {
    check();
    const values = readSync.call(backend, id);
    check();
    return values;
  };
  backend.read = async (id) => {
    check();
    try {
      return await read.call(backend, id);
    } finally {
      check(); // says more than the failed read
    }
  };
  const { acquireBuffer } = bufferManager;
  const most = Math.min(device.limits.maxBufferSize!, device.limits.maxStorageBufferBindingSize!);
  bufferManager.acquireBuffer = (size, ...rest) => {
    if (size <= most) return acquireBuffer.call(bufferManager, size, ...rest);
    throw new RangeError(
      `webgpu: out of memory: one tensor of ${size} bytes, and this device takes ${most} at most: use smaller batches.`,
    );
  };
}

function explain(error: UncapturedError['error']): Error {
  const message = firstLine(error.message);
  switch (error.constructor.name) {
    case 'GPUOutOfMemoryError':
      return new Error(`webgpu: the device is out of memory (${message}): use smaller batches or a smaller model.`);
    case 'GPUInternalError':
      return new Error(`webgpu: the driver failed (${message}): a newer driver or another engine may help.`);
    default:
      return new Error(`webgpu: the device refused a command (${message}): results since the last read are wrong.`);
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.replace(/\.$/, '');
}
