import { hasLibrary, type Machine } from './machine.ts';

interface Cuda {
  readonly driver: string;
  readonly libraries: readonly string[];
  readonly searched: string;
}

/** What TensorFlow 2.9, which tfjs-node-gpu 4.22 brings, loads by name; without one of them it uses no card. */
const CUDA: Readonly<Record<string, Cuda>> = {
  linux: {
    driver: 'libcuda.so.1',
    libraries: [
      'libcudart.so.11.0',
      'libcublas.so.11',
      'libcublasLt.so.11',
      'libcufft.so.10',
      'libcusolver.so.11',
      'libcusparse.so.11',
      'libcudnn.so.8',
    ],
    searched: 'LD_LIBRARY_PATH',
  },
  win32: {
    driver: 'nvcuda.dll',
    libraries: [
      'cudart64_110.dll',
      'cublas64_11.dll',
      'cublasLt64_11.dll',
      'cufft64_10.dll',
      'cusolver64_11.dll',
      'cusparse64_11.dll',
      'cudnn64_8.dll',
    ],
    searched: 'PATH',
  },
};

/** Any of these is there where a driver has found a card: Linux, containers, and Windows' Linux. */
const CARD = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'];

/** What TensorFlow would miss to use a card, and the remedy, in one line; null if nothing is seen to be missing. Runs nothing. */
export function cudaFault(machine: Machine): string | null {
  const { platform, env } = machine;
  const cuda = CUDA[platform];
  if (cuda === undefined) return `there is no CUDA for ${platform}`;
  const visible = env.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined && /^(-1\b.*|\s*|NoDevFiles)$/.test(visible)) {
    return `CUDA_VISIBLE_DEVICES='${visible}' hides every card: name one, such as 0, or unset it`;
  }
  if (!hasLibrary(cuda.driver, machine)) {
    return `no driver of NVIDIA's (${cuda.driver} not found): install it and see that nvidia-smi lists the card; in a container, start it with --gpus all`;
  }
  if (platform === 'linux' && !CARD.some((path) => machine.exists(path))) {
    return 'no card of NVIDIA (nothing under /proc/driver/nvidia): see what nvidia-smi says';
  }
  const missing = cuda.libraries.filter((library) => !hasLibrary(library, machine));
  if (missing.length === 0) return null;
  const parts = [
    ...(missing.some((name) => !name.includes('cudnn')) ? ['CUDA 11.2'] : []),
    ...(missing.some((name) => name.includes('cudnn')) ? ['cuDNN 8.1'] : []),
  ];
  const which = missing.length === cuda.libraries.length ? cuda.libraries[0] : missing.join(', ');
  return `${parts.join(' and ')} not found (${which}): install ${parts.length > 1 ? 'them' : 'it'}, or add the libraries' folder to ${cuda.searched}`;
}
