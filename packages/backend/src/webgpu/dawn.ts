import * as tf from '@tensorflow/tfjs-core';
import { nodeRequire } from '../internal/node.ts';
import { EventPump } from './event-pump.ts';

// WebGPU in Node: npm's `webgpu` is Dawn, the implementation inside Chrome, as an addon.

/** What is used of npm's `webgpu`. */
interface Dawn {
  create(options: string[]): { requestAdapter(options?: object): Promise<Adapter | null> };
  globals: Record<string, unknown>;
}

interface Adapter {
  readonly info: { vendor: string; architecture: string; device: string; description: string };
  readonly features: ReadonlySet<string>;
  readonly limits: Record<string, number>;
  requestDevice(descriptor: object): Promise<Device>;
}

interface Device {
  readonly queue: { submit(commands: unknown[]): void };
  createBuffer(descriptor: { size: number; usage: number }): Buffer;
}

interface Buffer {
  readonly size: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

/** What is used of tfjs's WebGPU engine, some of which its types call private. */
interface Backend extends tf.KernelBackend {
  readonly device: Device;
  readonly tensorMap: { get(id: object): { values: unknown; dtype: tf.DataType; resource?: Buffer } };
  readonly commandEncoder: {
    copyBufferToBuffer(from: Buffer, at: number, to: Buffer, toAt: number, size: number): void;
  };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  getBufferData(buffer: Buffer): Promise<ArrayBuffer>;
  convertAndCacheOnCPU(id: object, values: unknown): tf.BackendValues;
}

type BackendClass = new (device: Device, info: Adapter['info']) => Backend;

/** The limits that tfjs's kernels go by; a device has the least that WebGPU promises where it is not asked for more. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/**
 * tfjs's WebGPU engine on the first adapter that Dawn finds, or the reason why there is none.
 * Its data can be read synchronously too, which tfjs's own can only with a canvas.
 */
export async function openDawn(): Promise<tf.KernelBackend | string> {
  const pump = new EventPump();
  const { create, globals } = nodeRequire()('webgpu') as Dawn;
  for (const [name, value] of Object.entries(globals)) (globalThis as Record<string, unknown>)[name] ??= value;
  return pump.whileAwaited(async () => {
    const gpu = create([]);
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) return 'Dawn found no adapter: it needs a driver of Vulkan, Metal or Direct3D 12';
    const device = await adapter.requestDevice({
      requiredFeatures: ['timestamp-query', 'bgra8unorm-storage'].filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    });
    const { WebGPUBackend } = nodeRequire()('@tensorflow/tfjs-backend-webgpu') as { WebGPUBackend: BackendClass };
    return withReading(
      withNavigator(gpu, () => new WebGPUBackend(device, adapter.info)),
      pump,
    );
  });
}

/** Its constructor refuses to work where there is no `navigator.gpu`; others must not take Node for a browser. */
function withNavigator<T>(gpu: object, f: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return f();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', before);
  }
}

function withReading(backend: Backend, pump: EventPump): Backend {
  const { getBufferData, readSync } = backend;
  backend.getBufferData = (buffer) => pump.whileAwaited(() => getBufferData.call(backend, buffer));
  backend.readSync = (id) => {
    const { values, dtype, resource } = backend.tensorMap.get(id);
    if (values != null || dtype === 'string' || dtype === 'complex64' || resource === undefined) {
      return readSync.call(backend, id);
    }
    const bytes = copyOut(backend, resource, pump);
    return backend.convertAndCacheOnCPU(id, tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype));
  };
  return backend;
}

function copyOut(backend: Backend, from: Buffer, pump: EventPump): ArrayBuffer {
  const { GPUBufferUsage, GPUMapMode } = globalThis as unknown as Record<string, Record<string, number>>;
  const staging = backend.device.createBuffer({
    size: from.size,
    usage: GPUBufferUsage!.COPY_DST! | GPUBufferUsage!.MAP_READ!,
  });
  try {
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder.copyBufferToBuffer(from, 0, staging, 0, from.size);
    backend.submitQueue();
    let failure: unknown = null;
    staging.mapAsync(GPUMapMode!.READ!).catch((error: unknown) => (failure = error));
    pump.until(() => staging.mapState !== 'pending' || failure !== null);
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}
