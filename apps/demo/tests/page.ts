import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const app = fileURLToPath(new URL('..', import.meta.url));
export const chromium = '/usr/bin/chromium';

/** Quiet, without a sandbox (tests run as root) and with nothing that looks for the network. */
export const chromiumArgs = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const newest = (path: string): number => {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
};

/** Builds the page unless what lies in dist is newer than all that it is made from. */
export function build(): void {
  const built = join(app, 'dist', 'index.html');
  const packages = ['backend', 'distributions', 'io', 'layers', 'models', 'tokun', 'training'];
  const sources = [
    ...['index.html', 'tokun.html', 'public', 'src', 'vite.config.ts'].map((name) => join(app, name)),
    ...packages.map((name) => resolve(app, '../../packages', name, 'src')),
  ];
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources.map(newest))) return;
  const vite = join(app, 'node_modules', 'vite', 'bin', 'vite.js');
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [vite, 'build'], { cwd: app, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`vite build failed:\n${stdout}${stderr}`);
}

/** Runs serve.mjs and resolves to its output until the first line is complete. */
export async function serve(...args: string[]): Promise<{ line: string; process: ChildProcess }> {
  const child = spawn(process.execPath, [join(app, 'serve.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const line = await new Promise<string>((done, failed) => {
    let output = '';
    const take = (chunk: Buffer) => {
      output += chunk;
      if (output.includes('\n')) done(output.split('\n')[0]!);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (status) => failed(new Error(`serve.mjs ended with ${status}: ${output}`)));
  });
  return { line, process: child };
}

/** Presses Ctrl-C and resolves to the exit status. */
export function interrupt(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  child.kill('SIGINT');
  return ended;
}
