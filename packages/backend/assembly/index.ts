// Kernels over the memory of tfjs's WASM engine, which is imported: addresses in bytes, counts in elements, float32 unless
// said. Every kernel works on a range of its outermost index, so that ranges can be shared out later.
//
// Nothing here may need static data (strings, StaticArray, array literals): a data segment would be written over tfjs's own.
// ASC_FEATURE_RELAXED_SIMD is a constant: the "fused" build has relaxed SIMD and with it fused multiply-add, "plain" has not.
export * from './adam';
export { convFilter, convRows } from './conv';
export { sigmoidCrossEntropy } from './cross-entropy';
export * from './dense-cross-entropy';
export { depthwise } from './depthwise';
export { gaussianKl } from './gaussian-kl';
export { gemm, gemmZero } from './gemm';
export { gruBackward, gruForward, gruSpace } from './gru';
export { lstmBackward, lstmForward, lstmSpace } from './lstm';
export { statesAt, statesBefore } from './recurrent';
export { layerNorm, layerNormGradient } from './layer-norm';
export { logisticMixture, logisticMixtureWork } from './logistic-mixture';
export * from './unary';
export * from './binary';
export * from './compare';
export * from './select';
export * from './reduce';
export * from './softmax';
export * from './cast';
export * from './indexed';
export * from './move';
export * from './scan';
export { sparseCrossEntropy } from './sparse-cross-entropy';
export { sparseProduct, sparseTransposed, sparseValues } from './sparse';
export { transposed } from './transpose';
