export { CausalConv1d, type CausalConv1dArgs, type CausalConv1dOptions, causalConv1d } from './causal-conv1d.ts';
export { concatElu } from './concat-elu.ts';
export {
  type DenseCrossEntropyOptions,
  type DenseWeights,
  denseCrossEntropy,
  type SparseCrossEntropyOptions,
  sparseCrossEntropy,
} from './cross-entropy.ts';
export { Divide, type DivideOptions, divide, Merge, type MergeOptions, merge } from './divide-merge.ts';
export { type AttentionOptions, DotAttention, dotAttention } from './dot-attention.ts';
export type { FusedKernelName, FusedKernels } from './fused-kernels.ts';
export { gatedResidual } from './gated-residual.ts';
export { GatedResidualBlock, type GatedResidualBlockArgs } from './gated-residual-block.ts';
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
export {
  AdaptiveGroupNormalization,
  GroupNormalization,
  type GroupNormalizationArgs,
  type GroupNormalizationOptions,
  groupNormalization,
} from './group-normalization.ts';
export { glorotUniform, orthogonal } from './initial-weights.ts';
export { type DataInitializable, initializeFromData } from './initialize-from-data.ts';
export type { AttentionArgs } from './internal/attention-layer.ts';
export { type CausalMask, countLive, liveKernel } from './internal/causal-mask.ts';
export type { ConvLayerArgs } from './internal/conv-layer.ts';
export type { InitializerArg } from './internal/initializer.ts';
export type { WeightArgs } from './internal/linear-map.ts';
export { layerNormalization } from './layer-normalization.ts';
export {
  MaskedConv2d,
  type MaskedConv2dArgs,
  type MaskedConv2dOptions,
  type MaskType,
  maskedConv2d,
} from './masked-conv2d.ts';
export { MultiHeadAttention, type MultiHeadAttentionArgs } from './multi-head-attention.ts';
export {
  PositionalEmbedding,
  type PositionalEmbeddingArgs,
  SinusoidalPositions,
  sinusoidalPositions,
} from './positions.ts';
export { Bidirectional, type BidirectionalArgs, type MergeMode } from './recurrent/bidirectional.ts';
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
export { Gru, type GruArgs } from './recurrent/gru-layer.ts';
export {
  type LstmOptions,
  type LstmResult,
  type LstmState,
  type LstmWeights,
  lstm,
  lstmStep,
} from './recurrent/lstm.ts';
export { Lstm, type LstmArgs } from './recurrent/lstm-layer.ts';
export type { RecurrentArgs, RecurrentConvention } from './recurrent/recurrent-layer.ts';
export type { SequenceOptions } from './recurrent/sequence.ts';
export { fromTorchGru, fromTorchLstm, type TorchRecurrentWeights } from './recurrent/torch.ts';
export { registerLayers } from './register.ts';
export { ResidualBlock, type ResidualBlockArgs } from './residual-block.ts';
export { RmsNorm, type RmsNormArgs } from './rms-norm.ts';
export { Sampling, type SamplingArgs } from './sampling.ts';
export {
  type ShiftDirection,
  ShiftedConv2d,
  type ShiftedConv2dArgs,
  type ShiftedConv2dOptions,
  ShiftedConv2dTranspose,
  type ShiftedConv2dTransposeArgs,
  type ShiftedConvOptions,
  shiftedConv2d,
  shiftedConv2dTranspose,
} from './shifted-conv2d.ts';
export {
  codePerplexity,
  type Quantized,
  VectorQuantizer,
  type VectorQuantizerArgs,
  vectorQuantize,
} from './vector-quantizer.ts';
export { dataDependentInit, weightNorm } from './weight-norm.ts';
