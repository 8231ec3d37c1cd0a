import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

// The built program, as a user runs it: what only a process shows. turbo builds it before this suite.
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const MODEL = [
  '--engine',
  'wasm',
  '--seed',
  '5',
  '--limit',
  '4000',
  '--batch',
  '32',
  '--set',
  'latent=4',
  '--set',
  'hidden=64',
];
let folder: string;

interface Ended {
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** Starts the trainer; `whenSeen` is called once, when stdout matches. */
function trainer(argv: string[], whenSeen?: [pattern: RegExp, act: (child: ChildProcess) => void]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...argv], { cwd: folder });
  let [stdout, stderr, acted] = ['', '', false];
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
    if (whenSeen && !acted && whenSeen[0].test(stdout)) {
      acted = true;
      whenSeen[1](child);
    }
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

const metricsOf = ({ stdout }: Ended) =>
  (JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { metrics: Record<string, number> }).metrics;

let whole: Record<string, number>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-process-'));
  const run = await trainer(['train', 'vae', ...MODEL, '--epochs', '3', '--out', 'whole', '--json']);
  expect(run.stderr.replaceAll(/^epoch .*\n/gm, '')).toBe('');
  expect(run.status).toBe(0);
  whole = metricsOf(run);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('killed with -9 in the middle of epoch 2 and resumed, it ends with the metrics of an uninterrupted run', async () => {
  const killed = await trainer(
    ['train', 'vae', ...MODEL, '--epochs', '3', '--out', 'killed', '--json'],
    [/"epoch":1,/, (child) => setTimeout(() => child.kill('SIGKILL'), 150)],
  );
  expect(killed.signal).toBe('SIGKILL');
  expect(killed.stdout).not.toContain('"epoch":2,');
  const resumed = await trainer(['resume', 'killed', '--json']);
  expect(resumed.status).toBe(0);
  expect(resumed.stdout).toContain('"epoch":2,');
  expect(resumed.stdout).not.toContain('"epoch":1,');
  expect(metricsOf(resumed)).toEqual(whole); // same engine, same bits
  const events = readFileSync(join(folder, 'killed', 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(events.map((line) => (JSON.parse(line) as { epoch?: number }).epoch)).toEqual([1, 2, 3, undefined]);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s saves a checkpoint, names the way on and exits with %i; resumed, nothing is lost',
  async (signal, status) => {
    const out = `stopped-${signal}`;
    const stopped = await trainer(
      ['train', 'vae', ...MODEL, '--epochs', '3', '--out', out, '--json'],
      [/"epoch":1,/, (child) => setTimeout(() => child.kill(signal), 150)],
    );
    expect(stopped.status).toBe(status);
    expect(stopped.stderr).toContain(`trainer resume ${out}`);
    expect(existsSync(join(folder, out, '.lock'))).toBe(false);
    const resumed = await trainer(['resume', out, '--json']);
    expect(metricsOf(resumed)).toEqual(whole);
  },
);

it('a loss that is not finite ends with status 3; the last good checkpoint is kept and named', async () => {
  const run = await trainer([
    'train',
    'vae',
    ...MODEL,
    '--epochs',
    '1',
    '--learning-rate',
    '1e30',
    '--out',
    'diverged',
    '--json',
  ]);
  expect(run.status).toBe(3);
  expect(run.stderr).toMatch(/error: .*(NaN|Infinity|not finite)/);
  expect(run.stderr).toContain(join('diverged', 'checkpoints', 'last'));
  expect(existsSync(join(folder, 'diverged', 'checkpoints', 'last', 'checkpoint.safetensors'))).toBe(true);
});

it('a disk that refuses a checkpoint ends with status 1 and one line; no half file stays', async () => {
  const run = await trainer(
    ['train', 'vae', ...MODEL, '--epochs', '2', '--out', 'refused', '--json'],
    [
      /"epoch":1,/,
      () => {
        // A file where the folder was: the next checkpoint cannot be written.
        rmSync(join(folder, 'refused', 'checkpoints'), { recursive: true, force: true });
        writeFileSync(join(folder, 'refused', 'checkpoints'), '');
      },
    ],
  );
  expect(run.status).toBe(1);
  expect(
    run.stderr
      .replaceAll(/^epoch .*\n/gm, '')
      .trimEnd()
      .split('\n'),
  ).toHaveLength(1);
  expect(run.stderr).toContain(join('refused', 'checkpoints'));
});

it('two processes never train the same run', async () => {
  writeFileSync(join(folder, 'whole', '.lock'), `${process.pid}\n`); // this process lives
  const run = await trainer(['resume', 'whole', '--epochs', '4']);
  rmSync(join(folder, 'whole', '.lock'));
  expect(run.status).toBe(2);
  expect(run.stderr).toContain(`process ${process.pid}`);
});

it('resume with more epochs goes on from a finished run', async () => {
  const run = await trainer(['resume', 'whole', '--epochs', '4', '--json']);
  expect(run.status).toBe(0);
  expect(run.stdout).toContain('"epoch":4,');
  expect(run.stdout).not.toContain('"epoch":3,'); // it goes on; it does not begin again
  expect(metricsOf(run).elbo).not.toBe(whole.elbo);
});
