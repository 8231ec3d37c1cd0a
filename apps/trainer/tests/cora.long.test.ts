import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'proj-cora-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const real = it.skipIf(!process.env.PROJ_DATA_DIR);

// docs/runs/cora.md has ten seeds of each; these bounds lie four of their standard deviations below their means.
// Six seconds each on a free core.
real.each([
  ['vgae', [], 0.867, 0.881],
  ['vgae', ['--set', 'featureless=true'], 0.798, 0.839],
])(
  '%s %j on Cora, one seed (needs PROJ_DATA_DIR)',
  async (model, settings, leastAuc, leastAp) => {
    const { io, lastJson } = fakeIo();
    const out = join(folder, [model, ...settings].join(''));
    const argv = ['train', model, '--data', 'cora', '--engine', 'wasm', ...settings, '--out', out, '--json'];
    expect(await run(io, argv)).toBe(0);
    const { metrics } = lastJson() as unknown as { metrics: { auc: number; ap: number } };
    expect(metrics.auc).toBeGreaterThan(leastAuc);
    expect(metrics.ap).toBeGreaterThan(leastAp);
  },
  300_000,
);
