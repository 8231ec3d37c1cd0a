import { standardNormal } from '@proj/distributions';
import { Vgae } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { graphModelSpec } from './graph-model.ts';

export const vgae = graphModelSpec({
  name: 'vgae',
  summary: 'variational graph auto-encoder for link prediction (Kipf & Welling 2016)',
  notes: [
    'the loss is weighted; elbo, reconstruction, kl in nats/node are not, for the training graph over all pairs of different nodes',
  ],
  make: (config) => new Vgae(config),
  own: (model) => ({
    draw: (graph, seed, temperature) =>
      tf.tidy(() => {
        const { loc, scale } = model.encode(graph);
        const noise = standardNormal(loc.shape, seed);
        return tf.add<tf.Tensor2D>(loc, tf.mul(tf.mul(noise, scale), temperature));
      }),
    likelihood: (graph, seed) =>
      tf.tidy(() => {
        const { elbo, reconstruction, kl } = model.elbo(graph, seed);
        return { elbo, reconstruction, kl };
      }),
  }),
});
