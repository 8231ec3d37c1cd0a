import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { elf, machine, Packages } from '../../tests/packages.ts';
import { addonFault, loadFault, secondCore } from './addon.ts';
import { type Machine, thisMachine } from './machine.ts';
import { installedVersion } from './node.ts';

const NAME = '@tensorflow/tfjs-node';
const packages = new Packages();
afterAll(() => packages.dispose());
beforeEach(() => packages.remove('@tensorflow'));

const linux: Machine = { ...thisMachine(), platform: 'linux', arch: 'x64', read: thisMachine().read };
const BUILT = { 'lib/napi-v8/tfjs_binding.node': elf(62), 'deps/lib/libtensorflow.so.2': elf(62) };

it('an addon that has all its files is not spoken against', () => {
  packages.add(NAME, '4.22.0', BUILT);
  const avx = {
    ...linux,
    read: (path: string, length?: number) =>
      path === '/proc/cpuinfo' ? 'flags\t\t: fpu avx sse\n' : linux.read(path, length),
  };
  expect(addonFault(NAME, avx)).toBeNull();
});

it.each<[string, Record<string, string | Uint8Array>, string]>([
  [
    'the install script did not run',
    {},
    `its install script, which downloads TensorFlow, did not run: npm rebuild ${NAME}`,
  ],
  [
    'the library did not come',
    { 'deps/x': '' },
    'libtensorflow was not downloaded: let the install script reach storage.googleapis.com',
  ],
  [
    'the addon did not come',
    { 'deps/lib/libtensorflow.so.2': '' },
    `addon not downloaded (no tfjs_binding.node): npm rebuild ${NAME} --build-addon-from-source`,
  ],
  [
    'the addon is for arm64',
    { ...BUILT, 'lib/napi-v8/tfjs_binding.node': elf(183) },
    `the addon is built for linux-arm64, and this is linux-x64: npm rebuild ${NAME} --build-from-source`,
  ],
  [
    'the addon is for macOS',
    { ...BUILT, 'lib/napi-v8/tfjs_binding.node': Uint8Array.of(0xcf, 0xfa, 0xed, 0xfe, 12) },
    'the addon is built for darwin-arm64, and this is linux-x64',
  ],
  [
    'the addon is for Windows',
    { ...BUILT, 'lib/napi-v8/tfjs_binding.node': 'MZ' },
    'the addon is built for win32, and this is linux-x64',
  ],
])('%s', (_, files, expected) => {
  packages.add(NAME, '4.22.0', files);
  expect(addonFault(NAME, linux)).toContain(expected);
});

it.each(['lib/napi-v8/tfjs_binding.node', 'deps/lib/libtensorflow.so.2'])(
  '%s is cut off: it would end the program',
  (file) => {
    const folder = packages.add(NAME, '4.22.0', { ...BUILT, [file]: elf(62).subarray(0, -1) });
    expect(addonFault(NAME, linux)).toBe(`${folder}/${file} is cut off: delete ${folder}, then npm install ${NAME}`);
  },
);

it('a package without a version is none', () => {
  packages.add(NAME, '4.22.0', { 'package.json': JSON.stringify({ name: NAME }) });
  expect(installedVersion(NAME)).toBeNull();
});

it('the arm64 of Linux is told from its own addon', () => {
  packages.add(NAME, '4.22.0', BUILT);
  expect(addonFault(NAME, { ...linux, arch: 'arm64' })).toMatch(
    /^the addon is built for linux-x64, and this is linux-arm64: /,
  );
  packages.add(NAME, '4.22.0', { ...BUILT, 'lib/napi-v8/tfjs_binding.node': elf(183) });
  expect(addonFault(NAME, { ...linux, arch: 'arm64' })).toBeNull();
});

it('a processor without AVX, on which TensorFlow would end the program', () => {
  packages.add(NAME, '4.22.0', BUILT);
  const here = {
    ...linux,
    read: (path: string, length?: number) =>
      path === '/proc/cpuinfo' ? 'flags\t\t: fpu sse avx512_no\n' : linux.read(path, length),
  };
  expect(addonFault(NAME, here)).toMatch(/^this processor has no AVX/);
});

it('an old package, whose kernels are not those of tfjs-core 4.22', () => {
  packages.add(NAME, '3.21.1', BUILT);
  expect(addonFault(NAME, linux)).toBe(`version 3.21.1 is installed, and 4.22 is needed: npm install ${NAME}@^4.22.0`);
});

it('on Windows the library has to be beside the addon', () => {
  const windows = { ...linux, platform: 'win32', env: {} };
  const folder = packages.add(NAME, '4.22.0', { 'lib/napi-v8/tfjs_binding.node': 'MZ', 'deps/lib/tensorflow.dll': '' });
  expect(addonFault(NAME, windows)).toBe(
    `tensorflow.dll is not beside the addon: copy ${folder}/deps/lib/tensorflow.dll to ${folder}/lib/napi-v8`,
  );
});

it.each([
  [
    'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x. \nPlease run',
    /^addon not downloaded .*--build-addon-from-source$/,
  ],
  [
    'libtensorflow.so.2: cannot open shared object file: No such file or directory',
    /^libtensorflow was not downloaded: .*npm rebuild/,
  ],
  [
    '/x/tfjs_binding.node: wrong ELF class: ELFCLASS32',
    /^the addon is built for another machine, and this is linux-x64: .*--build-from-source$/,
  ],
  ['/x/tfjs_binding.node: invalid ELF header', /^the addon is built for another machine/],
  [
    "dlopen(/x, 1): (mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64'))",
    /^the addon is built for another machine/,
  ],
  [
    "/lib/libc.so.6: version `GLIBC_2.38' not found (required by /x)",
    /^the addon needs a newer system \(GLIBC_2\.38\): /,
  ],
  [
    'Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /x)',
    /^the addon needs glibc, and this system has musl/,
  ],
  [
    'The module was compiled against a different Node.js version using\nNODE_MODULE_VERSION 72.',
    /^the addon is built for another Node than v\d+/,
  ],
  [
    'Error: something else\nmore lines',
    /^addon failed to load \(something else\): npm rebuild @tensorflow\/tfjs-node --build-addon-from-source$/,
  ],
])('%s', (message, expected) => {
  expect(loadFault(NAME, new Error(message), machine())).toMatch(expected);
});

it('a second tfjs-core is told, and one that two names lead to is not', () => {
  // Node remembers what it has resolved: each case is a package of its own.
  packages.add('none', '1.0.0'); // what it uses is found where ours is, if at all
  expect(secondCore('none')).toBeNull();
  for (const name of ['other', 'same']) {
    packages.add(name, '4.22.0');
    packages.add(`${name}/node_modules/@tensorflow/tfjs`, '4.21.0');
  }
  const theirs = packages.add('other/node_modules/@tensorflow/tfjs-core', '4.21.0');
  const note = secondCore('other');
  expect(note).toMatch(/^two copies of tfjs-core \(4\.22\.0 in \/.*; 4\.21\.0 in .*\): npm dedupe, /);
  expect(note).toContain(`4.21.0 in ${theirs})`);
  const ours = join(process.cwd(), 'node_modules/@tensorflow/tfjs-core');
  symlinkSync(ours, join(packages.folder, 'same/node_modules/@tensorflow/tfjs-core'));
  expect(secondCore('same')).toBeNull();
});
