import { coefficients } from './coefficients.ts';
import { module } from './compiled.ts';

/** What `fill` makes: assembly/index.ts has the same codes. */
export const BITS = 0;
export const UNIFORM = 1;
export const NORMAL = 2;
export const EXPONENTIAL = 3;
export const GUMBEL = 4;
export const LOGISTIC = 5;

// What we use of it, so that whoever compiles this source needs no types of the browser.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: object };
};

/** `fill` of assembly/index.ts over its memory. */
export interface Wasm {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly fill: (kind: number, count: number, key0: number, key1: number, stream: number, block: number) => number;
}

let compiled: Wasm | null | undefined;

/** The compiled generator, or null where it cannot run. Compiled at the first call. */
export function wasm(): Wasm | null {
  if (compiled === undefined) compiled = compile();
  return compiled;
}

/**
 * Compiles the generator: null where there is no WebAssembly, no SIMD in it, or a policy forbids to compile. It has 1.7 KB,
 * and browsers take up to 4 KB at once on the main thread.
 */
export function compile(): Wasm | null {
  try {
    const bytes = Uint8Array.from(module.match(/../g)!, (pair) => Number.parseInt(pair, 16));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    new Float64Array((exports as Wasm).memory.buffer).set(coefficients);
    return exports as Wasm;
  } catch {
    return null;
  }
}
