#!/usr/bin/env node
import { run } from './cli.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(); // `bench ... | head`
  throw error;
});

process.exitCode = await run(
  {
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
  },
  process.argv.slice(2),
);
