import type * as tf from '@tensorflow/tfjs-core';
import { noAdapter } from '../internal/adapters.ts';
import { thisMachine } from '../internal/machine.ts';
import { nodeRequire } from '../internal/node.ts';
import { EventPump } from './event-pump.ts';
import { readSynchronously } from './read-sync.ts';
import type { AdapterInfo, Device, WebGpuBackend } from './tfjs-backend.ts';

// WebGPU in Node: npm's `webgpu` is Dawn, the implementation inside Chrome, as an addon.

interface Gpu {
  requestAdapter(options?: object): Promise<Adapter | null>;
}

interface Adapter {
  readonly info: AdapterInfo;
  readonly features: ReadonlySet<string>;
  readonly limits: Record<string, number>;
  requestDevice(descriptor: object): Promise<Device>;
}

/** What is used of npm's `webgpu`. */
interface Dawn {
  create(options: string[]): Gpu;
  globals: Record<string, { prototype: object }>;
}

/** The limits that tfjs's kernels go by; a device has the least that WebGPU promises where it is not asked for more. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** Dawn's methods that make promises. */
const ASYNCHRONOUS = {
  GPU: ['requestAdapter'],
  GPUAdapter: ['requestDevice'],
  GPUBuffer: ['mapAsync'],
  GPUDevice: ['createComputePipelineAsync', 'createRenderPipelineAsync', 'popErrorScope'],
  GPUQueue: ['onSubmittedWorkDone'],
  GPUShaderModule: ['getCompilationInfo'],
};

/** The one instance of Dawn. It must outlive its devices: when it is collected, they work on memory that is gone. */
let instance: { gpu: Gpu; pump: EventPump } | null = null;

function loadDawn(): NonNullable<typeof instance> {
  if (instance !== null) return instance;
  const { create, globals } = nodeRequire()('webgpu') as Dawn;
  for (const [name, value] of Object.entries(globals)) (globalThis as Record<string, unknown>)[name] ??= value;
  const pump = new EventPump();
  for (const [name, methods] of Object.entries(ASYNCHRONOUS)) {
    for (const method of methods) pump.attach(globals[name]!.prototype, method);
  }
  instance = { gpu: create([]), pump };
  return instance;
}

/**
 * tfjs's WebGPU engine on the first adapter that Dawn finds, or the reason why there is none.
 * Its data can be read synchronously too.
 */
export async function openDawn(): Promise<tf.KernelBackend | string> {
  const { gpu, pump } = loadDawn();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return noAdapter(thisMachine());
  const device = await adapter.requestDevice({
    requiredFeatures: ['timestamp-query', 'bgra8unorm-storage'].filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  const { WebGPUBackend } = nodeRequire()('@tensorflow/tfjs-backend-webgpu') as {
    WebGPUBackend: new (device: Device, info: AdapterInfo) => WebGpuBackend;
  };
  const backend = withNavigator(gpu, () => new WebGPUBackend(device, adapter.info));
  readSynchronously(backend, pump);
  return backend;
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
