import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Adam } from '@proj/training';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { run } from '../src/cli.ts';
import { images } from '../src/tasks/images.ts';
import { fakeIo } from './fake-io.ts';

// What tfjs-node says of TensorFlow's RESOURCE_EXHAUSTED.
const OOM =
  'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[64,784] and type float on /device:GPU:0';
const MODEL = [
  'vae',
  '--engine',
  'wasm',
  '--limit',
  '200',
  '--batch',
  '50',
  '--seed',
  '2',
  '--set',
  'hidden=8',
  '--json',
];

let folder: string;

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, logged, last: printed.length > 0 ? JSON.parse(printed.at(-1)!) : undefined };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'proj-memory-'));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('out of memory in a step: status 1 and one line; the run goes on from its checkpoint to the same end', async () => {
  const [whole, broken] = [join(folder, 'whole'), join(folder, 'broken')];
  const uninterrupted = await trainer('train', ...MODEL, '--epochs', '3', '--out', whole);
  const { update } = Adam.prototype;
  let steps = 0;
  vi.spyOn(Adam.prototype, 'update').mockImplementation(function (this: Adam, ...args) {
    steps += 1;
    if (steps === 7) throw new Error(OOM); // the third of the second epoch
    update.apply(this, args);
  });
  const ended = await trainer('train', ...MODEL, '--epochs', '3', '--out', broken);
  expect([ended.status, ended.logged]).toEqual([
    1,
    [
      `error: the engine wasm ran out of memory, with batches of 50: OOM when allocating tensor with shape[64,784] and type float on /device:GPU:0. The last checkpoint is kept: ${join(broken, 'checkpoints', 'last', 'checkpoint.safetensors')}. Go on from it with: trainer resume ${broken} (where memory is freed, or with --engine for another engine); or train anew with a smaller --batch, such as 25, or with a smaller model`,
    ],
  ]);
  expect(existsSync(join(broken, '.lock'))).toBe(false);
  const resumed = await trainer('resume', broken, '--json');
  expect(resumed.status).toBe(0);
  expect(resumed.last.metrics).toEqual(uninterrupted.last.metrics);
  const epochs = readFileSync(join(broken, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  expect(epochs.map((line) => JSON.parse(line).epoch)).toEqual([1, 2, 3, undefined]);
});

it('out of memory while a model is measured: one line too', async () => {
  const out = join(folder, 'measured');
  await trainer('train', ...MODEL, '--epochs', '1', '--out', out);
  vi.spyOn(images, 'evaluate').mockRejectedValue(new Error(OOM));
  const { status, logged } = await trainer('eval', out, '--json');
  expect([status, logged]).toEqual([
    1,
    [
      'error: out of memory: OOM when allocating tensor with shape[64,784] and type float on /device:GPU:0. Ask for less at once, or take another engine with --engine.',
    ],
  ]);
});
