import { existsSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM } from './chromium.ts';

// Of packages/backend what is about WebGPU, on Chromium's own Vulkan driver without a card; of others all.
const webgpu = existsSync('src/webgpu');
const graphics = webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : ['--disable-gpu'];

const root = fileURLToPath(new URL('../..', import.meta.url));

// A package's whole suite once more, in Debian's Chromium: part of the long suite of a package that has tests/browser.ts, or alone
// with this file as --config. Files that need Node are named *.node.test.ts.
export default defineConfig({
  root: process.cwd(),
  resolve: { conditions: ['@proj/source', 'module', 'browser', 'development|production'] },
  server: { fs: { allow: [root] } },
  test: {
    name: `${basename(process.cwd())} in Chromium`,
    include: [webgpu ? 'src/webgpu/**/*.test.ts' : '{src,tests}/**/*.test.ts'],
    exclude: ['**/*.long.test.ts', '**/*.node.test.ts'],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: CHROMIUM,
          // Quiet, without a sandbox (tests run as root) and with nothing that looks for the network.
          args: [
            '--no-sandbox',
            ...graphics,
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
      }),
      instances: [{ browser: 'chromium' }],
    },
    setupFiles: ['tests/browser.ts'],
    env: { TFJS_WASM: `/@fs${realpathSync('node_modules/@tensorflow/tfjs-backend-wasm/dist')}/` },
    maxWorkers: 1,
    testTimeout: 120_000,
    onConsoleLog: (log) => !log.includes('running TensorFlow.js in Node.js'),
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/browser.json' },
  },
});
