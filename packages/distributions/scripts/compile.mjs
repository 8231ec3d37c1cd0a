// Compiles assembly/ and writes it in hexadecimal to src/internal/compiled.ts (not committed), if it changed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileAssembly } from '../../../tooling/assembly/compile.mjs';

await compileAssembly({
  root: join(dirname(fileURLToPath(import.meta.url)), '..'),
  target: 'src/internal/compiled.ts',
  builds: {
    module: {
      about: 'WebAssembly with SIMD, hexadecimal.',
      encoding: 'hex',
      options: ['--enable', 'simd', '--runtime', 'stub', '-O3', '--use', 'abort=', '--initialMemory', '1'],
    },
  },
  load: () => import('assemblyscript/asc'),
});
