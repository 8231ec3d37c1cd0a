import { expect, it } from 'vitest';
import { machine } from '../../tests/packages.ts';
import { cudaFault } from './cuda.ts';

const CARD = { '/proc/driver/nvidia/version': 'NVRM version: NVIDIA UNIX x86_64 Kernel Module' };
const CUDA = [
  'libcudart.so.11.0',
  'libcublas.so.11',
  'libcublasLt.so.11',
  'libcufft.so.10',
  'libcusolver.so.11',
  'libcusparse.so.11',
];
const cache = (names: string[]) => ({
  '/etc/ld.so.cache': names.map((name) => `${name}\0/usr/lib/${name}\0`).join(''),
});

it('nothing is missing where the linker knows the driver, CUDA and cuDNN, by its cache or by LD_LIBRARY_PATH', () => {
  expect(cudaFault(machine({ ...CARD, ...cache(['libcuda.so.1', ...CUDA, 'libcudnn.so.8']) }))).toBeNull();
  const files = Object.fromEntries([...CUDA, 'libcudnn.so.8'].map((name) => [`/opt/cuda/lib64/${name}`, '']));
  const env = { LD_LIBRARY_PATH: '/nowhere:/opt/cuda/lib64' };
  expect(cudaFault(machine({ ...CARD, ...cache(['libcuda.so.1']), ...files }, { env }))).toBeNull();
});

it.each([
  ['cuDNN 8.1 not found (libcudnn.so.8): install it,', [...CUDA]],
  ['CUDA 11.2 and cuDNN 8.1 not found (libcudart.so.11.0): install them,', []],
  [
    'CUDA 11.2 not found (libcublas.so.11): install it,',
    ['libcudnn.so.8', ...CUDA.filter((name) => name !== 'libcublas.so.11')],
  ],
  // CUDA 12 beside it does not do: names carry versions.
  ['CUDA 11.2 and cuDNN 8.1 not found (libcudart.so.11.0): install them,', ['libcudart.so.12', 'libcudnn.so.9']],
])('%s', (expected, libraries) => {
  expect(cudaFault(machine({ ...CARD, ...cache(['libcuda.so.1', ...libraries]) }))).toBe(
    `${expected} or add the libraries' folder to LD_LIBRARY_PATH`,
  );
});

it('the driver and the card come first, and who hid the cards is told so', () => {
  const all = { ...CARD, ...cache(['libcuda.so.1', ...CUDA, 'libcudnn.so.8']) };
  expect(cudaFault(machine({ ...CARD, ...cache([]) }))).toMatch(
    /^no driver of NVIDIA's \(libcuda\.so\.1 not found\): /,
  );
  expect(cudaFault(machine(cache(['libcuda.so.1'])))).toMatch(
    /^no card of NVIDIA \(nothing under \/proc\/driver\/nvidia\)/,
  );
  for (const value of ['', '-1']) {
    const fault = cudaFault(machine(all, { env: { CUDA_VISIBLE_DEVICES: value } }));
    expect(fault).toBe(`CUDA_VISIBLE_DEVICES='${value}' hides every card: name one, such as 0, or unset it`);
  }
  expect(cudaFault(machine(all, { env: { CUDA_VISIBLE_DEVICES: '1' } }))).toBeNull();
});

it('on Windows the names are those of DLLs on the PATH; macOS has no CUDA', () => {
  const system = { 'C:\\Windows\\System32\\nvcuda.dll': '' };
  const windows = { platform: 'win32', env: { Path: 'C:\\CUDA\\bin', SystemRoot: 'C:\\Windows' } };
  expect(cudaFault(machine(system, windows))).toBe(
    "CUDA 11.2 and cuDNN 8.1 not found (cudart64_110.dll): install them, or add the libraries' folder to PATH",
  );
  const cudnn = { ...system, 'C:\\CUDA\\bin\\cudnn64_8.dll': '' };
  expect(cudaFault(machine(cudnn, windows))).toMatch(/^CUDA 11\.2 not found \(cudart64_110\.dll, cublas64_11\.dll, /);
  expect(cudaFault(machine({}, { platform: 'darwin' }))).toBe('there is no CUDA for darwin');
});
