import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { Packages, skipIfChosen } from '../tests/packages.ts';
import { listEngines, useEngine } from './index.ts';
import { setEnvironment } from './internal/native.ts';

// The addon that tooling/native builds, where it is: what the stand-ins of native-engines.test.ts cannot show.
const modules = resolve('../../.cache/native/node_modules');
const missing = !existsSync(join(modules, '@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node'));
const why = missing ? ' (skipped: no addon in .cache/native; node tooling/native/install.mjs builds it)' : '';

const packages = missing ? undefined : new Packages(modules);
afterAll(() => packages?.dispose());
beforeEach(skipIfChosen);

it.skipIf(missing)(`auto is node, found in a process of its own and then here${why}`, async () => {
  const reason = expect.stringMatching(/^native TensorFlow 2\.\d+\.\d+ on the processor$/);
  const { node, ...others } = Object.fromEntries((await listEngines()).map((status) => [status.name, status]));
  expect(node).toEqual({ name: 'node', available: true, reason, version: '4.22.0' });
  expect(others['node-gpu']!.available).toBe(false);
  const gpu = { name: 'node-gpu', reason: 'package not installed: npm install @tensorflow/tfjs-node-gpu' };
  expect(await useEngine()).toEqual({ ...node, passedOver: [gpu] });
  expect(tf.getBackend()).toBe('tensorflow');
  expect(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).arraySync()).toEqual([
    [3, 3],
    [3, 3],
  ]);
});

it.skipIf(missing)(`a process that loads it says nothing of its own accord${why}`, () => {
  const script = `const util = require('node:util');
    util.isNullOrUndefined ??= (x) => x == null;
    util.isArray ??= Array.isArray;
    const { ones, backend } = require('@tensorflow/tfjs-node');
    backend().firstUse = false;
    console.log(ones([2]).dataSync().join());`;
  const env = { ...process.env, NODE_PATH: modules };
  setEnvironment(env);
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { env, encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['1,1\n', '']);
});
