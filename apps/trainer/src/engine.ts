import { EngineError, useEngine, type WasmBuild } from '@proj/backend';
import { InvalidArgumentError } from 'commander';
import { FailureError } from './errors.ts';
import { nearest } from './nearest.ts';

export const engineNames = ['auto', 'wasm', 'cpu', 'node', 'node-gpu', 'webgpu'] as const;
export type EngineName = (typeof engineNames)[number];

/** For commander. */
export function engineName(text: string): EngineName {
  const name = engineNames.find((known) => known === text);
  if (!name)
    throw new InvalidArgumentError(
      `Did you mean '${nearest(text, engineNames)}'? There are: ${engineNames.join(', ')}.`,
    );
  return name;
}

export interface StartedEngine {
  readonly engine: string;
  /** On wasm: the build of the kernels, which decides the last bits of every figure. */
  readonly wasmBuild: WasmBuild | null;
  /** Whether V8 pairs its vectors: the same bits, sooner. */
  readonly wideVectors: boolean;
  /** Of the engine's package. */
  readonly version: string | null;
  /** A line for each engine that `auto` would rather have had and whose package is installed: why it does not run. */
  readonly passedOver: readonly string[];
}

/**
 * Starts the engine; one that cannot run here is a failure with the reason. Vectors of WASM are paired where that is known to work, as
 * the process is ours and no bit changes; the variable PROJ_WIDE_VECTORS=off leaves them as they are.
 */
export async function startEngine(name: string, wasmBuild: WasmBuild | null = null): Promise<StartedEngine> {
  try {
    const wideVectors = process.env.PROJ_WIDE_VECTORS === 'off' ? false : 'auto';
    const status = await useEngine(name as EngineName, { wideVectors, ...(wasmBuild !== null && { wasmBuild }) });
    const { build = null, version } = status;
    const passedOver = (status.passedOver ?? [])
      .filter(({ reason }) => !reason.startsWith('package not installed'))
      .map((other) => `engine ${other.name} is passed over: ${other.reason}`);
    return { engine: status.name, wasmBuild: build, wideVectors: status.wideVectors ?? false, version, passedOver };
  } catch (error) {
    if (error instanceof EngineError) throw new FailureError(error.message);
    throw error;
  }
}

/** The engine of a run, as it was when it began, unless another is asked for: a run may have come from another machine. */
export async function startRunEngine(
  run: { readonly engine: string; readonly wasmBuild: WasmBuild | null },
  asked: string | undefined,
): Promise<StartedEngine> {
  if (asked !== undefined) return startEngine(asked);
  try {
    return await startEngine(run.engine, run.wasmBuild);
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    throw new FailureError(
      `${error.message.replace(/\.$/, '')}. The run began on this engine; --engine auto takes one that is here.`,
    );
  }
}
