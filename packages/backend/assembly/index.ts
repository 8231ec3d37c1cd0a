// Kernels over the memory of tfjs's WASM engine, which is imported: addresses in bytes, counts in elements, float32 unless
// said. Every kernel works on a range of its outermost index, so that ranges can be shared out later.
//
// Nothing here may need static data (strings, StaticArray, array literals): a data segment would be written over tfjs's own.
// ASC_FEATURE_RELAXED_SIMD is a constant: the "fused" build has relaxed SIMD and with it fused multiply-add, "plain" has not.
export * from './adam';
export { causalSampler } from './causal-sampler';
export { convFilter, convRows } from './conv';
export { sigmoidCrossEntropy } from './cross-entropy';
export * from './dense-cross-entropy';
export { depthwise } from './depthwise';
export { concatElu, concatEluGradient, gatedResidual, gatedResidualGradient } from './gated-block';
export { gaussianKl } from './gaussian-kl';
export { gemm, gemmZero } from './gemm';
export { wideVectors } from './gemm-micro';
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
export { reluGradient } from './relu-gradient';
export { sparseCrossEntropy } from './sparse-cross-entropy';
export { sparseProduct, sparseTransposed, sparseValues } from './sparse';
export { transposed } from './transpose';
// Constants as variables: see there.
export {
  EXP_REDUCED_0,
  EXP_REDUCED_1,
  EXP_REDUCED_2,
  EXP_REDUCED_3,
  HALF,
  ALL_LN2_LOW,
  ALL_LN2_HIGH,
  BITS_127,
  ALL_LOG2E,
  ALL_ROUND_127,
  BITS_7FFFFFFF,
  BITS_42AE0000,
  EIGHTY_NINE,
  MINUS_104,
  BITS_4B40007F,
  MINUS_87,
  MINUS_20,
  ALL_ROUND,
  EXPM1_0,
  EXPM1_1,
  EXPM1_2,
  EXPM1_3,
  EXPM1_4,
  BITS_4B400001,
  TWO,
  LOG_PARTS_0,
  LOG_PARTS_1,
  LOG_PARTS_2,
  LOG_PARTS_3,
  LOG_PARTS_4,
  LOG_PARTS_5,
  BITS_007FFFFF,
  BITS_3F3504F3,
  ONE,
  BITS_SHIFT,
  ZERO,
  BITS_00800000,
  BITS_7F000000,
  TWO_TO_25,
  TWENTY_FIVE,
  MINUS_ONE,
  BITS_80000000,
  TEN,
  TANH_0,
  TANH_1,
  TANH_2,
  TANH_3,
  TANH_4,
  TANH_5,
  FOUR,
  ERF_0,
  ERF_1,
  ERF_2,
  ERF_3,
  ERF_4,
  ERF_5,
  ERF_6,
  ERF_7,
  ERF_8,
  ERF_9,
  ERF_10,
  ERF_11,
  ERF_12,
  ERF_13,
} from './math';
