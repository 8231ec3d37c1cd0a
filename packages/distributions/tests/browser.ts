import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

// Node finds the engine's files by itself; tooling/vitest/browser.config.ts says where its server has them.
setWasmPaths((import.meta as unknown as { env: Record<string, string> }).env.TFJS_WASM!);
