import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach } from 'vitest';
import { useEngine } from '../../packages/backend/src/index.ts';

/** By file: why it does not run on WebGPU, or the same of tests by their names. */
type Files = Record<string, string | Record<string, string>>;

// With PROJ_ENGINE=node (or node-gpu, webgpu, wasm) a package's suite runs on that engine: it takes the place of cpu, on which
// tests run that say nothing, and which they compare wasm with.
const { name } = await useEngine(process.env.PROJ_ENGINE as 'node');
if (name === 'webgpu') {
  tf.env().set('WEBGPU_CPU_FORWARD', false); // else small tensors are worked on by the processor
  const all = JSON.parse(readFileSync(new URL('webgpu.json', import.meta.url), 'utf8')) as Record<string, Files>;
  const files = all[basename(process.cwd())] ?? {};
  beforeEach(({ task, skip }) => {
    const tests = files[task.file.name];
    const why = typeof tests === 'object' ? tests[task.name] : undefined;
    if (why === undefined) return;
    console.log(`skipped on webgpu: ${task.file.name}: ${task.name} (${why})`);
    skip(why);
  });
}
const backend = tf.getBackend();
const engine = tf.engine();
const setBackend = engine.setBackend.bind(engine);
engine.setBackend = (wanted) => setBackend(wanted === 'cpu' ? backend : wanted);
