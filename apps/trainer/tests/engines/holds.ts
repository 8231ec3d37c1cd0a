import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from '@proj/backend';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import type { Io } from '../../src/io.ts';
import { fakeIo } from '../fake-io.ts';
import { ifItRuns } from '../if-it-runs.ts';

type Metrics = Record<string, number>;

const MODEL = [
  '--limit',
  '150',
  '--batch',
  '50',
  '--epochs',
  '3',
  '--seed',
  '3',
  '--set',
  'latent=3',
  '--set',
  'hidden=16',
];

/** A run on an engine: it says so, is resumed to the bit, and goes over to wasm and back, since weights are numbers. */
export const holdsRuns = (engine: EngineName): Promise<void> => ifItRuns(engine, () => runs(engine));

function runs(engine: EngineName): void {
  let folder: string;
  let whole: Metrics;

  async function trainer(argv: string[], io: Io = fakeIo().io) {
    const printed: string[] = [];
    const logged: string[] = [];
    const print = (line: string) => {
      io.print(line);
      printed.push(line);
    };
    const status = await run({ ...io, print, log: (line) => logged.push(line) }, [...argv, '--json']);
    const last = printed.length > 0 ? (JSON.parse(printed.at(-1)!) as { engine: string; metrics: Metrics }) : undefined;
    return { status, logged, last };
  }
  const config = (name: string) =>
    JSON.parse(readFileSync(join(folder, name, 'config.json'), 'utf8')) as {
      engine: string;
      versions: Record<string, string>;
    };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proj-engines-'));
    const { status, logged, last } = await trainer([
      'train',
      'vae',
      ...MODEL,
      '--engine',
      engine,
      '--out',
      join(folder, 'whole'),
    ]);
    expect([status, logged.filter((line) => !line.startsWith('epoch'))]).toEqual([0, []]);
    whole = last!.metrics;
    expect(last!.engine).toBe(engine);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('the run folder says which engine, and which version of its package', () => {
    expect(config('whole')).toMatchObject({ engine, versions: { engine: expect.stringMatching(/^\d+\.\d+\.\d+/) } });
    expect(existsSync(join(folder, 'whole', 'samples.png'))).toBe(true);
  });

  if (engine === 'node') {
    it('auto takes it, and the run is of it and not of auto', async () => {
      const { io, lastJson } = fakeIo();
      const status = await run(io, ['train', 'vae', ...MODEL, '--engine', 'auto', '--dry-run', '--json']);
      expect([status, lastJson()]).toMatchObject([0, { config: { engine: 'node', wasmBuild: null } }]);
    });
  }

  it('stopped and resumed, it ends in the same bits', async () => {
    const out = join(folder, 'stopped');
    const stop = new AbortController();
    const { io } = fakeIo(stop.signal);
    const first = await trainer(['train', 'vae', ...MODEL, '--engine', engine, '--out', out], {
      ...io,
      print: (line) => {
        if (line.includes('"epoch":1,')) stop.abort('SIGINT');
      },
    });
    expect(first.status).toBe(130);
    const { status, last } = await trainer(['resume', out]);
    expect(status).toBe(0);
    expect(last!.metrics).toEqual(whole);
  });

  it('measured on wasm and on cpu, it has the same figures to float error', async () => {
    for (const other of ['wasm', 'cpu']) {
      const { status, last } = await trainer(['eval', join(folder, 'whole'), '--engine', other]);
      expect(status).toBe(0);
      for (const [name, value] of Object.entries(whole)) {
        expect(Math.abs(last!.metrics[name]! - value), `${name} on ${other}`).toBeLessThan(1e-4 * Math.abs(value));
      }
    }
    const again = await trainer(['eval', join(folder, 'whole')]); // on the engine of the run
    expect(again.last!.metrics).toEqual(whole);
  });

  it('begun on wasm it goes on here, and the other way round', async () => {
    const out = join(folder, 'moved');
    await trainer(['train', 'vae', ...MODEL, '--engine', 'wasm', '--out', out]);
    expect((await trainer(['resume', out, '--epochs', '4', '--engine', engine])).last!.engine).toBe(engine);
    expect(config('moved').engine).toBe(engine);
    const { last } = await trainer(['resume', out, '--epochs', '5', '--engine', 'wasm']);
    expect([last!.engine, config('moved').engine]).toEqual(['wasm', 'wasm']);
    const alone = await trainer([
      'train',
      'vae',
      ...MODEL,
      '--epochs',
      '5',
      '--engine',
      'wasm',
      '--out',
      join(folder, 'alone'),
    ]);
    // The same steps, whoever made them.
    expect(Math.abs(last!.metrics.elbo! - alone.last!.metrics.elbo!)).toBeLessThan(
      0.01 * Math.abs(last!.metrics.elbo!),
    );
  });
}
