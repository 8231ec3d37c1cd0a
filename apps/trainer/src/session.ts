import { splitSeed } from '@proj/distributions/random';
import { type Checkpoint, writeWeights } from '@proj/training';
import type { RunConfig } from './config.ts';
import { asCliError } from './data.ts';
import { FailureError } from './errors.ts';
import { modelSpec } from './models/index.ts';
import type { ModelSpec } from './models/spec.ts';
import type { RunFolder } from './run-folder.ts';
import type { Assets, Model, Shape } from './tasks/task.ts';

/** A run's model beside its specification. The caller disposes the model. */
export interface Session<M extends Model = Model> {
  readonly spec: ModelSpec;
  readonly shape: Shape;
  readonly assets: Assets;
  readonly model: M;
  readonly seeds: { readonly init: number; readonly training: number; readonly evaluation: number };
}

/** Builds the model of a configuration, with its initial weights. Without assets it has the sizes that the settings say. */
export function createSession(config: Pick<RunConfig, 'model' | 'set' | 'shape' | 'seed'>, assets?: Assets): Session {
  const spec = modelSpec(config.model);
  const [init, training, evaluation] = splitSeed(config.seed, 3);
  const seeds = { init: init!, training: training!, evaluation: evaluation! };
  try {
    const model = spec.create(config.set, config.shape, seeds.init, assets);
    return { spec, shape: config.shape, assets: assets ?? {}, model, seeds };
  } catch (error) {
    throw asCliError(error);
  }
}

/** Builds the model of a run and gives it the best weights (the last ones if none are better). */
export async function loadSession(folder: RunFolder, config: RunConfig): Promise<Session> {
  const checkpoint = (await folder.load('best')) ?? (await folder.load('last'));
  if (!checkpoint)
    throw new FailureError(`${folder.path} holds no checkpoint yet. Go on with: trainer resume ${folder.path}`);
  const session = createSession(config, folder.readAssets(config));
  try {
    restore(session, folder, checkpoint);
  } catch (error) {
    session.model.dispose();
    throw error;
  }
  return session;
}

/** Gives the model the weights of a checkpoint. @throws FailureError if they are of a model of another configuration. */
export function restore({ model }: Session, folder: RunFolder, { tensors }: Checkpoint): void {
  try {
    writeWeights(model.weights, tensors);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FailureError(`the checkpoints and config.json of ${folder.path} do not fit: ${error.message}`);
  }
}
