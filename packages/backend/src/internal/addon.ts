import { hasLibrary, isCutOff, type Machine } from './machine.ts';
import { installedVersion, nodeRequire, packageFolder } from './node.ts';

/** Why an installed tfjs-node or tfjs-node-gpu cannot load, as far as its files tell, and the remedy; else null. Runs nothing of it. */
export function addonFault(packageName: string, machine: Machine): string | null {
  const version = installedVersion(packageName)!;
  const [major, minor] = version.split('.').map(Number);
  if (major !== 4 || minor! < 22) {
    return `version ${version} is installed, and 4.22 is needed: npm install ${packageName}@^4.22.0`;
  }
  const folder = packageFolder(packageName)!;
  const libraries = machine.list(`${folder}/deps/lib`).filter((name) => name.includes('tensorflow'));
  const built = machine
    .list(`${folder}/lib`)
    .filter((name) => machine.exists(`${folder}/lib/${name}/tfjs_binding.node`));
  if (built.length === 0) {
    if (!machine.exists(`${folder}/deps`)) return scriptDidNotRun(packageName);
    if (libraries.length === 0) return libraryMissing(packageName);
    return addonMissing(packageName);
  }
  const module = `${folder}/lib/${built.at(-1)}`;
  const builtFor = target(machine.read(`${module}/tfjs_binding.node`, 512));
  const here = `${machine.platform}-${machine.arch}`;
  if (builtFor !== null && builtFor !== here && builtFor !== machine.platform)
    return otherMachine(packageName, here, builtFor);
  const parts = [`${module}/tfjs_binding.node`, ...libraries.map((name) => `${folder}/deps/lib/${name}`)];
  const cut = parts.find((path) => isCutOff(path, machine));
  if (cut !== undefined) return `${cut} is cut off: delete ${folder}, then npm install ${packageName}`;
  const lacksAvx = here === 'linux-x64' && /^flags\s*:(?!.*\bavx\b)/m.test(machine.read('/proc/cpuinfo', 4096));
  if (lacksAvx) return "this processor has no AVX, which TensorFlow's builds need: use wasm";
  if (machine.platform === 'win32' && !machine.exists(`${module}/tensorflow.dll`)) {
    const found = machine.exists(`${folder}/deps/lib/tensorflow.dll`) && !hasLibrary('tensorflow.dll', machine);
    if (found) return `tensorflow.dll is not beside the addon: copy ${folder}/deps/lib/tensorflow.dll to ${module}`;
  }
  return null;
}

/** What an error of loading the addon means, and the remedy, in one line. */
export function loadFault(packageName: string, error: unknown, machine: Machine): string {
  const text = String(error instanceof Error ? error.message : error);
  const first = text
    .split('\n')[0]!
    .replace(/^\w*Error: /, '')
    .trim();
  if (/tfjs_binding\.node\) can not be found/.test(text)) return addonMissing(packageName);
  if (/(ld-linux|ld64|libc\.musl)|Error relocating/.test(text)) {
    return `the addon needs glibc, and this system has musl (${first}): use a system with glibc (Debian, not Alpine), or wasm`;
  }
  if (/(lib|\/)?tensorflow\S*: cannot open shared object|Library not loaded: \S*tensorflow/.test(text)) {
    return libraryMissing(packageName);
  }
  const glibc = /(GLIBC(?:XX)?_[\d.]+)' not found/.exec(text)?.[1];
  if (glibc !== undefined)
    return `the addon needs a newer system (${glibc}): upgrade it, or npm rebuild ${packageName} --build-from-source`;
  if (
    /wrong ELF class|invalid ELF header|incompatible architecture|not a mach-o|valid Win32 application|exec format/i.test(
      text,
    )
  ) {
    return otherMachine(packageName, `${machine.platform}-${machine.arch}`, null);
  }
  if (/NODE_MODULE_VERSION|different Node\.js version/.test(text)) {
    return `the addon is built for another Node than ${process.version}: npm rebuild ${packageName} --build-from-source`;
  }
  return `addon failed to load (${first}): npm rebuild ${packageName} --build-addon-from-source`;
}

/** A note on a second tfjs-core that the package uses beside ours; else null. Both work on one engine, but a registered class is known to one alone. */
export function secondCore(packageName: string): string | null {
  const core = '@tensorflow/tfjs-core/package.json';
  try {
    const require = nodeRequire();
    const union = require.resolve('@tensorflow/tfjs/package.json', { paths: [packageFolder(packageName)!] });
    const [ours, theirs] = [require.resolve(core), require.resolve(core, { paths: [union] })]; // of real paths
    if (ours === theirs) return null;
    const [a, b] = [ours, theirs].map(
      (path) => `${(require(path) as { version: string }).version} in ${path.replace(/.package\.json$/, '')}`,
    );
    return `two copies of tfjs-core (${a}; ${b}): npm dedupe, or one version for all in package.json's overrides`;
  } catch {
    return null; // no union package: it is bundled, or laid out in a way of its own
  }
}

function scriptDidNotRun(packageName: string): string {
  const remedy = `npm rebuild ${packageName} (newer npm: npm install-scripts approve ${packageName} first), or pnpm approve-builds`;
  return `its install script, which downloads TensorFlow, did not run: ${remedy}`;
}

function libraryMissing(packageName: string): string {
  return `libtensorflow was not downloaded: let the install script reach storage.googleapis.com, then npm rebuild ${packageName}`;
}

function addonMissing(packageName: string): string {
  return `addon not downloaded (no tfjs_binding.node): npm rebuild ${packageName} --build-addon-from-source`;
}

function otherMachine(packageName: string, here: string, builtFor: string | null): string {
  const is = builtFor === null ? 'for another machine' : `for ${builtFor}`;
  return `the addon is built ${is}, and this is ${here}: npm rebuild ${packageName} --build-from-source`;
}

/** `platform-arch` that a library's first bytes name, or `platform` where they name several; null if they are unknown. */
function target(header: string): string | null {
  const byte = (at: number) => header.charCodeAt(at);
  const word = (at: number) => byte(at) + 256 * byte(at + 1);
  if (header.startsWith('\x7fELF')) {
    const machines: Record<number, string> = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64', 243: 'riscv64' };
    return `linux-${machines[word(18)] ?? `machine ${word(18)}`}`;
  }
  if (header.startsWith('\xcf\xfa\xed\xfe')) return byte(4) === 7 ? 'darwin-x64' : 'darwin-arm64';
  if (header.startsWith('\xca\xfe\xba\xbe')) return 'darwin';
  if (!header.startsWith('MZ')) return null;
  const at = word(60);
  return header.slice(at, at + 2) === 'PE' ? (word(at + 4) === 0xaa64 ? 'win32-arm64' : 'win32-x64') : 'win32';
}
