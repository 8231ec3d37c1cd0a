import { ENGINES, type Engine, type EngineStatus, isNative } from './engines.ts';
import { probeNative } from './internal/native.ts';
import { installedVersion, isNode } from './internal/node.ts';
import { absence, runsOn } from './reasons.ts';
import { chooseBuild } from './wasm/build.ts';

/**
 * Every engine and whether it runs here, `auto` aside.
 *
 * Nothing is loaded into this program and the current engine stays: packages are looked up, and a native
 * addon that is installed is tried in a process of its own (about a second; not at all if it is absent).
 */
export async function listEngines(): Promise<EngineStatus[]> {
  return Promise.all(ENGINES.map((engine) => status(engine)));
}

async function status(engine: Engine): Promise<EngineStatus> {
  const version = isNode() ? installedVersion(engine.packageName) : null;
  const missing = absence(engine) ?? (isNative(engine) ? await probeNative(engine.packageName) : null);
  const status = { name: engine.name, available: missing === null, reason: missing ?? runsOn(engine), version };
  return engine.name === 'wasm' && missing === null ? { ...status, build: chooseBuild() } : status;
}
