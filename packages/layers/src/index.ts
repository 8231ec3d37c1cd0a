export {
  type DenseCrossEntropyOptions,
  type DenseWeights,
  denseCrossEntropy,
  type SparseCrossEntropyOptions,
  sparseCrossEntropy,
} from './cross-entropy.ts';
export type { FusedKernelName, FusedKernels } from './fused-kernels.ts';
export { MaskedConv2d, type MaskedConv2dArgs, type MaskType } from './masked-conv2d.ts';
export { registerLayers } from './register.ts';
export { RmsNorm, type RmsNormArgs } from './rms-norm.ts';
