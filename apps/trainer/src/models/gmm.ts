import type { PointData } from '@proj/io/node';
import { GaussianMixture } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { fitByIterations, type IterativeModel } from '../iterate.ts';
import { points } from '../tasks/points.ts';
import type { ModelSpec } from './spec.ts';

const schema = z.object({
  components: z.int().min(1).max(4096).default(2).describe('Gaussians'),
  covariance: z.enum(['diag', 'full']).default('diag').describe('of each: independent axes, or any'),
});

/** What the trainer asks of a model of points. */
export interface PointModel extends IterativeModel {
  readonly mixture: GaussianMixture;
}

export const gmm: ModelSpec<PointData, PointModel> = {
  name: 'gmm',
  task: points,
  summary: 'mixture of Gaussians by expectation maximisation; an epoch is an iteration',
  schema,
  defaults: { data: 'gaussian-clusters', epochs: 50, batch: 1, learningRate: 1 },
  monitor: { metric: 'logLikelihood', mode: 'max' },
  bound: 'logLikelihood',
  notes: () => [
    'expectation maximisation from clusters of k-means++: an epoch is one iteration over all points; batch and learning rate play no part',
    'logLikelihood in nats a point; the loss is minus that of training, the bound that EM raises, tight in every iteration',
  ],
  create(settings, shape, seed) {
    const mixture = new GaussianMixture({ ...schema.parse(settings), dimensions: shape.dimensions!, seed });
    return {
      mixture,
      weights: mixture.weights,
      countParams: () => mixture.countParams(),
      describe: () => mixture.describe(),
      iterate: (examples) => -mixture.step(examples as tf.Tensor2D),
      loss: (x) => tf.tidy(() => tf.neg(tf.mean<tf.Scalar>(mixture.logLikelihood(x as tf.Tensor2D)))),
      dispose: () => mixture.dispose(),
    };
  },
  fit: fitByIterations,
};
