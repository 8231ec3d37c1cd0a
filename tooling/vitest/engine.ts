import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from '../../packages/backend/src/index.ts';

// With PROJ_ENGINE=node (or node-gpu, webgpu, wasm) a package's suite runs on that engine: it takes the place of cpu, on which
// tests run that say nothing, and which they compare wasm with.
const { name } = await useEngine(process.env.PROJ_ENGINE as 'node');
if (name === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false); // else small tensors are worked on by the processor
const backend = tf.getBackend();
const engine = tf.engine();
const setBackend = engine.setBackend.bind(engine);
engine.setBackend = (wanted) => setBackend(wanted === 'cpu' ? backend : wanted);
