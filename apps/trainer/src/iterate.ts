import {
  type Checkpoint,
  type Dataset,
  type FitOptions,
  type FitResult,
  NonFiniteLossError,
  readWeights,
  startingState,
  type TrainingState,
  writeWeights,
} from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import type { Model } from './tasks/task.ts';

/** A model that learns from all of the data at once, without gradients. */
export interface IterativeModel extends Model {
  /** One iteration over all examples; the loss after it, a mean over them. What it depends on are the weights alone. */
  iterate(examples: tf.Tensor): number;
}

/**
 * `fit` of @proj/training for a model without gradients: an epoch is one iteration. Same checkpoints and reports, and a resumed run ends
 * as an uninterrupted one; batch size and learning rate play no part.
 *
 * @throws NonFiniteLossError when the loss is NaN or infinite; the checkpoint 'last' is from before.
 */
export async function fitByIterations(
  model: IterativeModel,
  data: Dataset<tf.TensorContainer>,
  options: FitOptions,
): Promise<FitResult> {
  const { epochs, seed, batchSize, checkpoints, monitor, patience = Infinity, signal } = options;
  const last = options.resume ? await checkpoints?.load('last') : undefined;
  const state: TrainingState = last?.state ?? startingState({ seed, batchSize, examples: data.size });
  if (last) writeWeights(model.weights, last.tensors);
  let best = last && (await checkpoints?.load('best'))?.tensors;
  const save = async (name: 'last' | 'best', tensors: Checkpoint['tensors']) =>
    checkpoints?.save(name, { tensors, state: structuredClone(state) });
  const result = (status: FitResult['status']): FitResult => {
    if (status !== 'aborted' && best) writeWeights(model.weights, best);
    const { epoch, globalStep, history } = state;
    return { status, epochs: epoch, steps: globalStep, ...(state.best && { best: state.best }), history };
  };
  const examples = data.batch(Uint32Array.from({ length: data.size }, (_, i) => i)) as tf.Tensor;
  try {
    if (!last) await save('last', await readWeights(model.weights));
    while (state.epoch < epochs) {
      if (state.epochsSinceBest >= patience) return result('stopped-early');
      if (signal?.aborted) return result('aborted');
      const started = performance.now();
      const loss = model.iterate(examples);
      if (!Number.isFinite(loss)) throw new NonFiniteLossError(state.epoch + 1, 1, loss);
      const val = (await options.validate?.()) ?? {};
      const seconds = (performance.now() - started) / 1000;
      state.epoch += 1;
      state.globalStep += 1;
      state.seconds += seconds;
      const value = monitor && (val[monitor.metric] ?? loss);
      const improved = isBetter(value, state.best?.value, monitor?.mode);
      if (improved) state.best = { epoch: state.epoch, value: value! };
      state.epochsSinceBest = improved ? 0 : state.epochsSinceBest + 1;
      const report = { epoch: state.epoch, loss, val, seconds, improved };
      state.history.push(report);
      const weights = await readWeights(model.weights);
      if (improved) {
        best = weights;
        await save('best', weights);
      }
      await save('last', weights);
      await options.onEpoch?.(structuredClone(report));
    }
    return result(state.epochsSinceBest >= patience ? 'stopped-early' : 'done');
  } finally {
    tf.dispose(examples);
  }
}

function isBetter(value: number | undefined, best: number | undefined, mode: 'min' | 'max' | undefined): boolean {
  if (value === undefined || !Number.isFinite(value)) return false;
  return best === undefined || (mode === 'min' ? value < best : value > best);
}
