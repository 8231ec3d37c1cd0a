import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as browserType } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import config from '../vite.config.ts';
import { app, chromium, chromiumArgs } from './page.ts';

const missing = existsSync(chromium) ? '' : ` (skipped: no ${chromium}; Debian: apt-get install chromium)`;

// The kernels' own suite runs in Node; this part of it in a browser, whose WebAssembly and memory are others.
describe.skipIf(missing !== '')(`kernels in Chromium${missing}`, () => {
  const outDir = mkdtempSync(join(tmpdir(), 'proj-kernels-'));
  let server: PreviewServer;

  beforeAll(async () => {
    const root = join(app, 'tests', 'kernels');
    const pages = { input: join(root, 'index.html') }; // in place of the demo's
    const common = { ...config, configFile: false, root, logLevel: 'error' } as const;
    await build({ ...common, build: { ...config.build, outDir, emptyOutDir: true, rolldownOptions: pages } });
    server = await preview({
      ...common,
      build: { outDir },
      preview: { host: '127.0.0.1', port: 4273 },
    });
  });

  afterAll(async () => {
    await server?.close();
    rmSync(outDir, { recursive: true, force: true });
  });

  it('both builds agree with the CPU engine', async () => {
    const browser = await browserType.launch({ executablePath: chromium, args: chromiumArgs });
    try {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(server.resolvedUrls!.local[0]!);
      const report = await page.evaluate(() => window.kernels!);
      expect(errors).toEqual([]);
      expect(Object.keys(report)).toEqual(['plain', 'fused']);
      for (const [wasmBuild, differences] of Object.entries(report)) {
        expect(Object.keys(differences).length).toBe(12);
        // float32 with sums of up to a few hundred terms in another order
        for (const [name, error] of Object.entries(differences))
          expect(error, `${wasmBuild}: ${name}`).toBeLessThan(2e-5);
      }
    } finally {
      await browser.close();
    }
  });
});
