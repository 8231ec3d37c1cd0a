#!/usr/bin/env node
import { run } from './cli.ts';
import { exitStatus } from './errors.ts';
import { processIo } from './io.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first asks for a checkpoint and an orderly end, the second ends at once.
    if (stop.signal.aborted) process.exit(exitStatus[signal]);
    stop.abort(signal);
  });
}
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitStatus.done);
});

process.exitCode = await run(processIo(stop.signal), process.argv.slice(2));
