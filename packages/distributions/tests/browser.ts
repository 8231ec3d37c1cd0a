import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

// Node finds the engine's files by itself; tooling/vitest/browser.config.ts says where its server has them.
setWasmPaths((import.meta as unknown as { env: Record<string, string> }).env.TFJS_WASM!);
await tf.setBackend('cpu'); // loaded as well, wasm would be the first choice, and is not ready at once
