import { Gae } from '@proj/models';
import { graphModelSpec } from './graph-model.ts';

export const gae = graphModelSpec({
  name: 'gae',
  summary: 'graph auto-encoder for link prediction (Kipf & Welling 2016)',
  notes: [
    'the loss is weighted; logLikelihood in nats/node is not, for the training graph over all pairs of different nodes',
  ],
  make: (config) => new Gae(config),
  own: (model) => ({
    draw: (graph) => model.embed(graph),
    likelihood: (graph) => ({ logLikelihood: model.logLikelihood(graph) }),
  }),
});
