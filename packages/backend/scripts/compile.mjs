// Compiles assembly/ to two WASM builds and writes them as base64 to src/wasm/compiled.ts (not committed), if they changed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileAssembly } from '../../../tooling/assembly/compile.mjs';

const shared = ['--importMemory', '--runtime', 'stub', '-O3', '--use', 'abort='];

await compileAssembly({
  root: join(dirname(fileURLToPath(import.meta.url)), '..'),
  target: 'src/wasm/compiled.ts',
  builds: {
    plain: { about: 'WebAssembly with SIMD, base64.', options: ['--enable', 'simd', ...shared] },
    fused: {
      about: 'The same with relaxed SIMD: fused multiply-add.',
      options: ['--enable', 'simd,relaxed-simd', ...shared],
    },
  },
  load: () => import('assemblyscript/asc'),
});
