export { concatElu } from './concat-elu.ts';
export {
  type DenseCrossEntropyOptions,
  type DenseWeights,
  denseCrossEntropy,
  type SparseCrossEntropyOptions,
  sparseCrossEntropy,
} from './cross-entropy.ts';
export type { FusedKernelName, FusedKernels } from './fused-kernels.ts';
export { gatedResidual } from './gated-residual.ts';
export { GraphConvolution, type GraphConvolutionArgs } from './graph/graph-convolution.ts';
export { normalizedAdjacency } from './graph/normalized-adjacency.ts';
export { sparseMatMul } from './graph/sparse-mat-mul.ts';
export {
  type CompressedRows,
  denseMatrix,
  type SparseEntries,
  type SparseMatrix,
  type SparseMatrixOptions,
  sparseMatrix,
} from './graph/sparse-matrix.ts';
export { type CausalMask, countLive, liveKernel } from './internal/causal-mask.ts';
export { layerNormalization } from './layer-normalization.ts';
export {
  MaskedConv2d,
  type MaskedConv2dArgs,
  type MaskedConv2dOptions,
  type MaskType,
  maskedConv2d,
} from './masked-conv2d.ts';
export {
  type GruForm,
  type GruOptions,
  type GruResult,
  type GruWeights,
  gru,
  gruStep,
  type ProjectedGruWeights,
  projectedGru,
} from './recurrent/gru.ts';
export {
  type LstmOptions,
  type LstmResult,
  type LstmState,
  type LstmWeights,
  lstm,
  lstmStep,
} from './recurrent/lstm.ts';
export type { SequenceOptions } from './recurrent/sequence.ts';
export { fromTorchGru, fromTorchLstm, type TorchRecurrentWeights } from './recurrent/torch.ts';
export { registerLayers } from './register.ts';
export { RmsNorm, type RmsNormArgs } from './rms-norm.ts';
export { Sampling, type SamplingArgs } from './sampling.ts';
export {
  type ShiftDirection,
  type ShiftedConv2dOptions,
  type ShiftedConvOptions,
  shiftedConv2d,
  shiftedConv2dTranspose,
} from './shifted-conv2d.ts';
export { dataDependentInit, weightNorm } from './weight-norm.ts';
