import { isOutOfMemory } from '@proj/backend';
import { FailureError } from './errors.ts';
import type { RunFolder } from './run-folder.ts';

/** What ran out and for what, in one line; undefined if the error is of something else. */
export function outOfMemory(error: unknown): string | undefined {
  if (!isOutOfMemory(error)) return undefined;
  const [line = ''] = (error as Error).message.replace(/^Invalid TF_Status: \d+\s*Message: /, '').split('\n');
  return line.replace(/\.$/, '');
}

/** A run that ended so: what to do, and how to go on. Other errors are given back as they are. */
export function explainMemory(
  error: unknown,
  { engine, batch }: { readonly engine: string; readonly batch: number },
  folder: RunFolder,
): unknown {
  const why = outOfMemory(error);
  if (why === undefined) return error;
  const smaller =
    batch > 1 ? `with a smaller --batch, such as ${batch >> 1}, or with a smaller model` : 'a smaller model';
  return new FailureError(
    `the engine ${engine} ran out of memory, with batches of ${batch}: ${why}. The last checkpoint is kept: ${folder.checkpointFile('last')}. Go on from it with: trainer resume ${folder.path} (where memory is freed, or with --engine for another engine); or train anew ${smaller}`,
  );
}
