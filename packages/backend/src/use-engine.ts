import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from './engine-error.ts';
import {
  ENGINE_NAMES,
  ENGINES,
  type Engine,
  type EngineName,
  type EngineStatus,
  isNative,
  type PassedOver,
} from './engines.ts';
import { registerFused } from './fused/register.ts';
import { registerGradients } from './gradients/register.ts';
import { restoreUtil, setEnvironment } from './internal/native.ts';
import { installedVersion, isNode, nodeRequire } from './internal/node.ts';
import { quietly } from './internal/quiet.ts';
import { mendKernels } from './kernels/mended.ts';
import { registerWasmKernels } from './kernels/register.ts';
import { absence, loadedNative, loadFailure, runsNatively, runsOn, startFailure, withoutCard } from './reasons.ts';
import { canRun, chooseBuild, type WasmBuild, widenVectors, wideVectorsAreKnown } from './wasm/build.ts';
import { guardMemory } from './wasm/memory.ts';
import { Own } from './wasm/own.ts';
import { adapterAbsence } from './webgpu/browser.ts';

export interface EngineOptions {
  /**
   * Where the .wasm files are: a folder or URL that ends in `/`, or a map from file name to URL. In Node they are found
   * by themselves. Has an effect until WASM starts for the first time.
   */
  wasmPaths?: string | Record<WasmFile, string>;
  /**
   * Which build of our WASM kernels: `fused` multiplies and adds in one rounding (relaxed SIMD), `plain` in two. By default
   * what suits the machine; give the other to repeat a run of another machine.
   */
  wasmBuild?: WasmBuild;
  /**
   * Vectors of 256 bits for WASM by V8's flag `--experimental-wasm-revectorize`, set for the whole process and not taken
   * back: products up to 1.8 times as fast and the same numbers; a pass of the compiler that V8 still calls experimental. `true`:
   * for Node 24 and newer on x64; elsewhere an error. `'auto'`: where it is known to work, which is V8 13.6 (Node 24) on Linux and
   * x64 with AVX2; elsewhere not. Off by default.
   */
  wideVectors?: boolean | 'auto';
}

type WasmFile = 'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm-threaded-simd.wasm';

/**
 * Makes an engine the current one and completes it for training: on WASM the missing gradient kernels and fast
 * transposed products, on every engine the gradients that tfjs lacks or has wrong. Calling it again is cheap and safe.
 *
 * `auto` is the first of node-gpu, node, wasm and cpu that runs here; `passedOver` says why those before it do not.
 * Call it after importing tfjs-layers or tfjs, whose gradients it completes.
 *
 * @throws EngineError if the engine, or an option of it, does not run here; the engine in use before stays.
 */
export async function useEngine(name: EngineName = 'auto', options: EngineOptions = {}): Promise<EngineStatus> {
  if (!ENGINE_NAMES.includes(name)) {
    throw new EngineError(
      String(name),
      `useEngine: no engine is called '${name}'. The engines are ${ENGINE_NAMES.join(', ')}.`,
    );
  }
  const turn = last.then(() => choose(name, options));
  last = turn.catch(() => undefined);
  return turn;
}

/** tfjs starts one engine at a time: calls queue. */
let last: Promise<unknown> = Promise.resolve();

/** The engine runs, but an option is not for this machine: `auto` then takes no slower engine, which would not need it. */
class OptionError extends EngineError {}

async function choose(name: EngineName, options: EngineOptions): Promise<EngineStatus> {
  if (name !== 'auto') return start(find(name), options);
  const passedOver: PassedOver[] = [];
  for (const preferred of ['node-gpu', 'node', 'wasm', 'cpu'] as const) {
    try {
      return { ...(await start(find(preferred), options)), passedOver };
    } catch (error) {
      if (!(error instanceof EngineError) || error instanceof OptionError) throw error;
      passedOver.push({ name: preferred, reason: error.message.replace(`${preferred}: `, '') });
    }
  }
  throw new EngineError(
    'auto',
    `auto: no engine runs here: ${passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`,
  );
}

function find(name: EngineName): Engine {
  return ENGINES.find((engine) => engine.name === name)!;
}

async function start(engine: Engine, options: EngineOptions): Promise<EngineStatus> {
  const before = tf.getBackend();
  try {
    const inPage = engine.name === 'webgpu' && !isNode();
    const missing = absence(engine) ?? (inPage ? await adapterAbsence() : null);
    if (missing !== null) throw new EngineError(engine.name, `${engine.name}: ${missing}`);
    const version = await load(engine, options);
    await activate(engine);
    const reason = isNative(engine) ? nativeReason(engine) : runsOn(engine);
    registerGradients();
    registerFused(engine.backend);
    // What one engine alone needs is loaded with it: a page on another does not fetch it.
    if (engine.name === 'webgpu') (await import('./webgpu/complete.ts')).completeWebGpu();
    if (isNative(engine)) await (await import('./node/fused-register.ts')).registerNativeFused();
    if (engine.name !== 'wasm') return { name: engine.name, available: true, reason, version };
    const build = options.wasmBuild ?? chooseBuild();
    if (!canRun(build)) {
      throw new OptionError('wasm', `wasm: the build '${build}' needs relaxed SIMD, which is not here: use 'plain'`);
    }
    const asked = options.wideVectors ?? false;
    const wideVectors = asked === 'auto' ? wideVectorsAreKnown() : asked;
    if (wideVectors) {
      const why = widenVectors();
      if (why !== null) throw new OptionError('wasm', `wasm: wideVectors: ${why}`);
    }
    guardMemory(tf.backend() as BackendWasm);
    await Own.start(build, wideVectors);
    return { name: 'wasm', available: true, reason: runsOn(engine, build), version, build, wideVectors };
  } catch (error) {
    await restore(before);
    registerGradients(); // a package that failed half-way may have put tfjs's own in their place
    throw error;
  }
}

/** Loads the engine's package, which registers its kernels, and returns the package's version. */
async function load(engine: Engine, options: EngineOptions): Promise<string | null> {
  const { name, packageName } = engine;
  if (name === 'wasm') {
    const wasm = await attempt(engine, () => import('@tensorflow/tfjs-backend-wasm'));
    if (options.wasmPaths !== undefined && !started.has(name)) setPaths(wasm.setWasmPaths, options.wasmPaths);
    registerWasmKernels();
    return wasm.version_wasm;
  }
  if (name === 'cpu') {
    // An optional peer: esbuild builds without it where it sees that a failure is met.
    const cpu = () => import('@tensorflow/tfjs-backend-cpu').catch(rethrow);
    const { version_cpu } = await attempt(engine, cpu);
    mendKernels('cpu');
    return version_cpu;
  }
  if (name === 'webgpu') {
    if (tf.findBackendFactory('webgpu') === null) await attempt(engine, registerWebGpu);
    if (!isNode()) return null; // the page imported it
  } else {
    restoreUtil();
    setEnvironment(process.env);
    await attempt(engine, async () => nodeRequire()(packageName));
    (await import('./node/mend-node.ts')).mendNode();
  }
  return installedVersion(packageName);
}

/** @throws EngineError if node-gpu uses no card. */
function nativeReason(engine: Engine): string {
  const { binding, isUsingGpuDevice: gpu } = loadedNative()!;
  if (engine.name === 'node-gpu' && !gpu) throw new EngineError(engine.name, `${engine.name}: ${withoutCard()}`);
  return runsNatively(engine, { tensorflow: binding.TF_Version, gpu });
}

async function registerWebGpu(): Promise<void> {
  const { openDawn } = await import('./webgpu/dawn.ts');
  const backend = await openDawn();
  if (typeof backend === 'string') throw new EngineError('webgpu', `webgpu: ${backend}`);
  tf.registerBackend('webgpu', () => backend, 3);
}

function rethrow(error: unknown): never {
  throw error;
}

type WasmPaths = NonNullable<EngineOptions['wasmPaths']>;

function setPaths(setWasmPaths: (paths: WasmPaths) => void, paths: WasmPaths): void {
  try {
    setWasmPaths(paths);
  } catch {
    const why = 'its files were not found once, and tfjs takes no other paths after that';
    throw new EngineError('wasm', `wasm: ${why}: reload the page or restart the program with the right wasmPaths`);
  }
}

async function attempt<T>(engine: Engine, load: () => Promise<T>): Promise<T> {
  try {
    return (await quietly(load)).result;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(engine.name, `${engine.name}: ${loadFailure(engine, error)}`);
  }
}

async function activate({ name, backend }: Engine): Promise<void> {
  const dropListeners = watchListeners();
  const { result, kept } = await quietly(() => tf.setBackend(backend));
  dropListeners();
  if (!result) throw new EngineError(name, `${name}: did not start: ${startFailure(kept)}`);
  started.add(name);
  const instance = tf.backend() as unknown as { firstUse?: boolean };
  if (instance.firstUse === true) instance.firstUse = false; // else the first tensor prints an advertisement of tfjs-node
}

/** Engines that have run here, for which options come too late. */
const started = new Set<string>();

/** setBackend leaves the name of an engine that did not start behind. */
async function restore(before: string | undefined): Promise<void> {
  if (before !== undefined && tf.findBackendFactory(before) !== null) await tf.setBackend(before);
  else (tf.engine() as { backendName: string | undefined }).backendName = before;
}

/**
 * The WASM module's loader hangs handlers on the process that turn an uncaught error into exit status 7 and an
 * unhandled rejection into an uncaught error. The function returned takes off those that came since.
 */
function watchListeners(): () => void {
  if (!isNode()) return () => {};
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set(process.listeners(event as 'exit')));
  return () => {
    for (const [i, event] of events.entries()) {
      for (const listener of process.listeners(event as 'exit')) {
        const thrower = /throw (ex|reason)\b/.test(listener.toString());
        if (thrower && !before[i]!.has(listener)) process.removeListener(event, listener);
      }
    }
  };
}
