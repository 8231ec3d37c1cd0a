import * as tf from '@tensorflow/tfjs-core';
import { type OwnKernel, replaceKernel } from '../wasm/own.ts';
import { adamAll } from './adam-all.ts';
import { registerBinary } from './binary.ts';
import { causalSampler } from './causal-sampler.ts';
import { sigmoidCrossEntropy } from './cross-entropy.ts';
import { denseCrossEntropy } from './dense-cross-entropy.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise-backprop.ts';
import { conv2d, conv2dFilterGradient, conv2dInputGradient, fusedConv2d } from './fused-conv.ts';
import { concatElu, concatEluGrad, gatedResidual, gatedResidualGrad } from './gated-block.ts';
import { gaussianKl } from './gaussian-kl.ts';
import { gru, gruGrad } from './gru.ts';
import { layerNorm, layerNormGrad } from './layer-norm.ts';
import { logisticMixture } from './logistic-mixture.ts';
import { lstm, lstmGrad } from './lstm.ts';
import { fusedMatMul, matMul } from './mat-mul.ts';
import { registerMoveKernels } from './move/register.ts';
import { registerReductions } from './reduce.ts';
import { registerReductionGradients } from './reduction-gradients.ts';
import { reluGradient } from './relu-gradient.ts';
import { registerRightNumbers } from './right-numbers.ts';
import { registerSelect } from './select.ts';
import { sparseCrossEntropy } from './sparse-cross-entropy.ts';
import { registerSparseMatMul } from './sparse-mat-mul.ts';
import { registerUnary } from './unary.ts';

/** Gradient kernels that tfjs's WASM engine lacks. */
const MISSING: Record<string, unknown> = {
  [tf.DepthwiseConv2dNativeBackpropFilter]: depthwiseBackpropFilter,
  [tf.DepthwiseConv2dNativeBackpropInput]: depthwiseBackpropInput,
};

/** Kernels of assembly/, under tfjs's names or our own. */
const OWN: Record<string, OwnKernel> = {
  ProjAdamAll: adamAll,
  ProjCausalSampler: causalSampler,
  ProjConcatElu: concatElu,
  ProjConcatEluGrad: concatEluGrad,
  ProjDenseCrossEntropy: denseCrossEntropy,
  ProjGatedResidual: gatedResidual,
  ProjGatedResidualGrad: gatedResidualGrad,
  ProjGaussianKl: gaussianKl,
  ProjGruSequence: gru,
  ProjGruSequenceGrad: gruGrad,
  ProjLayerNorm: layerNorm,
  ProjLayerNormGrad: layerNormGrad,
  ProjLogisticMixture: logisticMixture,
  ProjLstmSequence: lstm,
  ProjLstmSequenceGrad: lstmGrad,
  ProjReluGradient: reluGradient,
  ProjSigmoidCrossEntropy: sigmoidCrossEntropy,
  ProjSparseCrossEntropy: sparseCrossEntropy,
  [tf.BatchMatMul]: matMul,
  [tf._FusedMatMul]: fusedMatMul,
  [tf.Conv2D]: conv2d,
  [tf.FusedConv2D]: fusedConv2d,
  [tf.Conv2DBackpropInput]: conv2dInputGradient,
  [tf.Conv2DBackpropFilter]: conv2dFilterGradient,
};

/** Registers this package's WASM kernels; the engine's package must be loaded. Calling it again changes nothing. */
export function registerWasmKernels(): void {
  registerRightNumbers();
  for (const [kernelName, kernelFunc] of Object.entries(MISSING)) {
    if (tf.getKernel(kernelName, 'wasm') !== undefined) continue;
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernelFunc as tf.KernelFunc });
  }
  for (const [kernelName, kernel] of Object.entries(OWN)) replaceKernel(kernelName, kernel);
  registerUnary();
  registerBinary();
  registerSelect();
  registerReductions();
  registerReductionGradients();
  registerMoveKernels();
  registerSparseMatMul();
}
