import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, delimiter as pathDelimiter } from 'node:path';

export interface RunOptions {
  cwd: string;
  env?: Record<string, string>;
  /** Milliseconds after which the program is killed. */
  timeout?: number;
}

const running = new Set<ChildProcess>();

/** Kills every program that `run` started and all that those started. */
export function killAll(): void {
  for (const child of running) kill(child);
}

/** Each child leads a process group, so that what npm or pnpm started dies with it. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // already gone
  }
}

/** What the caller's npm, pnpm or turbo put into the environment is not what a user's shell has. */
function cleanEnvironment(): Record<string, string> {
  const env: Record<string, string> = { NO_COLOR: '1', DO_NOT_TRACK: '1', TURBO_TELEMETRY_DISABLED: '1' };
  for (const [key, value] of Object.entries(process.env)) {
    const ours = /^(npm_|pnpm_|PNPM_|VITEST|TURBO_|PROJ_)/.test(key);
    if (
      value !== undefined &&
      !ours &&
      !['NODE_OPTIONS', 'NODE_PATH', 'NODE_ENV', 'FORCE_COLOR', 'INIT_CWD'].includes(key)
    ) {
      env[key] = value;
    }
  }
  env.PATH = [dirname(process.execPath), env.PATH].join(pathDelimiter); // the same Node that runs the tests
  return env;
}

/** Runs a program to its end and returns its stdout. @throws Error with both outputs if it fails or takes too long. */
export async function run(program: string, args: string[], options: RunOptions): Promise<string> {
  return (await runAloud(program, args, options)).stdout;
}

/** As `run`, with what the program wrote to stderr. */
export function runAloud(
  program: string,
  args: string[],
  { cwd, env = {}, timeout = 180_000 }: RunOptions,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      late = true;
      kill(child);
    }, timeout);
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      running.delete(child);
      if (status === 0) return resolve({ stdout, stderr });
      const end = late ? `killed after ${timeout / 1000} s` : `exit ${status ?? signal}`;
      reject(new Error(`${[program, ...args].join(' ')}\n(in ${cwd}): ${end}\n${stdout}${stderr}`));
    });
  });
}
