import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import {
  arrayDataset,
  type Dataset,
  type FitOptions,
  fit,
  linearWarmUp,
  type StepReport,
  type TrainableModel,
} from '../src/index.ts';
import { batchSize, points, steps, toy } from './toy.ts';

const options = { epochs: 2, batchSize, seed: 3 };
const numbers = arrayDataset(
  Float32Array.from({ length: 23 }, (_, i) => i),
  [],
);

/** A model that notes what it is given: the examples, the seed and the number of every step. */
function spy(): TrainableModel<tf.Tensor> & { batches: number[][]; seeds: number[]; numbers: number[] } {
  const w = tf.variable(tf.scalar(0));
  const batches: number[][] = [];
  const seeds: number[] = [];
  const numbers: number[] = [];
  return {
    weights: { w },
    batches,
    seeds,
    numbers,
    loss(x, seed, step) {
      batches.push([...x.dataSync()]);
      seeds.push(seed);
      numbers.push(step);
      return tf.mean(tf.square(tf.sub(x, w)));
    },
  };
}

async function reports(more: Partial<FitOptions> = {}, model = toy()): Promise<StepReport[]> {
  const all: StepReport[] = [];
  await fit(model, points, { ...options, ...more, onStep: (report) => void all.push(report) });
  return all;
}

it('shows every example once an epoch, in an order that follows from the seed and the epoch', async () => {
  const [a, b, other] = [spy(), spy(), spy()];
  await fit(a, numbers, options);
  await fit(b, numbers, options);
  await fit(other, numbers, { ...options, seed: 4 });
  expect(a.batches.map((batch) => batch.length)).toEqual([5, 5, 5, 5, 3, 5, 5, 5, 5, 3]);
  const [first, second] = [a.batches.slice(0, steps).flat(), a.batches.slice(steps).flat()];
  const all = Array.from({ length: 23 }, (_, i) => i);
  expect([...first].sort((x, y) => x - y)).toEqual(all);
  expect([...second].sort((x, y) => x - y)).toEqual(all);
  expect(first).not.toEqual(all);
  expect(second).not.toEqual(first);
  expect(b.batches).toEqual(a.batches);
  expect(b.seeds).toEqual(a.seeds);
  expect(new Set(a.seeds).size).toBe(10);
  expect(a.numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(other.batches).not.toEqual(a.batches);
  expect(other.seeds).not.toEqual(a.seeds);
});

// Closed form: the least squares of x - w over x = 0 to 22 are at the mean, 11.
it('minimises the loss', async () => {
  const model = spy();
  const { status, epochs, steps, history, best } = await fit(model, numbers, {
    epochs: 120,
    batchSize: 23,
    seed: 0,
    learningRate: (step) => 2 * 0.95 ** step,
    beta2: 0.9,
  });
  expect(model.weights.w!.dataSync()[0]).toBeCloseTo(11, 1);
  expect({ status, epochs, steps, best }).toEqual({ status: 'done', epochs: 120, steps: 120, best: undefined });
  expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
});

it('reports every step and every epoch', async () => {
  const epochs: unknown[] = [];
  const all = await reports({ onEpoch: (report) => void epochs.push(report), validate: async () => ({ x: 7 }) });
  expect(all.map(({ epoch, step, globalStep }) => [epoch, step, globalStep])).toEqual([
    ...[1, 2, 3, 4, 5].map((step) => [1, step, step]),
    ...[1, 2, 3, 4, 5].map((step) => [2, step, step + 5]),
  ]);
  expect(all.every((report) => report.epochs === 2 && report.steps === 5 && report.learningRate === 1e-3)).toBe(true);
  expect(all.every((report) => report.gradNorm === undefined)).toBe(true);
  expect(all.every(({ examplesPerSecond, etaSeconds }) => examplesPerSecond > 0 && etaSeconds >= 0)).toBe(true);
  const elapsed = all.map(({ secondsElapsed }) => secondsElapsed);
  expect([...elapsed].sort((a, b) => a - b)).toEqual(elapsed);
  expect(all.at(-1)!.etaSeconds).toBeLessThan(all[1]!.etaSeconds);

  const mean = (from: number) =>
    all.slice(from, from + 5).reduce((sum, { loss }, i) => sum + loss * (i === 4 ? 3 : 5), 0) / 23;
  expect(epochs).toEqual([
    { epoch: 1, loss: mean(0), val: { x: 7 }, seconds: expect.any(Number), improved: false },
    { epoch: 2, loss: mean(5), val: { x: 7 }, seconds: expect.any(Number), improved: false },
  ]);
});

it('takes the learning rate from a schedule of the steps made', async () => {
  const model = toy();
  const asked: number[] = [];
  const learningRate = (step: number) => {
    asked.push(step);
    return step < 3 ? 0 : 0.1 / step;
  };
  const start = model.numbers();
  const weights: unknown[] = [];
  const all: number[] = [];
  await fit(model, points, {
    ...options,
    epochs: 1,
    learningRate,
    onStep: (report) => {
      weights.push(model.numbers());
      all.push(report.learningRate);
    },
  });
  expect(asked).toEqual([0, 1, 2, 3, 4]);
  expect(all).toEqual([0, 0, 0, 0.1 / 3, 0.1 / 4]);
  expect(weights[2]).toEqual(start);
  expect(weights[3]).not.toEqual(start);
  await expect(fit(model, points, { ...options, learningRate: () => Number.NaN })).rejects.toThrow(
    new RangeError('fit: learningRate must be 0 or more and finite, got NaN for step 0.'),
  );
});

it('takes a schedule for the learning rate, and hands the loss the step for its own', async () => {
  const model = spy();
  const rates: number[] = [];
  const learningRate = linearWarmUp({ steps: 4, to: 0.1 });
  await fit(model, points, { ...options, learningRate, onStep: (report) => void rates.push(report.learningRate) });
  expect(rates.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 4].map((quarters) => (0.1 * quarters) / 4));
  expect(rates).toHaveLength(10);
  expect(model.numbers).toEqual(Array.from({ length: 10 }, (_, i) => i));
});

// Closed form: without momentum (beta1 = beta2 = 0) and with a huge epsilon Adam's step is learningRate / epsilon times the gradient, so
// that the length of the step tells the length of the gradient used.
it('clips the gradient to the global norm', async () => {
  const linear = () => {
    const weights = { a: tf.variable(tf.zeros([2])), b: tf.variable(tf.scalar(0)) };
    const slope = tf.tensor1d([3, 0]);
    const loss = () => tf.add(tf.sum(tf.mul(weights.a, slope)), tf.mul(weights.b, -4)) as tf.Scalar; // gradient (3, 0), -4: norm 5
    return { weights, loss };
  };
  const step = async (clipNorm?: number) => {
    const model = linear();
    const norms: unknown[] = [];
    await fit(model, numbers, {
      epochs: 1,
      batchSize: 23,
      seed: 0,
      learningRate: 1e6,
      beta1: 0,
      beta2: 0,
      epsilon: 1e6,
      ...(clipNorm === undefined ? {} : { clipNorm }),
      onStep: ({ gradNorm }) => void norms.push(gradNorm),
    });
    return [...model.weights.a.dataSync(), ...model.weights.b.dataSync(), norms[0]] as number[];
  };
  const close = (got: number[], want: number[]) =>
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(want[i]!, 4);
    });
  close(await step(1), [-0.6, 0, 0.8, 5]);
  close(await step(10), [-3, 0, 4, 5]);
  expect((await step()).at(-1)).toBe(undefined);
});

// Closed form: with a loss that does not depend on them, weights that decay shrink by 1 - learningRate weightDecay a step.
it('lets weights decay', async () => {
  const shrink = async (decay: { weightDecay?: number; decays?: (name: string) => boolean }) => {
    const weights = { kernel: tf.variable(tf.ones([1, 1])), bias: tf.variable(tf.ones([1])) };
    const loss = () => tf.mul(0, tf.add(tf.sum(weights.kernel), tf.sum(weights.bias))) as tf.Scalar;
    await fit({ weights, loss }, numbers, { epochs: 2, batchSize: 23, seed: 0, learningRate: 0.5, ...decay });
    return [weights.kernel.dataSync()[0], weights.bias.dataSync()[0]];
  };
  expect(await shrink({})).toEqual([1, 1]);
  expect(await shrink({ weightDecay: 0.5 })).toEqual([0.5625, 1]);
  expect(await shrink({ weightDecay: 0.5, decays: (name) => name === 'bias' })).toEqual([1, 0.5625]);
});

it('leaves no tensor behind after 100 steps, nor after a failure', async () => {
  const model = toy();
  const before = tf.memory().numTensors;
  await fit(model, points, { ...options, epochs: 20, clipNorm: 1 });
  expect(tf.memory().numTensors).toBe(before);
  const failing: TrainableModel<tf.Tensor> = {
    weights: model.weights,
    loss: (x, seed) => tf.mul(model.loss(x, seed), Number.NaN),
  };
  await expect(fit(failing, points, options)).rejects.toThrow('fit: the loss must be finite');
  const broken: Dataset<tf.Tensor> = {
    size: 3,
    batch: () => {
      throw new Error('disk on fire');
    },
  };
  await expect(fit(model, broken, options)).rejects.toThrow('disk on fire');
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});

it('moves the weights that are trainable and have a gradient, and no others', async () => {
  const model = toy();
  const extra = tf.variable(tf.tensor1d([1]));
  const weights = { ...model.weights, extra, bias: tf.variable(tf.ones([3]), false) };
  await fit({ weights, loss: model.loss }, points, options);
  expect([...extra.dataSync(), ...weights.bias.dataSync()]).toEqual([1, 1, 1, 1]);
});

it.each<[Partial<FitOptions>, ErrorConstructor, string]>([
  [{ epochs: 0 }, RangeError, 'fit: epochs must be a positive integer, got 0.'],
  [{ epochs: 1.5 }, RangeError, 'fit: epochs must be a positive integer, got 1.5.'],
  [{ batchSize: Number.NaN }, RangeError, 'fit: batchSize must be a positive integer, got NaN.'],
  [{ seed: -1 }, RangeError, 'fit: seed must be a non-negative integer, got -1. Use 0 if it does not matter.'],
  [{ learningRate: 0 }, RangeError, 'fit: learningRate must be a positive number, got 0.'],
  [
    { learningRate: '1' as unknown as number },
    TypeError,
    'fit: learningRate must be a number or a function of the step, got string.',
  ],
  [{ clipNorm: -1 }, RangeError, 'fit: clipNorm must be a positive number, got -1.'],
  [{ decays: () => true }, TypeError, 'fit: decays needs weightDecay, got none. Say how much: 0.01 is usual.'],
  [{ weightDecay: -1 }, RangeError, 'AdamW: weightDecay must be 0 or more, got -1. Omit it to use 0.01.'],
  [{ beta1: 1 }, RangeError, 'Adam: beta1 must be in [0, 1), got 1.'],
  [{ patience: 1 }, TypeError, 'fit: patience needs monitor, got none. Say which metric to watch.'],
  [
    { patience: 0, monitor: { metric: 'loss', mode: 'min' } },
    RangeError,
    'fit: patience must be a positive integer, got 0.',
  ],
  [
    { monitor: { metric: 'elbo', mode: 'max' } },
    TypeError,
    "fit: monitor of 'elbo' needs validate to return it, got no validate. Give validate, or monitor 'loss'.",
  ],
  [
    { monitor: { metric: 'loss', mode: 'up' as 'min' } },
    RangeError,
    "fit: monitor.mode must be 'min' or 'max', got 'up'.",
  ],
  [
    { checkpointEverySeconds: -1 },
    RangeError,
    'fit: checkpointEverySeconds must be 0 (every step) or more, got -1. Infinity saves at epoch ends only.',
  ],
  [{ resume: true }, TypeError, 'fit: resume needs checkpoints, got none. Give the store that the run was saved to.'],
])('refuses %o', async (bad, kind, message) => {
  const model = toy();
  const before = tf.memory().numTensors;
  const start = model.numbers();
  await expect(fit(model, points, { ...options, ...bad })).rejects.toThrow(new kind(message));
  expect(model.numbers()).toEqual(start);
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses data and models it cannot train', async () => {
  const { loss, weights } = toy();
  const empty = { ...points, size: 0 };
  await expect(fit({ loss, weights }, empty, options)).rejects.toThrow(
    new RangeError('fit: data must hold at least one example, got size 0.'),
  );
  await expect(fit({ loss, weights: {} }, points, options)).rejects.toThrow(
    new RangeError('fit: the model must have weights, got none.'),
  );
  const count = tf.variable(tf.scalar(1, 'int32'));
  await expect(fit({ loss, weights: { ...weights, count } }, points, options)).rejects.toThrow(
    new TypeError("fit: weights must be float32, got int32 for 'count'."),
  );
  await expect(fit({ loss, weights: { ...weights, twin: weights.bias! } }, points, options)).rejects.toThrow(
    new RangeError("fit: every weight must stand under one name, got one under 'bias' and 'twin'."),
  );
  await expect(fit({ loss, weights: { 'adam/m/x': weights.bias! } }, points, options)).rejects.toThrow(
    new RangeError(
      "fit: names of weights must not start with 'adam/', got 'adam/m/x'. Checkpoints keep moments there.",
    ),
  );
});
