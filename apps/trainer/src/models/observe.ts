import { binarize } from '@proj/models';
import type * as tf from '@tensorflow/tfjs-core';

/** Likelihoods of the models that have no others. */
export type PixelLikelihood = 'bernoulli' | 'gaussian';

/** What a likelihood is of: binary images, drawn anew at each call from grey ones [B, D], or the grey ones themselves. */
export const observer =
  (likelihood: PixelLikelihood) =>
  (x: tf.Tensor, seed: number): tf.Tensor2D =>
    (likelihood === 'bernoulli' ? binarize(x, seed) : x) as tf.Tensor2D;

/** The same for the reader. */
export const likelihoodNote = (likelihood: PixelLikelihood): string =>
  likelihood === 'bernoulli'
    ? 'binarisation: dynamic (every pixel drawn anew as Bernoulli(grey value); evaluation draws once, from a fixed seed)'
    : 'likelihood: Normal(mean, 1) on pixels in [0, 1], constant included';
