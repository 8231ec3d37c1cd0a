import { afterEach, expect, it, vi } from 'vitest';
import { module } from './compiled.ts';
import { compile, wasm } from './wasm.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

class Refusing {
  constructor() {
    throw new Error('Refused to compile or instantiate WebAssembly module: violates Content Security Policy');
  }
}

it.each([
  ['there is no WebAssembly', undefined],
  ['SIMD is missing or a policy forbids to compile', { Module: Refusing, Instance: Refusing }],
])('there is none where %s', (_, stub) => {
  expect(compile()).not.toBeNull();
  vi.stubGlobal('WebAssembly', stub);
  expect(compile()).toBeNull();
});

it('is compiled once', () => {
  expect(wasm()).toBe(wasm());
});

it('is below the 4 KB that browsers compile at once on the main thread', () => {
  expect(atob(module).length).toBeLessThan(4096);
});
