import { EngineError, type EngineName, useEngine } from '@proj/backend';
import { describe, it } from 'vitest';

/** The suite if the engine runs here, else one skipped test with the reason in its name. */
export async function ifItRuns(engine: EngineName, suite: () => void): Promise<void> {
  const reason = await useEngine(engine).then(
    () => null,
    (error: Error) => {
      if (error instanceof EngineError) return error.message;
      throw error;
    },
  );
  if (reason === null) describe(engine, suite);
  else it.skip(`skipped: ${reason}`, () => {});
}
