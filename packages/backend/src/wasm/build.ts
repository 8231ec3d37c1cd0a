import { builtin, isNode } from '../internal/node.ts';
import { fused, plain } from './compiled.ts';

/** Which of the two builds of our WASM kernels runs. */
export type WasmBuild = 'fused' | 'plain';

/** Where relaxed SIMD compiles to faster code than plain SIMD; V8 12.4 (Node 22) has it and gains nothing by it. */
const FAST_FUSED_V8 = 13;

/** Where pairing vectors was seen to work (Node 24 has V8 13.6). */
const WIDE_V8 = 13;

/** Of Node 24. */
const KNOWN_WIDE_V8 = '13.6.';

/** Major version of V8, or null where the program runs on another engine. Chrome N has V8 N / 10. */
export function v8Version(): number | null {
  if (typeof process === 'object' && process.versions?.v8) return Number.parseFloat(process.versions.v8);
  const chrome = typeof navigator === 'object' ? /\bChrom(?:e|ium)\/(\d+)/.exec(navigator.userAgent ?? '') : null;
  return chrome === null ? null : Number(chrome[1]) / 10;
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/**
 * By features and version, never by timing: the same machine always computes the same numbers.
 * `fused` where the engine has relaxed SIMD and a V8 is new enough; else `plain`.
 */
export function chooseBuild(): WasmBuild {
  const v8 = v8Version();
  if (v8 !== null && v8 < FAST_FUSED_V8) return 'plain';
  return canRun('fused') ? 'fused' : 'plain';
}

/** Whether this WebAssembly takes the build. */
export const canRun = (build: WasmBuild): boolean => WebAssembly.validate(bytesOf(build === 'fused' ? fused : plain));

/**
 * Lets V8 pair the 128-bit vectors of WebAssembly into 256-bit ones in what it compiles from now on, everywhere in this
 * process. Same numbers, faster on processors with AVX2. V8 calls its flag for it experimental.
 *
 * @returns null, or why it cannot be done here
 */
export function widenVectors(): string | null {
  if (!isNode())
    return 'a page cannot set a flag of V8: start the browser with --js-flags=--experimental-wasm-revectorize';
  if (process.arch !== 'x64') return `needs a processor of x64, and this is ${process.arch}`;
  if (v8Version()! < WIDE_V8) return `needs Node 24 or newer, and this is Node ${process.versions.node}`;
  builtin<typeof import('node:v8')>('node:v8').setFlagsFromString('--experimental-wasm-revectorize');
  return null;
}

/**
 * Whether pairing vectors is known to change no bit here: V8 13.6, in which the whole suite was run with it, on Linux and a processor
 * of x64 with AVX2. By version and feature, never by timing.
 */
export function wideVectorsAreKnown(): boolean {
  if (!isNode() || process.arch !== 'x64' || process.platform !== 'linux') return false;
  if (!process.versions.v8.startsWith(KNOWN_WIDE_V8)) return false;
  try {
    const processor = builtin<typeof import('node:fs')>('node:fs').readFileSync('/proc/cpuinfo', 'utf8');
    return /^flags\s*:.*\bavx2\b/m.test(processor) && /^flags\s*:.*\bfma\b/m.test(processor);
  } catch {
    return false; // a system that does not tell
  }
}

/** Our kernels over the memory of tfjs's module: what one writes the other reads, also after the memory has grown. */
export async function instantiate(build: WasmBuild, memory: WebAssembly.Memory): Promise<WebAssembly.Exports> {
  const source = bytesOf(build === 'fused' ? fused : plain);
  const { instance } = await WebAssembly.instantiate(source, { env: { memory } });
  return instance.exports;
}
