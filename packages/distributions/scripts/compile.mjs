// Compiles assembly/ and writes it as base64 to src/internal/compiled.ts (not committed), if it changed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileAssembly } from '../../../tooling/assembly/compile.mjs';

await compileAssembly({
  root: join(dirname(fileURLToPath(import.meta.url)), '..'),
  target: 'src/internal/compiled.ts',
  builds: {
    module: {
      about: 'WebAssembly with SIMD, base64.',
      options: ['--enable', 'simd', '--runtime', 'stub', '-Oz', '--use', 'abort=', '--initialMemory', '1'],
    },
  },
  load: () => import('assemblyscript/asc'),
});
