import { expect, it } from 'vitest';
import { machine } from '../../tests/packages.ts';
import { dawnFault, noAdapter, runsOnAdapter, vulkanFault } from './adapters.ts';

const LOADER = { '/usr/lib/libvulkan.so.1': '' };

it("on Linux Vulkan's loader and a driver's file have to be there", () => {
  expect(vulkanFault(machine())).toMatch(/^Vulkan's loader \(libvulkan\.so\.1\) not found: install .*libvulkan1/);
  expect(vulkanFault(machine(LOADER))).toBe(
    'no Vulkan driver (no file in /usr/share/vulkan/icd.d or /etc/vulkan/icd.d): install ' +
      "NVIDIA's driver, or Debian's libvulkan1 and mesa-vulkan-drivers (Intel, AMD, and the processor in their place)",
  );
  expect(vulkanFault(machine({}, { platform: 'darwin' }))).toBeNull();
});

it.each([
  ['/usr/share/vulkan/icd.d/nvidia_icd.json', {}],
  ['/etc/vulkan/icd.d/intel.json', {}],
  ['/home/u/.local/share/vulkan/icd.d/own.json', { HOME: '/home/u' }],
  ['/opt/vk/own.json', { VK_ICD_FILENAMES: '/opt/vk/own.json' }],
  ['/opt/vk/own.json', { VK_DRIVER_FILES: '/opt/vk' }],
  ['/opt/vk/own.json', { VK_ADD_DRIVER_FILES: '/opt/vk' }],
])('%s is a driver for %j, and no adapter by it is told with its name', (path, env) => {
  const here = machine({ ...LOADER, [path]: '{}' }, { env });
  expect(vulkanFault(here)).toBeNull();
  expect(noAdapter(here)).toContain(`by the Vulkan drivers here (${path.split('/').at(-1)}): see what vulkaninfo says`);
});

it('VK_ICD_FILENAMES that names nothing hides the drivers that are there', () => {
  const files = { ...LOADER, '/usr/share/vulkan/icd.d/nvidia_icd.json': '' };
  const fault = vulkanFault(machine(files, { env: { VK_ICD_FILENAMES: '/gone.json' } }));
  expect(fault).toMatch(/^no Vulkan driver \(VK_ICD_FILENAMES names \/gone\.json, which is not there\): install /);
});

it('an adapter in software is said to be one', () => {
  expect(runsOnAdapter({ vendor: 'nvidia', architecture: 'hopper', description: 'NVIDIA H200' })).toBe(
    'WebGPU on nvidia hopper',
  );
  expect(runsOnAdapter({ vendor: 'google', architecture: 'swiftshader' })).toBe(
    'WebGPU on google swiftshader, in software: slow, for checking alone',
  );
  expect(runsOnAdapter({ vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' })).toMatch(
    /^WebGPU on mesa, in software/,
  );
  expect(runsOnAdapter({})).toBe('WebGPU on an unnamed adapter');
});

it('Dawn that does not load is told by why', () => {
  const here = machine({}, { arch: 'arm' });
  expect(dawnFault(new Error("Cannot find module '/x/webgpu/dist/linux-arm/dawn.node'\nRequire stack"), here)).toBe(
    "npm's webgpu has no build for linux-arm: use node or wasm",
  );
  expect(dawnFault(new Error("/lib/libc.so.6: version `GLIBC_2.38' not found (required by dawn.node)"), here)).toBe(
    "npm's webgpu needs a newer system (GLIBC_2.38): upgrade it, install an older webgpu, or use node or wasm",
  );
  expect(dawnFault(new Error('Error loading shared library ld-linux-x86-64.so.2: No such file'), here)).toContain(
    'musl',
  );
  expect(dawnFault(new Error('bang'), here)).toBe("npm's webgpu failed to load (bang): npm install webgpu");
});
