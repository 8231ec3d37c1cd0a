import { EngineError, useEngine } from '@proj/backend';
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

/** Starts the engine and returns its name; one that cannot run here is a failure with the reason. */
export async function startEngine(name: string): Promise<string> {
  try {
    return (await useEngine(name as EngineName)).name;
  } catch (error) {
    if (error instanceof EngineError) throw new FailureError(error.message);
    throw error;
  }
}
