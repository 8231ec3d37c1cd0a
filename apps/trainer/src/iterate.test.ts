import { type FitOptions, MemoryCheckpoints, NonFiniteLossError } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { fitByIterations } from './iterate.ts';

/** Halves its one weight in an iteration; the loss is what is left. */
const halver = (start = 64) => {
  const weight = tf.variable(tf.scalar(start));
  return {
    weights: { weight },
    value: () => weight.dataSync()[0]!,
    iterate(examples: tf.Tensor): number {
      expect(examples.shape).toEqual([3]);
      tf.tidy(() => weight.assign(tf.div(weight, 2)));
      return weight.dataSync()[0]!;
    },
    loss: () => tf.scalar(0),
    countParams: () => 1,
    describe: () => [],
    dispose: () => weight.dispose(),
  };
};
const data = { size: 3, batch: (indices: Uint32Array) => tf.tensor1d(Array.from(indices)) };
const options = (more: Partial<FitOptions> = {}): FitOptions => ({ epochs: 4, batchSize: 1, seed: 0, ...more });

it('an epoch is an iteration over all examples', async () => {
  const model = halver();
  const seen: number[] = [];
  const onEpoch = ({ loss }: { loss: number }) => void seen.push(loss);
  const result = await fitByIterations(model, data, options({ onEpoch }));
  expect(seen).toEqual([32, 16, 8, 4]);
  expect(result).toMatchObject({ status: 'done', epochs: 4, steps: 4 });
  expect(result.history.map(({ epoch, improved }) => [epoch, improved])).toEqual([1, 2, 3, 4].map((e) => [e, false]));
  expect(model.value()).toBe(4);
});

it('resumes at the very iteration', async () => {
  const checkpoints = new MemoryCheckpoints();
  const first = await fitByIterations(halver(), data, options({ epochs: 2, checkpoints }));
  const model = halver(999); // overwritten by the checkpoint
  const second = await fitByIterations(model, data, options({ checkpoints, resume: true }));
  expect(model.value()).toBe(4);
  expect(second.history.map(({ loss }) => loss)).toEqual([32, 16, 8, 4]);
  expect(first.history).toEqual(second.history.slice(0, 2));
});

it('sets the weights of the best epoch, stops without patience', async () => {
  const checkpoints = new MemoryCheckpoints();
  const scores = [1, 5, 3, 4, 9];
  let epoch = 0;
  const validate = async () => ({ score: scores[epoch++]! });
  const monitor = { metric: 'score', mode: 'max' } as const;
  const model = halver();
  const result = await fitByIterations(
    model,
    data,
    options({ epochs: 5, validate, monitor, patience: 2, checkpoints }),
  );
  expect(result).toMatchObject({ status: 'stopped-early', epochs: 4, best: { epoch: 2, value: 5 } });
  expect(model.value()).toBe(16);
  expect((await checkpoints.load('best'))!.tensors.weight!.data).toEqual(Float32Array.of(16));
  expect((await checkpoints.load('last'))!.tensors.weight!.data).toEqual(Float32Array.of(4));
});

it('stops when told to, with its checkpoint saved', async () => {
  const checkpoints = new MemoryCheckpoints();
  const stop = new AbortController();
  const onEpoch = ({ epoch }: { epoch: number }) => epoch === 2 && stop.abort();
  const result = await fitByIterations(
    halver(),
    data,
    options({ checkpoints, signal: stop.signal, onEpoch: onEpoch as never }),
  );
  expect(result).toMatchObject({ status: 'aborted', epochs: 2 });
  expect((await checkpoints.load('last'))!.state.epoch).toBe(2);
});

it('a loss that is not finite ends the run; the checkpoint is from before', async () => {
  const checkpoints = new MemoryCheckpoints();
  const model = halver();
  const iterate = (x: tf.Tensor) => (model.iterate(x) < 10 ? Number.NaN : model.value());
  const run = fitByIterations({ ...model, iterate }, data, options({ checkpoints }));
  await expect(run).rejects.toThrow(NonFiniteLossError);
  await expect(run).rejects.toMatchObject({ epoch: 3 });
  expect((await checkpoints.load('last'))!.tensors.weight!.data).toEqual(Float32Array.of(16));
});

it('leaves no tensor', async () => {
  const model = halver();
  const before = tf.memory().numTensors;
  await fitByIterations(model, data, options({ checkpoints: new MemoryCheckpoints() }));
  expect(tf.memory().numTensors).toBe(before);
});
