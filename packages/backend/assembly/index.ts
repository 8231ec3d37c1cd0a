// Kernels over the memory of tfjs's WASM engine, which is imported: addresses in bytes, counts in elements, float32 unless
// said. Every kernel works on a range of its outermost index, so that ranges can be shared out later.
//
// Nothing here may need static data (strings, StaticArray, array literals): a data segment would be written over tfjs's own.
// ASC_FEATURE_RELAXED_SIMD is a constant: the "fused" build has relaxed SIMD and with it fused multiply-add, "plain" has not.
export { convFilter, convRows } from './conv';
export { depthwise } from './depthwise';
export { gemm, gemmZero } from './gemm';
export { sparseProduct, sparseTransposed, sparseValues } from './sparse';
export { transposeInto } from './gemm-pack';
