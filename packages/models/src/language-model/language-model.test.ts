import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { uniform } from '@proj/distributions/random';
import { describe, expect, it } from 'vitest';
import { setWeights, train } from '../fixtures/training.ts';
import type { LanguageModelConfig } from './config.ts';
import { LanguageModel } from './language-model.ts';

const CELLS: [string, LanguageModelConfig][] = [
  ['lstm', {}],
  ['two lstm', { layers: 2 }],
  ['gru, reset before', { cell: 'gru' }],
  ['gru, reset after', { cell: 'gru', reset: 'after' }],
];

const tiny = (config: LanguageModelConfig = {}) =>
  new LanguageModel({ vocabulary: 11, embedding: 5, units: 6, seed: 1, ...config });
/** Ids 1 .. vocabulary - 1. */
const words = (batch: number, length: number, seed = 3, vocabulary = 11) =>
  tf.tensor2d(
    Int32Array.from(uniform(batch * length, seed), (u) => 1 + Math.floor((vocabulary - 1) * u)),
    [batch, length],
    'int32',
  );
const rows = (...texts: number[][]) => tf.tensor2d(texts, undefined, 'int32');
const value = (t: tf.Tensor) => t.dataSync()[0]!;
/** All weights drawn anew, so that probabilities differ. */
function shake(model: LanguageModel, size = 1.5): LanguageModel {
  Object.entries(model.weights).forEach(([name, { size: n }], i) => {
    setWeights(model, { [name]: Array.from(uniform(n, 100 + i), (u) => size * (2 * u - 1)) });
  });
  return model;
}

// Golden: systems.md 3.2.
it.each<[string, LanguageModelConfig, number]>([
  ['lstm', {}, 2_407_248],
  ['stacked lstm', { layers: 2 }, 2_538_832],
  ['gru', { cell: 'gru' }, 2_377_936],
  ['gru, reset after', { cell: 'gru', reset: 'after' }, 2_378_320],
])('%s of the book: %o has %i parameters', (_, config, count) => {
  const model = new LanguageModel(config);
  expect(model.countParams()).toBe(count);
  expect(model.describe().reduce((sum, { params }) => sum + params, 0)).toBe(count);
  model.dispose();
});

describe('first weights are Keras’s', () => {
  it('in its order and shapes', () => {
    const shapes = (config: LanguageModelConfig) => {
      const { weights } = tiny({ ...config });
      return Object.entries(weights).map(([name, { shape }]) => [name, ...shape]);
    };
    expect(shapes({ layers: 2 })).toEqual([
      ['embedding/embeddings', 11, 5],
      ['lstm1/kernel', 5, 24],
      ['lstm1/recurrentKernel', 6, 24],
      ['lstm1/bias', 24],
      ['lstm2/kernel', 6, 24],
      ['lstm2/recurrentKernel', 6, 24],
      ['lstm2/bias', 24],
      ['output/kernel', 6, 11],
      ['output/bias', 11],
    ]);
    expect(shapes({ cell: 'gru' })[3]).toEqual(['gru1/bias', 18]);
    expect(shapes({ cell: 'gru', reset: 'after' })[3]).toEqual(['gru1/bias', 2, 18]);
  });

  it('embedding U(-.05, .05), Glorot kernels, orthonormal recurrent rows, zeros, forget gate 1', () => {
    const { weights } = new LanguageModel({ vocabulary: 300, embedding: 40, units: 30 });
    const range = (name: string) => {
      const values = weights[name]!.dataSync();
      return [Math.min(...values), Math.max(...values)];
    };
    // Of 4,000 uniform draws and more the extremes miss the limit by over 0.4 % with probability e^-8.
    const limits = {
      'embedding/embeddings': 0.05,
      'lstm1/kernel': Math.sqrt(6 / 160),
      'output/kernel': Math.sqrt(6 / 330),
    };
    for (const [name, limit] of Object.entries(limits)) {
      const [low, high] = range(name) as [number, number];
      expect(low, name).toBeGreaterThanOrEqual(-1.000001 * limit);
      expect(low, name).toBeLessThan(-0.996 * limit);
      expect(high, name).toBeLessThanOrEqual(1.000001 * limit);
      expect(high, name).toBeGreaterThan(0.996 * limit);
    }
    const recurrent = weights['lstm1/recurrentKernel']! as tf.Tensor as tf.Tensor2D;
    const products = tf.matMul(recurrent, recurrent, false, true);
    expect(value(tf.max(tf.abs(tf.sub(products, tf.eye(30)))))).toBeLessThan(1e-6);
    expect(range('output/bias')).toEqual([0, 0]);
    const bias = [...weights['lstm1/bias']!.dataSync()];
    expect(bias).toEqual([...Array(30).fill(0), ...Array(30).fill(1), ...Array(60).fill(0)]);
  });

  it('the loss begins at ln V', () => {
    const model = new LanguageModel();
    expect(value(model.loss(words(2, 9, 1, 10_000)))).toBeCloseTo(9.2103, 2); // Golden: ln 10000, systems.md 3.5
    model.dispose();
  });
});

describe.each(CELLS)('%s', (_, config) => {
  it('logits are [B, T, V] for any T, and those of one text do not depend on others or on what comes later', () => {
    const model = shake(tiny(config));
    const both = words(3, 7);
    const all = model.logits(both);
    expect(all.shape).toEqual([3, 7, 11]);
    const alone = model.logits(tf.slice(both, [1, 0], [1, 4]));
    expect(alone.shape).toEqual([1, 4, 11]);
    expect(model.logits(words(2, 1)).shape).toEqual([2, 1, 11]);
    const difference = tf.max(tf.abs(tf.sub(tf.slice(all, [1, 0, 0], [1, 4, -1]), alone)));
    expect(value(difference)).toBeLessThan(1e-5);
    expect(value(tf.max(tf.abs(tf.sub(tf.slice(all, [0, 0, 0], [1, 4, -1]), alone))))).toBeGreaterThan(0.1);
    model.dispose();
  });

  // systems.md 3.7: 1e-4 over 200 steps.
  it('logits with carried state are those of the whole text, over 200 steps', async () => {
    const model = shake(tiny({ ...config, vocabulary: 40, units: 16 }), 0.7);
    const options = { prompt: [5, 9], maxTokens: 202, seed: 4, ban: [0], top: 40 };
    const [carried] = await model.generate(options);
    expect(carried!.tokens).toHaveLength(200);
    const text = [...options.prompt, ...carried!.tokens];
    const logits = model.logits(rows(text)).arraySync()[0]!;
    let apart = 0;
    let moved = 0;
    carried!.steps.forEach(({ top }, i) => {
      expect(top).toHaveLength(39); // all but the stop
      const whole = logits[i + 1]!;
      const before = logits[Math.max(0, i)]!;
      // Logarithms of probabilities are logits up to a constant: compare differences from one word's.
      const [first] = top as [{ id: number; probability: number }];
      for (const { id, probability } of top) {
        const own = Math.log(probability / first.probability);
        apart = Math.max(apart, Math.abs(own - (whole[id]! - whole[first.id]!)));
        moved = Math.max(moved, Math.abs(own - (before[id]! - before[first.id]!)));
      }
    });
    expect(apart).toBeLessThan(1e-4);
    expect(moved).toBeGreaterThan(0.1); // the step before would not do
    model.dispose();
  });

  it('generate and generateByFullRun draw the same texts', async () => {
    const model = shake(tiny({ ...config, vocabulary: 23 }));
    const options = { prompt: [3], maxTokens: 40, seed: 5, count: 4, temperature: 0.8, topK: 15, topP: 0.95, top: 2 };
    const [carried, full] = [await model.generate(options), await model.generateByFullRun(options)];
    expect(full.map(({ tokens }) => tokens)).toEqual(carried.map(({ tokens }) => tokens));
    expect(full.map(({ stopped }) => stopped)).toEqual(carried.map(({ stopped }) => stopped));
    expect(new Set(carried.map(({ tokens }) => String(tokens))).size).toBe(4);
    full.forEach(({ steps }, b) => {
      steps.forEach(({ probability, top }, i) => {
        expect(probability).toBeCloseTo(carried[b]!.steps[i]!.probability, 5);
        expect(top.map(({ id }) => id)).toEqual(carried[b]!.steps[i]!.top.map(({ id }) => id));
      });
    });
    model.dispose();
  });
});

describe('loss', () => {
  // Zero weights but for the output bias: every word has the probability softmax(bias) wherever it stands.
  const p = [0.4, 0.1, 0.2, 0.3];
  const fixed = () => {
    const model = new LanguageModel({ vocabulary: 4, embedding: 2, units: 3 });
    setWeights(model, { 'output/kernel': 0, 'output/bias': p.map(Math.log) });
    return model;
  };

  it('counts targets up to the first stop, and it, and takes the mean over tokens', () => {
    const model = fixed();
    const x = rows([3, 2, 0, 0, 0, 0], [1, 2, 2, 3, 1, 2]);
    // Targets: 2, stop; 2, 2, 3, 1, 2.
    const counted = [p[2], p[0], p[2], p[2], p[3], p[1], p[2]].map((q) => -Math.log(q!));
    const sum = (of: number[]) => of.reduce((a, b) => a + b, 0);
    expect(value(model.loss(x))).toBeCloseTo(sum(counted) / 7, 5);
    const { nats, tokens } = model.score(x);
    expect([...tokens.dataSync()]).toEqual([2, 5]);
    expect(nats.dataSync()[0]).toBeCloseTo(sum(counted.slice(0, 2)), 5);
    expect(nats.dataSync()[1]).toBeCloseTo(sum(counted.slice(2)), 5);
    const [first, second] = model.tokenNats(x).arraySync() as [number[], number[]];
    expect(first).toEqual([...counted.slice(0, 2).map((n) => expect.closeTo(n, 5)), 0, 0, 0]);
    expect(second).toEqual(counted.slice(2).map((n) => expect.closeTo(n, 5)));
    model.dispose();
  });

  it('does not count what stands after the first stop, words too', () => {
    const model = fixed();
    const [padded, followed] = [rows([3, 2, 0, 0, 0, 0]), rows([3, 2, 0, 1, 3, 0])];
    expect(value(model.loss(followed))).toBe(value(model.loss(padded)));
    expect([...model.score(followed).tokens.dataSync()]).toEqual([2]);
    model.dispose();
  });

  it('a text that is empty, or over before the row, has no target', () => {
    const model = fixed();
    expect(value(model.loss(rows([0, 0, 0])))).toBe(0);
    expect([...model.score(rows([0, 0, 0], [2, 3, 1])).tokens.dataSync()]).toEqual([0, 2]);
    model.dispose();
  });

  it('and its gradient are not changed by 50 more columns of padding', () => {
    const model = shake(tiny({ layers: 2 }));
    const texts = [
      [4, 7, 2, 9, 0, 0],
      [3, 3, 8, 1, 10, 2],
    ];
    const step = (padding: number) => {
      const x = rows(...texts.map((text) => [...text, ...Array(padding).fill(0)]));
      // A text that fills its row has no stop in it; one column more shows the stop: compare from there on.
      return tf.variableGrads(() => model.loss(x), Object.values(model.weights));
    };
    const [short, long] = [step(1), step(51)];
    expect(value(long.value)).toBeCloseTo(value(short.value), 6);
    for (const { name } of Object.values(model.weights)) {
      const [a, b] = [short.grads[name]!.dataSync(), long.grads[name]!.dataSync()];
      a.forEach((slope, i) => {
        expect(Math.abs(slope - b[i]!)).toBeLessThan(1e-6);
      });
      expect(Math.max(...a.map(Math.abs))).toBeGreaterThan(1e-4);
    }
    model.dispose();
  });

  it('is the mean of -log softmax(logits) at the targets', () => {
    const model = shake(tiny());
    const x = words(3, 8);
    const logits = model.logits(tf.slice(x, [0, 0], [3, 7])).arraySync();
    const targets = x.arraySync();
    const nats = logits.flatMap((text, b) =>
      text.map((row, t) => Math.log(row.reduce((sum, l) => sum + Math.exp(l), 0)) - row[targets[b]![t + 1]!]!),
    );
    expect(value(model.loss(x))).toBeCloseTo(nats.reduce((a, b) => a + b) / 21, 5);
    expect(value(tf.mean(model.tokenNats(x)))).toBeCloseTo(nats.reduce((a, b) => a + b) / 21, 5);
    model.dispose();
  });
});

describe('generate', () => {
  it('same seed, same texts; the first texts are the same whatever their number; other seeds give others', async () => {
    const model = shake(tiny({ vocabulary: 30 }));
    const options = { prompt: [7, 2], maxTokens: 30, seed: 8, count: 3 };
    const texts = await model.generate(options);
    expect(await model.generate(options)).toEqual(texts);
    const [alone] = await model.generate({ ...options, count: 1 });
    expect(alone!.tokens).toEqual(texts[0]!.tokens);
    expect(await model.generate({ ...options, seed: 9 })).not.toEqual(texts);
    const streamed: number[] = [];
    for await (const { id } of model.stream({ prompt: [7, 2], maxTokens: 30, seed: 8 })) streamed.push(id);
    expect(streamed.filter((id) => id !== 0)).toEqual(texts[0]!.tokens);
    model.dispose();
  });

  it('draws each word as often as it is probable, and stops at the stop', async () => {
    // p of every step: stop .4, then .1, .2, .3; n = 3,000 first tokens, chi-square with 3 degrees of freedom below 16.27 for
    // 99.9 % of right samplers (scipy.stats.chi2.isf(1e-3, 3)).
    const p = [0.4, 0.1, 0.2, 0.3];
    const model = new LanguageModel({ vocabulary: 4, embedding: 2, units: 3 });
    setWeights(model, { 'output/kernel': 0, 'output/bias': p.map(Math.log) });
    const texts = await model.generate({ prompt: [1], maxTokens: 200, seed: 2, count: 3000 });
    const counts = [0, 0, 0, 0];
    for (const { steps } of texts) counts[steps[0]!.id]! += 1;
    const chiSquare = counts.reduce((sum, n, i) => sum + (n - 3000 * p[i]!) ** 2 / (3000 * p[i]!), 0);
    expect(chiSquare).toBeLessThan(16.27);
    expect(texts.every(({ stopped }) => stopped)).toBe(true);
    expect(texts.every(({ steps }) => steps.at(-1)!.id === 0)).toBe(true);
    // Lengths are geometric: mean .6 / .4 = 1.5, standard deviation sqrt(.6) / .4 = 1.94; 5 standard errors.
    const mean = texts.reduce((sum, { tokens }) => sum + tokens.length, 0) / texts.length;
    expect(Math.abs(mean - 1.5)).toBeLessThan((5 * 1.94) / Math.sqrt(3000));
    model.dispose();
  });

  it('top-k, top-p, bans and temperature act as tokenDistribution says', async () => {
    const p = [0.1, 0.4, 0.2, 0.25, 0.05];
    const model = new LanguageModel({ vocabulary: 5, embedding: 2, units: 3 });
    setWeights(model, { 'output/kernel': 0, 'output/bias': p.map(Math.log) });
    const top = async (options: object) => {
      const [text] = await model.generate({ prompt: [1], maxTokens: 2, seed: 0, top: 5, ...options });
      return Object.fromEntries(text!.steps[0]!.top.map(({ id, probability }) => [id, expect.closeTo(probability, 5)]));
    };
    expect({ 1: 0.4, 3: 0.25, 2: 0.2, 0: 0.1, 4: 0.05 }).toEqual(await top({}));
    expect({ 1: 0.4 / 0.65, 3: 0.25 / 0.65 }).toEqual(await top({ topK: 2 }));
    expect({ 1: 0.4 / 0.85, 3: 0.25 / 0.85, 2: 0.2 / 0.85 }).toEqual(await top({ topP: 0.8 }));
    expect({ 3: 0.25 / 0.6, 2: 0.2 / 0.6, 0: 0.1 / 0.6, 4: 0.05 / 0.6 }).toEqual(await top({ ban: [1] }));
    expect({ 1: 0.16 / 0.275, 3: 0.0625 / 0.275, 2: 0.04 / 0.275, 0: 0.01 / 0.275, 4: 0.0025 / 0.275 }).toEqual(
      await top({ temperature: 0.5 }),
    );
    expect({ 1: 1 }).toEqual(await top({ temperature: 0 }));
    expect({ 3: 1 }).toEqual(await top({ temperature: 0, ban: [1] }));
    expect({ 3: 1 }).toEqual(await top({ temperature: 1e-40, ban: [1] }));
    expect({ 1: 1 }).toEqual(await top({ temperature: 1e-320 }));
    model.dispose();
  });

  // Beyond float32 as beyond 1e30: all words that are not banned are as probable.
  it('takes the highest temperatures, bans too', async () => {
    const model = shake(tiny());
    const [text] = await model.generate({
      prompt: [3],
      maxTokens: 3,
      seed: 5,
      temperature: 1e300,
      ban: [0, 1],
      top: 11,
    });
    for (const { top } of text!.steps) {
      expect(top.map(({ id }) => id).sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
      for (const { probability } of top) expect(probability).toBeCloseTo(1 / 9, 6);
    }
    expect(text!.steps).toHaveLength(2);
    model.dispose();
  });

  it('draws nothing where the prompt is as long as a text may be', async () => {
    const model = tiny();
    expect(await model.generate({ prompt: [1, 2], maxTokens: 2, seed: 0 })).toEqual([
      { tokens: [], stopped: false, steps: [] },
    ]);
    model.dispose();
  });

  it('leaves no tensor behind, when it ends, when the reader leaves and when a signal stops it', async () => {
    const model = shake(tiny({ layers: 2 }));
    const { numTensors } = tf.memory();
    await model.generate({ prompt: [1, 2], maxTokens: 9, seed: 0, count: 2, ban: [0] });
    await model.generateByFullRun({ prompt: [1, 2], maxTokens: 9, seed: 0, count: 2, ban: [0] });
    for await (const { id } of model.stream({ prompt: [4], maxTokens: 9, seed: 0, ban: [0] })) if (id > 0) break;
    const reason = new Error('enough');
    const stopped = model.generate({ prompt: [4], seed: 0, signal: AbortSignal.abort(reason) });
    await expect(stopped).rejects.toBe(reason);
    expect(tf.memory().numTensors).toBe(numTensors);
    const x = words(2, 5);
    tf.dispose([model.loss(x), model.logits(x), model.tokenNats(x), model.score(x), x]);
    expect(tf.memory().numTensors).toBe(numTensors);
    model.dispose();
  });
});

it('learns: a text it has seen comes back at temperature 0, and training leaves no tensor', async () => {
  const text = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 0];
  const model = new LanguageModel({ vocabulary: 10, embedding: 8, units: 16 });
  const batch = () => rows(text);
  train(model, batch, { steps: 1, rate: 0.03 });
  const { numTensors } = tf.memory();
  train(model, batch, { steps: 120, rate: 0.03 });
  expect(tf.memory().numTensors).toBe(numTensors);
  const [again] = await model.generate({ prompt: text.slice(0, 1), seed: 0, temperature: 0 });
  expect(again!.tokens).toEqual(text.slice(1, -1));
  expect(again!.stopped).toBe(true);
  model.dispose();
});

describe('refuses', () => {
  const model = tiny();
  it.each<[() => unknown, string]>([
    [
      () => new LanguageModel({ vocabulary: 1 }),
      'LanguageModel: vocabulary must be an integer of 2 or more, got 1. Id 0 ends a text.',
    ],
    [() => new LanguageModel({ layers: 0 }), 'LanguageModel: layers must be a positive integer, got 0.'],
    [() => model.loss(rows([1])), 'LanguageModel.loss: rows must be [B, T + 1] with B and T at least 1, got [1, 1].'],
    [
      () => model.logits(tf.zeros([2], 'int32')),
      'LanguageModel.logits: tokens must be [B, T] with B and T at least 1, got [2].',
    ],
  ])('%#', (call, message) => {
    expect(call).toThrow(new RangeError(message));
  });

  it('tokens that are not int32', () => {
    expect(() => model.score(tf.zeros([1, 2]))).toThrow(
      new TypeError("LanguageModel.score: rows must be int32, got float32. Convert them: tf.cast(rows, 'int32')."),
    );
  });

  it.each<[object, string]>([
    [{ prompt: [] }, 'prompt must hold a token at least. Give the first words.'],
    [{ prompt: [1, 0] }, 'prompt must hold tokens from 1 to 10, got 0. 0 ends a text.'],
    [{ prompt: [11] }, 'prompt must hold tokens from 1 to 10, got 11. 0 ends a text.'],
    [{ count: 0 }, 'count must be a positive integer, got 0.'],
    [{ maxTokens: 0 }, 'maxTokens must be a positive integer, got 0.'],
    [{ top: -1 }, 'top must be an integer of 0 or more, got -1.'],
    [{ topK: 0.5 }, 'topK must be a positive integer, got 0.5. Omit it for all tokens.'],
    [{ temperature: -1 }, 'temperature must be 0 or more, got -1. Omit it to use 1.'],
  ])('%o', async (options, message) => {
    const wrong = { prompt: [1], seed: 0, ...options };
    await expect(model.generate(wrong)).rejects.toThrow(new RangeError(`LanguageModel.generate: ${message}`));
  });
});
