#!/usr/bin/env node
import { run } from './cli.ts';

process.exitCode = await run(
  {
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
  },
  process.argv.slice(2),
);
