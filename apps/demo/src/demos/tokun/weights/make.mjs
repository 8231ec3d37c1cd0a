// Trains the demo's tokun and writes tokun.safetensors beside this file, in one to three minutes on two cores. From the root:
//   node apps/demo/src/demos/tokun/weights/make.mjs [RUN]
// A run folder that is there already is not trained again.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../../../', import.meta.url));
const run = resolve(root, process.argv[2] ?? 'runs/demo-tokun');

/** Random code points are all it ever sees: half of them from all of Unicode, half from the basic plane, with all scripts of today. */
const training = [
  ...['--engine', 'wasm', '--seed', '1', '--data', 'random-codepoints'],
  ...['--epochs', '20', '--batch', '16', '--learning-rate', '0.004', '--schedule', 'cosine', '--warm-up', '100'],
  ...['--set', 'groups=4,4', '--set', 'dim=64', '--set', 'attention=false'],
  ...['--set', 'random=0.5', '--set', 'planes=1'],
];

function trainer(...args) {
  const { status } = spawnSync(process.execPath, ['tooling/run.mjs', 'trainer', ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(run)) trainer('train', 'tokun', '--out', run, ...training);
const full = resolve(run, 'weights.safetensors');
trainer('export', run, '--to', 'safetensors', '--out', full);

// Half floats halve the download.
const { readSafetensors, writeSafetensors } = await import('@proj/io');
const { tensors } = readSafetensors(readFileSync(full));
const halves = Object.entries(tensors).map(([name, { shape, data }]) => [name, { dtype: 'F16', shape, data }]);
const file = writeSafetensors(Object.fromEntries(halves), { model: 'tokun', groups: '4,4', dim: '64' });
writeFileSync(new URL('tokun.safetensors', import.meta.url), file);
console.log(`wrote ${file.length} bytes`);
