import { hasLibrary, type Machine } from './machine.ts';
import { builtin, isNode, nodeRequire } from './node.ts';

/** What WebGPU tells of the card, or of what stands in for it. */
export interface Adapter {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly description?: string;
}

/** Names of what computes WebGPU's shaders on the processor. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|\bwarp\b/i;

/** One line on a WebGPU engine that runs. */
export function runsOnAdapter({ vendor = '', architecture = '', description = '' }: Adapter): string {
  const names = [vendor, architecture].filter((name) => name !== '').join(' ') || description || 'an unnamed adapter';
  const slow = SOFTWARE.test(`${names} ${description}`) ? ', in software: slow, for checking alone' : '';
  return `WebGPU on ${names}${slow}`;
}

/** Where Vulkan's loader on Linux looks for files that name drivers. */
function driverFolders({ env }: Machine): string[] {
  const home = env.HOME ?? '';
  const config = [env.XDG_CONFIG_HOME ?? `${home}/.config`, ...(env.XDG_CONFIG_DIRS ?? '/etc/xdg').split(':')];
  const data = [
    env.XDG_DATA_HOME ?? `${home}/.local/share`,
    ...(env.XDG_DATA_DIRS ?? '/usr/local/share:/usr/share').split(':'),
  ];
  return [...config, '/usr/local/etc', '/etc', ...data].map((folder) => `${folder}/vulkan/icd.d`);
}

/** Files of Vulkan drivers, in the order in which the loader takes them. */
function drivers(machine: Machine): string[] {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES } = machine.env;
  const named = (VK_DRIVER_FILES ?? VK_ICD_FILENAMES ?? '').split(':').filter((path) => path !== '');
  if (named.length > 0) return named.flatMap((path) => manifests(path, machine));
  return [...(VK_ADD_DRIVER_FILES ?? '').split(':'), ...driverFolders(machine)].flatMap((path) =>
    manifests(path, machine),
  );
}

function manifests(path: string, machine: Machine): string[] {
  if (path.endsWith('.json')) return machine.exists(path) ? [path] : [];
  return machine.list(path).flatMap((name) => (name.endsWith('.json') ? [`${path}/${name}`] : []));
}

const INSTALL =
  "NVIDIA's driver, or Debian's libvulkan1 and mesa-vulkan-drivers (Intel, AMD, and the processor in their place)";

/** What Dawn would miss in Node on Linux, whose complaints go straight to stderr; null elsewhere and where nothing is seen to be missing. */
export function vulkanFault(machine: Machine): string | null {
  if (machine.platform !== 'linux') return null;
  if (!hasLibrary('libvulkan.so.1', machine)) return `Vulkan's loader (libvulkan.so.1) not found: install ${INSTALL}`;
  if (drivers(machine).length > 0) return null;
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = machine.env;
  const named = VK_DRIVER_FILES ?? VK_ICD_FILENAMES;
  const where = named
    ? `${VK_DRIVER_FILES === undefined ? 'VK_ICD_FILENAMES' : 'VK_DRIVER_FILES'} names ${named}, which is not there`
    : 'no file in /usr/share/vulkan/icd.d or /etc/vulkan/icd.d';
  return `no Vulkan driver (${where}): install ${INSTALL}`;
}

/** Why WebGPU has nothing to run on, in one line; `null`: in a browser. */
export function noAdapter(machine: Machine | null): string {
  if (machine === null) return 'the browser has no adapter: see its page chrome://gpu or about:support for why';
  if (machine.platform === 'darwin')
    return 'Dawn found no adapter of Metal: it needs macOS on a machine with a screen driver, not a bare virtual one';
  if (machine.platform === 'win32') return "Dawn found no adapter of Direct3D 12 or Vulkan: install the card's driver";
  const found = drivers(machine).map((path) => path.replace(/^.*\//, ''));
  const card =
    'see what vulkaninfo says; the user needs access to /dev/dri (the group render), a container --gpus all or --device /dev/dri';
  return vulkanFault(machine) ?? `Dawn found no adapter by the Vulkan drivers here (${found.join(', ')}): ${card}`;
}

/** What an error of loading npm's `webgpu` means, and the remedy, in one line. */
export function dawnFault(error: unknown, machine: Machine): string {
  const first = String(error instanceof Error ? error.message : error).split('\n')[0]!;
  const here = `${machine.platform}-${machine.arch}`;
  if (/Cannot find module .*dawn\.node/.test(first)) return `npm's webgpu has no build for ${here}: use node or wasm`;
  const glibc = /(GLIBC(?:XX)?_[\d.]+)' not found/.exec(first)?.[1];
  if (glibc !== undefined)
    return `npm's webgpu needs a newer system (${glibc}): upgrade it, install an older webgpu, or use node or wasm`;
  if (/ld-linux|libc\.musl|Error relocating/.test(first))
    return "npm's webgpu needs glibc, and this system has musl: use wasm";
  return `npm's webgpu failed to load (${first}): npm install webgpu`;
}

/** What WebGPU would run on, if anything; in Node found in a process of its own, or the error of loading Dawn there. */
export async function probeAdapter(): Promise<Adapter | Error | null> {
  if (isNode()) return probeDawn();
  const { gpu } = navigator as unknown as { gpu: { requestAdapter(): Promise<{ info?: Adapter } | null> } };
  const adapter = await gpu.requestAdapter();
  return adapter && (adapter.info ?? {});
}

async function probeDawn(): Promise<Adapter | Error | null> {
  const { execFile } = builtin<typeof import('node:child_process')>('node:child_process');
  const script = `import(process.argv[1]).then(async ({ create }) => {
    const adapter = await create([]).requestAdapter();
    const { vendor, architecture, description } = adapter?.info ?? {};
    console.log(JSON.stringify(adapter && { vendor, architecture, description }));
    process.exit();
  });`;
  const { pathToFileURL } = builtin<typeof import('node:url')>('node:url');
  const { href } = pathToFileURL(nodeRequire().resolve('webgpu'));
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', script, href], { timeout: 60_000 }, (error, out, err) => {
      const said = out.trim();
      if (/^(null|\{.*\})$/.test(said)) return resolve(JSON.parse(said) as Adapter | null);
      const line = err.split('\n').find((text) => /^\w*Error\b/.test(text));
      resolve(new Error(line?.replace(/^\w*Error: /, '') ?? `its process ended: ${error?.signal ?? error?.code}`));
    });
  });
}
