import { serialization } from '@tensorflow/tfjs-core';
import { CausalConv1d } from './causal-conv1d.ts';
import { Divide, Merge } from './divide-merge.ts';
import { DotAttention } from './dot-attention.ts';
import { GatedResidualBlock } from './gated-residual-block.ts';
import { GraphConvolution } from './graph/graph-convolution.ts';
import { AdaptiveGroupNormalization, GroupNormalization } from './group-normalization.ts';
import { MaskedConv2d } from './masked-conv2d.ts';
import { MultiHeadAttention } from './multi-head-attention.ts';
import { PositionalEmbedding, SinusoidalPositions } from './positions.ts';
import { Bidirectional } from './recurrent/bidirectional.ts';
import { Gru } from './recurrent/gru-layer.ts';
import { Lstm } from './recurrent/lstm-layer.ts';
import { ResidualBlock } from './residual-block.ts';
import { RmsNorm } from './rms-norm.ts';
import { Sampling } from './sampling.ts';
import { ShiftedConv2d, ShiftedConv2dTranspose } from './shifted-conv2d.ts';
import { VectorQuantizer } from './vector-quantizer.ts';

const LAYERS = [
  AdaptiveGroupNormalization,
  Bidirectional,
  CausalConv1d,
  Divide,
  DotAttention,
  GatedResidualBlock,
  GraphConvolution,
  GroupNormalization,
  Gru,
  Lstm,
  MaskedConv2d,
  Merge,
  MultiHeadAttention,
  PositionalEmbedding,
  ResidualBlock,
  RmsNorm,
  Sampling,
  ShiftedConv2d,
  ShiftedConv2dTranspose,
  SinusoidalPositions,
  VectorQuantizer,
];

/** Makes every layer of this package known to `tf.loadLayersModel`. Call it before loading; calling it again does no harm. */
export function registerLayers(): void {
  for (const layer of LAYERS)
    serialization.registerClass(layer as unknown as serialization.SerializableConstructor<serialization.Serializable>);
}

/** Whether saved models hold a layer of this package under that name. */
export const isOwnClassName = (name: string): boolean => LAYERS.some(({ className }) => className === name);
