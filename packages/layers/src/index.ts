export type { FusedKernelName, FusedKernels } from './fused-kernels.ts';
export { layerNormalization } from './layer-normalization.ts';
export { MaskedConv2d, type MaskedConv2dArgs, type MaskType } from './masked-conv2d.ts';
export { registerLayers } from './register.ts';
export { RmsNorm, type RmsNormArgs } from './rms-norm.ts';
