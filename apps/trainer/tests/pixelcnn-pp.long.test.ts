import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

// The real files, PROJ_DATA_DIR names their folder.
const real = it.skipIf(!process.env.PROJ_DATA_DIR);

/** Bits per dimension of test images after a few epochs of few images. */
async function bitsPerDim(data: string, limit: number, epochs: number, ...settings: string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'proj-pixelcnn-pp-'));
  try {
    const { io, printed } = fakeIo();
    const set = settings.flatMap((setting) => ['--set', setting]);
    const options = ['--data', data, '--limit', String(limit), '--epochs', String(epochs), '--engine', 'wasm', ...set];
    expect(await run(io, ['train', 'pixelcnn-pp', ...options, '--out', join(folder, 'run'), '--json'])).toBe(0);
    return (JSON.parse(printed.at(-1)!) as { metrics: { bitsPerDim: number } }).metrics.bitsPerDim;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// systems.md 5.5: the histogram of each position is at 4.5876 bits per dimension on the test images of Fashion-MNIST.
real('thirty steps on little of Fashion-MNIST beat the histogram of each position (needs PROJ_DATA_DIR)', async () => {
  expect(await bitsPerDim('fashion-mnist', 320, 3, 'size=28', 'numFilters=16')).toBeLessThan(4.3);
});

// docs/runs/histograms.mjs: the histogram of each channel, fitted on the training part of the same files, is at 7.8932 on the test part.
real('forty steps on little of CIFAR-10 beat the histogram of each channel (needs PROJ_DATA_DIR)', async () => {
  expect(await bitsPerDim('cifar10', 320, 4, 'numFilters=16', 'numLogisticMix=10')).toBeLessThan(7.5);
});
