import * as tf from '@tensorflow/tfjs-core';
import { composedAdamAll } from './adam-all.ts';
import { causalSampler } from './causal-sampler.ts';
import { composeDenseCrossEntropy, denseCrossEntropyGradient } from './dense-cross-entropy.ts';
import {
  concatElu,
  concatEluGrad,
  concatEluGradient,
  gatedResidual,
  gatedResidualGrad,
  gatedResidualGradient,
} from './gated-block.ts';
import { gaussianKl, gaussianKlGradient } from './gaussian-kl.ts';
import { composedGru, composedGruGrad, gruGradient } from './gru.ts';
import { layerNorm, layerNormGrad, layerNormGradient } from './layer-norm.ts';
import { logisticMixture, logisticMixtureGradient } from './logistic-mixture.ts';
import { composedLstm, composedLstmGrad, lstmGradient } from './lstm.ts';
import { sigmoidCrossEntropy, sigmoidCrossEntropyGradient } from './sigmoid-cross-entropy.ts';
import { composeSparseCrossEntropy, sparseCrossEntropyGradient } from './sparse-cross-entropy.ts';

/** A fused kernel in operations of tfjs, for engines where it has no compiled form. Runs off the tape, in a tidy. */
export type Composed = (inputs: never, attrs: never) => tf.Tensor | tf.Tensor[];

/** By the names of FusedKernels in @proj/layers. */
const COMPOSED: Record<string, Composed> = {
  ProjAdamAll: composedAdamAll,
  ProjCausalSampler: causalSampler,
  ProjConcatElu: concatElu,
  ProjConcatEluGrad: concatEluGrad,
  ProjDenseCrossEntropy: composeDenseCrossEntropy,
  ProjGatedResidual: gatedResidual,
  ProjGatedResidualGrad: gatedResidualGrad,
  ProjGaussianKl: gaussianKl,
  ProjGruSequence: composedGru,
  ProjGruSequenceGrad: composedGruGrad,
  ProjLayerNorm: layerNorm,
  ProjLayerNormGrad: layerNormGrad,
  ProjLogisticMixture: logisticMixture,
  ProjLstmSequence: composedLstm,
  ProjLstmSequenceGrad: composedLstmGrad,
  ProjSigmoidCrossEntropy: sigmoidCrossEntropy,
  ProjSparseCrossEntropy: composeSparseCrossEntropy,
};

const GRADIENTS: readonly tf.GradConfig[] = [
  concatEluGradient,
  denseCrossEntropyGradient,
  gatedResidualGradient,
  gaussianKlGradient,
  gruGradient,
  layerNormGradient,
  logisticMixtureGradient,
  lstmGradient,
  sigmoidCrossEntropyGradient,
  sparseCrossEntropyGradient,
];

/** Registers the fused kernels that the engine `backendName` does not have yet, and the gradients of all. */
export function registerFused(backendName: string): void {
  for (const [kernelName, compose] of Object.entries(COMPOSED)) {
    if (tf.getKernel(kernelName, backendName) !== undefined) continue;
    const kernelFunc = ({ inputs, attrs }: { inputs: unknown; attrs?: unknown }) =>
      tf.tidy(() => compose(inputs as never, attrs as never));
    tf.registerKernel({ kernelName, backendName, kernelFunc: kernelFunc as tf.KernelFunc });
  }
  for (const config of GRADIENTS) if (tf.getGradient(config.kernelName) === undefined) tf.registerGradient(config);
}
