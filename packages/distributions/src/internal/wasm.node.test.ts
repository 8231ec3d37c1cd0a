import { expect, it, vi } from 'vitest';

// In Node, since a browser evaluates a module but once.
it('is compiled at the first draw, not at import; without it the draws are the same', async () => {
  const Module = vi.fn(() => {
    throw new Error('Refused to compile or instantiate WebAssembly module: violates Content Security Policy');
  });
  vi.stubGlobal('WebAssembly', { Module, Instance: Module });
  const slow = await import('../random.ts');
  expect(Module).not.toHaveBeenCalled();
  const draws = slow.normal(1001, 1);
  slow.bits(3, 1);
  expect(Module).toHaveBeenCalledTimes(1);

  vi.unstubAllGlobals();
  vi.resetModules();
  const fast = await import('../random.ts');
  expect(fast.normal).not.toBe(slow.normal);
  expect(fast.normal(1001, 1)).toEqual(draws);
});
