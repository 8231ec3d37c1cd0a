import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { arrayDataset, fit, MemoryCheckpoints, NonFiniteLossError, type TrainableModel } from '../src/index.ts';
import { batchSize, FileLike, points, toy } from './toy.ts';

const options = { batchSize, seed: 5, learningRate: 0.01 };
const script = (values: number[]) => {
  let calls = 0;
  return async () => ({ score: values[calls++]! });
};

it.each([
  ['min' as const, [3, 2, 1, 1, 1.5, 0]],
  ['max' as const, [-3, -2, -1, -1, -1.5, 0]],
])('stops when patience runs out and sets the best weights: %s', async (mode, values) => {
  const model = toy();
  const checkpoints = new FileLike();
  const weights: unknown[] = [];
  const improved: boolean[] = [];
  const result = await fit(model, points, {
    ...options,
    epochs: 10,
    validate: script(values),
    monitor: { metric: 'score', mode },
    patience: 2,
    checkpoints,
    onEpoch: (report) => {
      weights.push(model.numbers());
      improved.push(report.improved);
    },
  });
  expect(improved).toEqual([true, true, true, false, false]); // an equal value is not better
  expect(result).toMatchObject({ status: 'stopped-early', epochs: 5, steps: 25, best: { epoch: 3, value: values[2] } });
  expect(model.numbers()).toEqual(weights[2]);
  expect(weights[4]).not.toEqual(weights[2]);
  expect(checkpoints.saves.filter((save) => save.startsWith('best'))).toEqual(['best 5', 'best 10', 'best 15']);

  // Resumed, it stays stopped, and says the same.
  const again = toy(100);
  const resumed = await fit(again, points, {
    ...options,
    epochs: 10,
    validate: script([]),
    monitor: { metric: 'score', mode },
    patience: 2,
    checkpoints,
    resume: true,
  });
  expect(resumed).toEqual(result);
  expect(again.numbers()).toEqual(weights[2]);
});

it('sets the best weights when the epochs run out, too; NaN is never best', async () => {
  const model = toy();
  const weights: unknown[] = [];
  const result = await fit(model, points, {
    ...options,
    epochs: 4,
    validate: script([Number.NaN, 1, 2, 3]),
    monitor: { metric: 'score', mode: 'min' },
    onEpoch: () => void weights.push(model.numbers()),
  });
  expect(result).toMatchObject({ status: 'done', epochs: 4, best: { epoch: 2, value: 1 } });
  expect(model.numbers()).toEqual(weights[1]);
});

it('monitors the training loss without validation, and tells a metric that is not there', async () => {
  const monitor = { metric: 'loss', mode: 'min' as const };
  const { best, history } = await fit(toy(), points, { ...options, epochs: 3, monitor });
  expect(best!.value).toBe(Math.min(...history.map(({ loss }) => loss)));
  const wrong = { ...options, epochs: 1, validate: async () => ({ a: 1, b: 2 }), monitor: { ...monitor, metric: 'c' } };
  await expect(fit(toy(), points, wrong)).rejects.toThrow(
    new TypeError("fit: validate must return the monitored 'c', got a, b."),
  );
});

it('stops at a loss that is not finite, before any weight takes part', async () => {
  const model = toy();
  let calls = 0;
  const failing: TrainableModel<tf.Tensor> = {
    weights: model.weights,
    loss: (x, seed) => (++calls === 8 ? tf.div(model.loss(x, seed), 0) : model.loss(x, seed)),
  };
  const checkpoints = new FileLike();
  let before: unknown;
  const onStep = () => {
    before = model.numbers();
  };
  const error = await fit(failing, points, { ...options, epochs: 3, checkpoints, onStep }).catch((error) => error);
  expect(error).toBeInstanceOf(NonFiniteLossError);
  expect(error).toMatchObject({ epoch: 2, step: 3, value: Number.POSITIVE_INFINITY });
  expect(error.message).toBe(
    'fit: the loss must be finite, got Infinity at epoch 2, step 3. Lower learningRate or set clipNorm, and go on from the last checkpoint.',
  );
  expect(model.numbers()).toEqual(before);
  expect(checkpoints.saves).toEqual(['last 0', 'last 5']);
});

/** Its loss is 0 and its gradient NaN: the derivative of a root at 0. */
function spoiling(): TrainableModel<tf.Tensor> {
  const w = tf.variable(tf.tensor1d([0, 1]));
  return { weights: { w }, loss: () => tf.sum(tf.sub(tf.sqrt(tf.square(w)), w)) as tf.Scalar };
}
const one = arrayDataset(Float32Array.of(1), []);

it('never saves a weight that is not finite', async () => {
  const checkpoints = new FileLike();
  const run = fit(spoiling(), one, { epochs: 3, batchSize: 1, seed: 0, checkpoints });
  await expect(run).rejects.toThrow("fit: the weight 'w' must be finite, got NaN at epoch 1, step 1.");
  expect(checkpoints.saves).toEqual(['last 0']);
});

it('never returns one as a success', async () => {
  const run = fit(spoiling(), one, { epochs: 1, batchSize: 1, seed: 0 });
  await expect(run).rejects.toThrow("fit: the weight 'w' must be finite, got NaN at epoch 1, step 1.");
});

it('stops at a gradient that is not finite, where its norm is known', async () => {
  const model = spoiling();
  const run = fit(model, one, { epochs: 1, batchSize: 1, seed: 0, clipNorm: 1 });
  await expect(run).rejects.toThrow('fit: the norm of the gradient must be finite, got NaN at epoch 1, step 1.');
  expect([...model.weights.w!.dataSync()]).toEqual([0, 1]);
});

it('lets the event loop run: a timer stops it, at once and saved', async () => {
  const abort = new AbortController();
  const checkpoints = new MemoryCheckpoints();
  setTimeout(() => abort.abort(), 50);
  const started = performance.now();
  const { status, steps } = await fit(toy(), points, {
    ...options,
    epochs: 100_000,
    checkpoints,
    signal: abort.signal,
  });
  expect(status).toBe('aborted');
  expect(performance.now() - started).toBeLessThan(5000); // all epochs would take minutes
  expect((await checkpoints.load('last'))!.state.globalStep).toBe(steps);
});

it('validation waits until the run is resumed when the signal comes at the last step of an epoch', async () => {
  const abort = new AbortController();
  let validations = 0;
  const result = await fit(toy(), points, {
    ...options,
    epochs: 2,
    signal: abort.signal,
    validate: async () => ({ n: ++validations }),
    onStep: ({ step, steps }) => {
      if (step === steps) abort.abort();
    },
  });
  expect([result.status, result.epochs, result.steps, validations]).toEqual(['aborted', 0, 5, 0]);
});
