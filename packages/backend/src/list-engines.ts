import * as tf from '@tensorflow/tfjs-core';
import { ENGINES, type Engine, type EngineStatus, isNative } from './engines.ts';
import { noAdapter, probeAdapter, runsOnAdapter } from './internal/adapters.ts';
import { thisMachine } from './internal/machine.ts';
import { probeNative } from './internal/native.ts';
import { installedVersion, isNode } from './internal/node.ts';
import { absence, loadedNative, loadFailure, runsNatively, runsOn, withoutCard } from './reasons.ts';
import { chooseBuild } from './wasm/build.ts';

/**
 * Every engine and whether it runs here, `auto` aside.
 *
 * Nothing is loaded into this program and the current engine stays: packages are looked up, and a native
 * addon with nothing to be seen against it is tried in a process of its own (about a second; not at all if it is absent).
 */
export async function listEngines(): Promise<EngineStatus[]> {
  return Promise.all(ENGINES.map((engine) => status(engine)));
}

async function status(engine: Engine): Promise<EngineStatus> {
  const { name, packageName } = engine;
  const version = isNode() ? installedVersion(packageName) : null;
  const missing = absence(engine);
  if (missing !== null) return { name, available: false, reason: missing, version };
  if (isNative(engine)) return { name, ...(await tryNative(engine)), version };
  if (name === 'webgpu') return { name, ...(await tryWebGpu(engine)), version };
  const status = { name, available: true, reason: runsOn(engine), version };
  return name === 'wasm' ? { ...status, build: chooseBuild() } : status;
}

interface Found {
  available: boolean;
  reason: string;
}

async function tryWebGpu(engine: Engine): Promise<Found> {
  if (tf.engine().registry.webgpu !== undefined) return { available: true, reason: runsOn(engine) };
  const adapter = await probeAdapter();
  if (adapter instanceof Error) return { available: false, reason: loadFailure(engine, adapter) };
  if (adapter === null) return { available: false, reason: noAdapter(isNode() ? thisMachine() : null) };
  return { available: true, reason: runsOnAdapter(adapter) };
}

async function tryNative(engine: Engine): Promise<Found> {
  const loaded = loadedNative();
  const probe = loaded
    ? { tensorflow: loaded.binding.TF_Version, gpu: loaded.isUsingGpuDevice }
    : await probeNative(engine.packageName);
  if (probe instanceof Error) return { available: false, reason: loadFailure(engine, probe) };
  if (engine.name === 'node-gpu' && !probe.gpu) return { available: false, reason: withoutCard() };
  return { available: true, reason: runsNatively(engine, probe) };
}
