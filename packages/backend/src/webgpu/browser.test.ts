import { afterEach, expect, it, vi } from 'vitest';
import { adapterAbsence } from './browser.ts';

afterEach(() => vi.unstubAllGlobals());

const browser = (adapter: object | null) =>
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });

it('a browser without an adapter is told of what to do', async () => {
  browser(null);
  expect(await adapterAbsence()).toBe(
    'the browser found no adapter: its graphics acceleration is off, or it does not trust the driver (chrome://gpu): use wasm',
  );
  browser({});
  expect(await adapterAbsence()).toBeNull();
});
