import { DataError } from '@proj/io/node';
import { Command, CommanderError } from 'commander';
import { data } from './commands/data.ts';
import { decode } from './commands/decode.ts';
import { describe } from './commands/describe.ts';
import { doctor } from './commands/doctor.ts';
import { encode } from './commands/encode.ts';
import { evaluate } from './commands/eval.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { models } from './commands/models.ts';
import { reconstruct } from './commands/reconstruct.ts';
import { resume } from './commands/resume.ts';
import { sample } from './commands/sample.ts';
import { start } from './commands/start.ts';
import { train } from './commands/train.ts';
import { DivergedError, exitStatus, FailureError, StoppedError, UsageError } from './errors.ts';
import type { Io } from './io.ts';
import { outOfMemory } from './memory.ts';
import { unknownName } from './nearest.ts';
import { trainerVersion } from './versions.ts';

const commands = [
  train,
  resume,
  evaluate,
  sample,
  reconstruct,
  encode,
  decode,
  exportCommand,
  importCommand,
  describe,
  models,
  data,
  doctor,
  start,
];

/** The usage line of the command that was meant, or of the whole program. */
function usage(program: Command, argv: readonly string[]): string {
  const named = program.commands.find((command) => command.name() === argv[0]);
  return named ? `usage: trainer ${named.name()} ${named.usage()}` : `usage: trainer ${program.usage()}`;
}

/** Runs one command line and returns its exit status; every message goes through `io`. */
export async function run(io: Io, argv: readonly string[]): Promise<number> {
  const program = new Command('trainer')
    .description('Train, evaluate, sample and look at generative models.')
    .version(trainerVersion())
    .usage('COMMAND [options]   (trainer help COMMAND)');
  for (const make of commands) program.addCommand(make(io), { hidden: make === start });
  program
    .command('help [command]')
    .description('What a command does, and its options.')
    .action((name?: string) => {
      const named = program.commands.find((command) => command.name() === name);
      if (name !== undefined && !named) throw new UsageError(unknownName('command', name, visible(program)));
      (named ?? program).outputHelp();
    });
  const quietly = (command: Command) => {
    command.exitOverride().showSuggestionAfterError(true);
    command.configureOutput({
      writeOut: (text) => io.print(text.trimEnd()),
      writeErr: () => {}, // reported below, as one line
    });
    command.commands.forEach(quietly);
  };
  quietly(program);
  program.action(() => {
    throw new UsageError(argv.length === 0 ? 'no command given.' : unknownName('command', argv[0]!, visible(program)));
  });
  program.allowExcessArguments(true);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitStatus.done;
  } catch (error) {
    return report(io, program, argv, error);
  }
}

const visible = (program: Command) =>
  program.commands.map((command) => command.name()).filter((name) => name !== 'start');

function report(io: Io, program: Command, argv: readonly string[], error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitStatus.done; // --help, --version
    if (error.code === 'commander.help') return exitStatus.usage;
    io.log(error.message.replace(/\s*\n\s*/g, ' '));
    io.log(usage(program, argv));
    return exitStatus.usage;
  }
  if (error instanceof UsageError) {
    io.log(`error: ${error.message}`);
    io.log(usage(program, argv));
    return exitStatus.usage;
  }
  if (error instanceof StoppedError) {
    io.log(error.message);
    return exitStatus[error.signal];
  }
  if (error instanceof DivergedError) {
    io.log(`error: ${error.message}`);
    return exitStatus.diverged;
  }
  if (error instanceof FailureError || error instanceof DataError) {
    io.log(`error: ${error.message}`);
    return exitStatus.failed;
  }
  const memory = outOfMemory(error);
  if (memory !== undefined) {
    io.log(`error: out of memory: ${memory}. Ask for less at once, or take another engine with --engine.`);
    return exitStatus.failed;
  }
  if (io.signal.aborted) {
    io.log('stopped.');
    return exitStatus[io.signal.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT'];
  }
  io.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitStatus.failed;
}
