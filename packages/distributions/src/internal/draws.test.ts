import { afterEach, expect, it, vi } from 'vitest';
import type * as Random from '../random.ts';

const kinds = ['bits', 'uniform', 'normal', 'logistic', 'gumbel', 'exponential'] as const;
// One batch in WASM is 8192 words; a vector holds 8 of them.
const counts = [0, 1, 2, 3, 7, 8, 9, 8191, 8192, 8193, 20_001];
const seeds = [0, 1, 77, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The library as it comes up in a place whose WebAssembly is `global`. */
async function randomWith(global: unknown): Promise<typeof Random & { inWasm: boolean }> {
  vi.resetModules();
  vi.stubGlobal('WebAssembly', global);
  const { wasm } = await import('./wasm.ts');
  return { ...(await import('../random.ts')), inWasm: wasm() !== null };
}

class Refused {
  constructor() {
    throw new Error('Refused to compile or instantiate WebAssembly module: violates Content Security Policy');
  }
}

it.each([
  ['there is no WebAssembly', undefined],
  ['SIMD is missing or a policy forbids to compile', { Module: Refused, Instance: Refused }],
])('WASM and JavaScript draw the same bits; JavaScript where %s', async (_, stub) => {
  const fast = await randomWith((globalThis as { WebAssembly?: unknown }).WebAssembly);
  const slow = await randomWith(stub);
  expect([fast.inWasm, slow.inWasm]).toEqual([true, false]);
  for (const kind of kinds) {
    for (const seed of seeds) {
      for (const count of counts) {
        const [a, b] = [fast[kind](count, seed), slow[kind](count, seed)];
        expect([a.length, b.length]).toEqual([count, count]);
        expect(Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer)), `${kind} ${count} ${seed}`).toBe(0);
      }
    }
  }
  expect(fast.splitSeed(5, 9)).toEqual(slow.splitSeed(5, 9));
});

it('compiles at the first draw, once, and not at import', async () => {
  const real = (globalThis as unknown as { WebAssembly: { Module: new (b: unknown) => object; Instance: unknown } })
    .WebAssembly;
  const Module = vi.fn(function (this: object, bytes: unknown) {
    return new real.Module(bytes);
  });
  vi.stubGlobal('WebAssembly', { Module, Instance: real.Instance });
  const random = await import('../random.ts');
  expect(Module).not.toHaveBeenCalled();
  random.normal(3, 1);
  random.bits(3, 1);
  expect(Module).toHaveBeenCalledTimes(1);
});

it('keeps the module below the 4 KB that browsers compile on the main thread', async () => {
  const { module } = await import('./compiled.ts');
  expect(atob(module).length).toBeLessThan(4096);
});
