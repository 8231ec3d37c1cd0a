import { expect, it } from 'vitest';
import { startRunEngine } from './engine.ts';

it('an engine of a run that is not here is a failure that names the way out', async () => {
  const run = startRunEngine({ engine: 'webgpu', wasmBuild: null }, undefined);
  await expect(run).rejects.toThrow(
    /^webgpu: .*\. The run began on this engine; --engine auto takes one that is here\.$/,
  );
  await expect(startRunEngine({ engine: 'wasm', wasmBuild: null }, 'webgpu')).rejects.not.toThrow('The run began');
});
