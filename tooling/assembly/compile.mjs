// What the packages with an assembly/ folder (AssemblyScript) share: from its sources to text in a TypeScript file.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sections of a WASM module by their ids: https://webassembly.github.io/spec/core/binary/modules.html#sections */
const DATA = 11;

function hasSection(binary, wanted) {
  for (let at = 8; at < binary.length; ) {
    const id = binary[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      size |= (binary[at] & 127) << shift;
      if (binary[at++] < 128) break;
    }
    if (id === wanted) return true;
    at += size;
  }
  return false;
}

/**
 * Compiles ROOT/assembly/index.ts, one build for each entry of `builds`, into ROOT/`target` (not committed): one exported
 * constant for each. Does nothing if neither the sources nor the settings have changed.
 *
 * @param {object} settings
 * @param {string} settings.root the package's folder
 * @param {string} settings.target path of the file to write, below `root`
 * @param {Record<string, { about: string, options: string[], encoding?: 'base64' | 'hex' }>} settings.builds by name: a
 *   comment, options of asc, and how the text holds the bytes: base64 is shorter, hex once it is gzipped (by a sixth)
 * @param {() => Promise<{ default: object }>} settings.load imports assemblyscript/asc, which the package depends on
 */
export async function compileAssembly({ root, target, builds, load }) {
  const path = join(root, target);
  const sources = readdirSync(join(root, 'assembly'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const texts = Object.fromEntries(sources.map((name) => [name, readFileSync(join(root, 'assembly', name), 'utf8')]));
  const hash = createHash('sha256')
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .update(JSON.stringify(builds));
  for (const name of sources) hash.update(name).update(texts[name]);
  const stamp = `// Made by scripts/compile.mjs from assembly/; ${hash.digest('hex')}`;
  if (existsSync(path) && readFileSync(path, 'utf8').startsWith(stamp)) return;

  const { default: asc } = await load();
  let text = `${stamp}\n`;
  for (const [name, { about, options, encoding = 'base64' }] of Object.entries(builds)) {
    let binary;
    const { error, stderr } = await asc.main(['index.ts', '--outFile', 'out.wasm', '--noAssert', ...options], {
      readFile: (file) => texts[file] ?? null,
      writeFile: (file, contents) => {
        if (file === 'out.wasm') binary = contents;
      },
      listFiles: () => [],
    });
    if (error) {
      process.stderr.write(`${stderr}\n${error.message}\n`);
      process.exit(1);
    }
    // It would be written over what the memory holds for someone else.
    if (hasSection(binary, DATA)) {
      throw new Error('assembly/ must have no static data: no strings, StaticArrays or array literals');
    }
    text += `/** ${about} */\nexport const ${name} =\n  '${Buffer.from(binary).toString(encoding)}';\n`;
  }
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path); // several tasks may compile at once
}
