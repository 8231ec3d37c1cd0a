import { graphTensors, Vgae } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { cora } from '../graph/cora.ts';
import type { Variant } from '../measure.ts';
import { optimizerStep } from './training-step.ts';

/** Variational graph auto-encoder, 46,880 parameters, Adam 0.01; an epoch is one step on the whole graph. */
export async function* w7(): AsyncGenerator<Variant> {
  const graph = graphTensors(await cora());
  const model = new Vgae();
  const { step, dispose } = optimizerStep(model, (seed) => model.loss(graph, seed), 0.01);
  yield {
    name: 'epoch',
    amount: 1,
    rateUnit: 'epochs/s',
    run: async () => void (await step()),
    dispose() {
      tf.dispose(graph);
      dispose();
    },
  };
}
