import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { type Checkpoint, type FitOptions, type FitResult, fit, writeWeights } from '../src/index.ts';
import { batchSize, FileLike, points, steps, type Toy, toy } from './toy.ts';

/** A made-up metric, best in the second epoch, so that best weights and patience count in the end. */
const scripted = (model: Toy) => async () => {
  const norm = Math.hypot(...Object.values(model.numbers()).flat());
  return { distance: Math.abs(norm - 2.865) };
};
const run = (model: Toy, more: Partial<FitOptions> = {}): Promise<FitResult> =>
  fit(model, points, {
    epochs: 4,
    batchSize,
    seed: 5,
    learningRate: (step) => 0.1 / (1 + step),
    clipNorm: 1,
    validate: scripted(model),
    monitor: { metric: 'distance', mode: 'min' },
    ...more,
  });

/** All but the times. */
const facts = ({ history, ...rest }: FitResult) => ({
  ...rest,
  history: history.map(({ seconds, ...epoch }) => epoch),
});
const tensors = (checkpoint: Checkpoint | undefined) => checkpoint?.tensors;

it.each([
  ['before the first step', 0],
  ['in the first epoch', 3],
  ['with all steps of an epoch made, before its validation', 5],
  ['at the first step of an epoch', 6],
  ['in the middle of an epoch', 13],
  ['after the last step', 20],
])('a run aborted %s and resumed equals one that was not', async (_, at) => {
  const whole = toy();
  const wholeStore = new FileLike();
  const expected = await run(whole, { checkpoints: wholeStore });
  expect(expected).toMatchObject({ status: 'done', best: { epoch: 2 } });

  const checkpoints = new FileLike();
  const abort = new AbortController();
  if (at === 0) abort.abort();
  const first = await run(toy(), {
    checkpoints,
    signal: abort.signal,
    onStep: ({ globalStep }) => {
      if (globalStep === at) abort.abort();
    },
  });
  expect([first.status, first.steps, first.epochs]).toEqual(['aborted', at, Math.max(0, Math.ceil(at / steps) - 1)]);

  const second = toy(100); // other weights, which the checkpoint must replace
  const seen: number[] = [];
  const result = await run(second, {
    checkpoints,
    resume: true,
    onStep: ({ globalStep }) => void seen.push(globalStep),
  });
  expect(seen).toEqual(Array.from({ length: 20 - at }, (_, i) => at + 1 + i));
  expect(facts(result)).toEqual(facts(expected));
  expect(second.numbers()).toEqual(whole.numbers());
  expect(tensors(await checkpoints.load('last'))).toEqual(tensors(await wholeStore.load('last')));
  expect(tensors(await checkpoints.load('best'))).toEqual(tensors(await wholeStore.load('best')));
});

it('a run that died after an epoch and is resumed equals one that did not', async () => {
  const whole = toy();
  const expected = await run(whole);
  const checkpoints = new FileLike();
  const die = ({ globalStep }: { globalStep: number }) => {
    if (globalStep === 12) throw new Error('power cut');
  };
  await expect(run(toy(), { checkpoints, onStep: die })).rejects.toThrow('power cut');
  expect(checkpoints.saves.splice(0).at(-1)).toBe('last 10');
  const second = toy(100);
  expect(facts(await run(second, { checkpoints, resume: true }))).toEqual(facts(expected));
  expect(second.numbers()).toEqual(whole.numbers());
  expect(checkpoints.saves).toEqual(['last 15', 'last 20']); // nothing before it has gone on
});

it('saves at the start, at epoch ends, and within an epoch as often as told', async () => {
  const saves = async (checkpointEverySeconds: number) => {
    const checkpoints = new FileLike();
    await fit(toy(), points, { epochs: 2, batchSize: 8, seed: 0, checkpoints, checkpointEverySeconds });
    return checkpoints.saves;
  };
  expect(await saves(60)).toEqual(['last 0', 'last 3', 'last 6']);
  expect(await saves(0)).toEqual([0, 1, 2, 3, 4, 5, 6].map((step) => `last ${step}`));
});

it('trains on when resumed with more epochs, and starts afresh where nothing was saved', async () => {
  const whole = toy();
  await run(whole, { epochs: 3 });
  const checkpoints = new FileLike();
  await run(toy(), { epochs: 1, checkpoints, resume: true });
  const second = toy(100);
  const { steps } = await run(second, { epochs: 3, checkpoints, resume: true });
  expect(steps).toBe(15);
  expect(second.numbers()).toEqual(whole.numbers());
});

it('carries metrics that JSON cannot', async () => {
  const checkpoints = new FileLike();
  const validate = async () => ({ distance: 1, psnr: Number.POSITIVE_INFINITY, other: Number.NaN });
  await run(toy(), { epochs: 1, checkpoints, validate });
  const { history } = await run(toy(), { epochs: 2, checkpoints, validate, resume: true });
  expect(history[0]!.val).toEqual({ distance: 1, psnr: Number.NaN, other: Number.NaN });
  expect(history[1]!.val).toEqual({ distance: 1, psnr: Number.POSITIVE_INFINITY, other: Number.NaN });
});

async function saved(): Promise<{ checkpoints: FileLike; last: Checkpoint }> {
  const checkpoints = new FileLike();
  await run(toy(), { epochs: 1, checkpoints });
  return { checkpoints, last: (await checkpoints.load('last'))! };
}

it.each<[string, (last: Checkpoint) => void, string]>([
  [
    'a missing weight',
    ({ tensors }) => delete tensors.decoder,
    "fit: the checkpoint must hold 'decoder' [2,3], got 8 tensors without it (encoder, bias, adam/m/encoder, adam/v/encoder, ...). " +
      'Use the checkpoint of a model of the same configuration.',
  ],
  [
    'another shape',
    ({ tensors }) => (tensors.bias!.shape = [1, 3]),
    "fit: 'bias' must have shape [3], got [1,3] from the checkpoint. Use the checkpoint of a model of the same configuration.",
  ],
  [
    'a moment of another shape',
    ({ tensors }) => (tensors['adam/v/decoder']!.shape = [6]),
    "fit: 'adam/v/decoder' must have shape [2,3], got [6] from the checkpoint. Use the checkpoint of a model of the same configuration.",
  ],
  [
    'too few numbers',
    ({ tensors }) => (tensors.bias!.data = new Float32Array(2)),
    "fit: 'bias' must hold 3 float32 numbers, got 2 from the checkpoint. The checkpoint is damaged.",
  ],
  [
    'a weight too many',
    ({ tensors }) => (tensors.gain = { shape: [1], data: new Float32Array(1) }),
    "fit: the checkpoint must hold nothing but the model's encoder, adam/m/encoder, adam/v/encoder, decoder, ..., got 'gain' too. " +
      'Use the checkpoint of a model of the same configuration.',
  ],
  [
    'another seed',
    ({ state }) => (state.seed = 6),
    'fit: to resume, seed must be 6 as in the checkpoint, got 5. Start another run to change it.',
  ],
  [
    'other data',
    ({ state }) => (state.examples = 24),
    'fit: to resume, number of examples must be 24 as in the checkpoint, got 23. Start another run to change it.',
  ],
  [
    'a later layout',
    ({ state }) => (state.version = 2 as 1),
    'fit: the checkpoint must be of version 1, got 2. Write it again with this version of @proj/training.',
  ],
])('refuses a checkpoint with %s, and changes nothing', async (_, spoil, message) => {
  const { checkpoints, last } = await saved();
  spoil(last);
  await checkpoints.save('last', last);
  const model = toy(100);
  const start = model.numbers();
  const before = tf.memory().numTensors;
  await expect(run(model, { checkpoints, resume: true })).rejects.toThrow(new RangeError(message));
  expect(model.numbers()).toEqual(start);
  expect(tf.memory().numTensors).toBe(before);
  expect(tensors(await checkpoints.load('last'))).toEqual(last.tensors);
});

it("refuses to go on without the 'best' that 'last' tells of, or with that of another model", async () => {
  const { checkpoints, last } = await saved();
  const best = (await checkpoints.load('best'))!;
  const model = toy(100);
  const start = model.numbers();
  const alone = new FileLike();
  await alone.save('last', last);
  await expect(run(model, { checkpoints: alone, resume: true })).rejects.toThrow(
    new RangeError(
      "fit: the store must hold the checkpoint 'best' of epoch 1, got 'last' alone. Start without resume.",
    ),
  );
  best.tensors.bias!.shape = [3, 1];
  await checkpoints.save('best', best);
  await expect(run(model, { checkpoints, resume: true })).rejects.toThrow(
    "fit: 'bias' must have shape [3], got [3,1] from the checkpoint.",
  );
  expect(model.numbers()).toEqual(start);
});

it('writeWeights sets a model to the best weights, all of them or none', async () => {
  const { checkpoints } = await saved();
  const best = (await checkpoints.load('best'))!;
  expect(Object.keys(best.tensors)).toEqual(['encoder', 'decoder', 'bias']);
  const model = toy(100);
  writeWeights(model.weights, best.tensors);
  expect(model.numbers()).toEqual(
    Object.fromEntries(Object.entries(best.tensors).map(([name, { data }]) => [name, [...data]])),
  );
  best.tensors.encoder!.data.fill(9);
  best.tensors.bias!.shape = [4];
  const now = model.numbers();
  expect(() => writeWeights(model.weights, best.tensors)).toThrow("writeWeights: 'bias' must have shape [3], got [4]");
  expect(model.numbers()).toEqual(now);
});
