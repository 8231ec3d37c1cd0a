import { splitSeed } from '@proj/distributions/random';
import type { ImageData } from '@proj/io/node';
import { arrayDataset, meanMetrics, writeWeights } from '@proj/training';
import type * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from './config.ts';
import type { Split } from './data.ts';
import { FailureError } from './errors.ts';
import { modelSpec } from './models/index.ts';
import type { ImageModel, ModelSpec } from './models/spec.ts';
import type { RunFolder } from './run-folder.ts';

/** Images a step of evaluation. Part of what a figure means: each batch draws from a seed of its own. */
const EVALUATION_BATCH = 250;

/** A run's model beside its specification. The caller disposes the model. */
export interface Session {
  readonly spec: ModelSpec;
  readonly model: ImageModel;
  readonly seeds: { readonly init: number; readonly training: number; readonly evaluation: number };
}

/** Builds the model of a configuration, with its initial weights. */
export function createSession(config: Pick<RunConfig, 'model' | 'set' | 'image' | 'seed'>): Session {
  const spec = modelSpec(config.model);
  const [init, training, evaluation] = splitSeed(config.seed, 3);
  const seeds = { init: init!, training: training!, evaluation: evaluation! };
  return { spec, model: spec.create(config.set, config.image, seeds.init), seeds };
}

/** Builds the model of a run and gives it the best weights (the last ones if none are better). */
export async function loadSession(folder: RunFolder, config: RunConfig): Promise<Session> {
  const checkpoint = (await folder.load('best')) ?? (await folder.load('last'));
  if (!checkpoint)
    throw new FailureError(`${folder.path} holds no checkpoint yet. Go on with: trainer resume ${folder.path}`);
  const session = createSession(config);
  writeWeights(session.model.weights, checkpoint.tensors);
  return session;
}

/** Bytes of one part of the data as batches [B, D] of grey values in [0, 1]. */
export function dataset(data: ImageData, split: Split) {
  const size = data.height * data.width * data.channels;
  return arrayDataset(data[split].images, [size]);
}

/**
 * Mean metrics of a part of the data; `full` adds the slow ones. Same model, data and seed: same figures.
 * `onExample` gets those of each image, in order.
 */
export async function evaluateSplit(
  { model, seeds }: Session,
  data: ImageData,
  split: Split,
  full: boolean,
  onExample?: (index: number, metrics: Record<string, number>) => void,
): Promise<Record<string, number>> {
  const metrics = (x: tf.Tensor, seed: number) => model.metrics(x as tf.Tensor2D, seed, full);
  const means = await meanMetrics(dataset(data, split), EVALUATION_BATCH, metrics, seeds.evaluation, onExample);
  return model.summarise(means);
}
