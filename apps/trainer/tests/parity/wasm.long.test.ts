import { holdsToCpu } from './holds.ts';

await holdsToCpu('wasm');
