// Compiles assembly/ to two WASM builds and writes them as base64 to src/wasm/compiled.ts (not committed), if they changed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'src', 'wasm', 'compiled.ts');
const sources = readdirSync(join(root, 'assembly'))
  .filter((name) => name.endsWith('.ts'))
  .sort();
const texts = Object.fromEntries(sources.map((name) => [name, readFileSync(join(root, 'assembly', name), 'utf8')]));
const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
for (const name of sources) hash.update(name).update(texts[name]);
const stamp = `// Made by scripts/compile.mjs from assembly/; ${hash.digest('hex')}`;

if (existsSync(target) && readFileSync(target, 'utf8').startsWith(stamp)) process.exit(0);

const { default: asc } = await import('assemblyscript/asc');

async function compile(features) {
  let binary;
  const options = [
    'index.ts',
    '--outFile',
    'kernels.wasm',
    '--enable',
    features,
    '--importMemory',
    '--runtime',
    'stub',
  ];
  const { error, stderr } = await asc.main([...options, '-O3', '--noAssert', '--use', 'abort='], {
    readFile: (name) => texts[name] ?? null,
    writeFile: (name, contents) => {
      if (name === 'kernels.wasm') binary = contents;
    },
    listFiles: () => [],
  });
  if (error) {
    process.stderr.write(`${stderr}\n${error.message}\n`);
    process.exit(1);
  }
  // Section 11 is data: it would be written over tfjs's memory.
  for (let at = 8; at < binary.length; ) {
    const id = binary[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      size |= (binary[at] & 127) << shift;
      if (binary[at++] < 128) break;
    }
    if (id === 11) throw new Error('assembly/ must have no static data: no strings, StaticArrays or array literals');
    at += size;
  }
  return Buffer.from(binary).toString('base64');
}

const plain = await compile('simd');
const fused = await compile('simd,relaxed-simd');
const text = `${stamp}\n/** WebAssembly with SIMD, base64. */\nexport const plain =\n  '${plain}';\n/** The same with relaxed SIMD: fused multiply-add. */\nexport const fused =\n  '${fused}';\n`;
const temporary = `${target}.${process.pid}.tmp`;
writeFileSync(temporary, text);
renameSync(temporary, target); // several tasks may compile at once
