import { binarize, type VaeConfig } from '@proj/models';
import type * as tf from '@tensorflow/tfjs-core';

/** p(x | z) of the models of images. */
export type PixelLikelihood = NonNullable<VaeConfig['likelihood']>;

/** What a likelihood is of: binary images, drawn anew at each call from grey ones [B, D], or the grey ones themselves. */
export const observer =
  (likelihood: PixelLikelihood) =>
  (x: tf.Tensor, seed: number): tf.Tensor2D =>
    (likelihood === 'bernoulli' ? binarize(x, seed) : x) as tf.Tensor2D;

/** The same for the reader; `scale` is the standard deviation of 'gaussian'. */
export function likelihoodNote(likelihood: PixelLikelihood, scale = 1): string {
  switch (likelihood) {
    case 'bernoulli':
      return 'binarisation: dynamic (every pixel drawn anew as Bernoulli(grey value); evaluation draws once, from a fixed seed)';
    case 'gaussian':
      return `likelihood: Normal(mean, ${scale}) on pixels in [0, 1], constant included: a density`;
    case 'gaussian-learned':
      return 'likelihood: Normal(mean, scale) on pixels in [0, 1], both learned, scale 0.0067 at least: a density, 4.08 nats a pixel at most';
    case 'discretized-logistic':
      return 'likelihood: a logistic rounded to bytes: the probability of all bytes of an image';
  }
}
