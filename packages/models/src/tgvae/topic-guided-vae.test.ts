import { standardNormal } from '@proj/distributions';
import { foldIn, splitSeed, uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { describe, expect, it } from 'vitest';
import { setWeights } from '../fixtures/training.ts';
import { drawToken } from '../sampling/draw-token.ts';
import { tokenDistribution } from '../sampling/token-distribution.ts';
import type { TopicGuidedVaeConfig } from './config.ts';
import { type Documents, TopicGuidedVae } from './topic-guided-vae.ts';

const SIZES = {
  vocabulary: 7,
  topicWords: 4,
  topics: 3,
  topicUnits: 5,
  latent: 4,
  reflections: 2,
  units: 6,
  embedding: 3,
};
const tiny = (config: TopicGuidedVaeConfig = {}) => new TopicGuidedVae({ ...SIZES, ...config });
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());
const value = (t: tf.Tensor) => t.dataSync()[0]!;
const sum = (values: number[]) => values.reduce((total, x) => total + x, 0);
const close = (values: number[], digits = 5) => values.map((x) => expect.closeTo(x, digits));
const moments = (values: number[]) => {
  const mean = sum(values) / values.length;
  const variance = sum(values.map((x) => (x - mean) ** 2)) / (values.length - 1);
  return { mean, variance, error: Math.sqrt(variance / values.length) };
};

/** Weights so large that everything depends on everything. */
const lively = (config: TopicGuidedVaeConfig = {}) => {
  const model = tiny(config);
  for (const [i, weight] of Object.values(model.weights).entries()) {
    tf.tidy(() => weight.assign(tf.mul(standardNormal(weight.shape, 100 + i), 0.7)));
  }
  return model;
};

const ROWS = [
  [2, 3, 2, 5, 0, 0],
  [4, 6, 0, 0, 0, 0],
  [5, 1, 3, 4, 6, 2],
];
/** Words 2 to 5 are the topic words. */
const bagOf = (rows: number[][]) =>
  tf.tensor2d(rows.map((row) => [2, 3, 4, 5].map((id) => row.filter((word) => word === id).length)));
const documents = (rows = ROWS): Documents => ({ words: tf.tensor2d(rows, undefined, 'int32'), bag: bagOf(rows) });
const repeated = (count: number): Documents => documents(Array.from({ length: count }, () => ROWS[0]!));

describe('parameters', () => {
  // By hand. Topics: (2000 + 1) 128 + 129 128 + 2 129 10 + 11 10 + 20,000; prior: 2 (2001 32); posterior: 2 (129 32) + 129 32 + 3 (33 32);
  // words: 10,000 64 + 384 (64 + 130) + 384 (96 + 130) + 129 10,000.
  it('of the default sizes are 2,530,226', () => {
    const model = new TopicGuidedVae();
    expect(model.countParams()).toBe(295_330 + 128_064 + 15_552 + 2_091_280);
    expect(sum(model.describe().map(({ params }) => params))).toBe(2_530_226);
    model.dispose();
  });

  it('are the same for the same seed', () => {
    const [a, b, c] = [0, 0, 1].map((seed) => numbers(tiny({ seed }).weights['encoder/recurrent-kernel']!));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  it('of the recurrent kernels start as rows at right angles', () => {
    const kernel = tiny().weights['decoder/recurrent-kernel'] as tf.Tensor as tf.Tensor2D;
    expect(numbers(tf.matMul(kernel, kernel, false, true))).toEqual(close(numbers(tf.eye(6)), 6));
  });
});

describe('the topic model', () => {
  it('has rows on the simplex', () => {
    const model = lively();
    for (const rows of [model.topics(), model.proportions(documents().bag)]) {
      expect(rows.shape).toEqual([3, rows === undefined ? 0 : rows.shape[1]]);
      expect(Math.min(...numbers(rows))).toBeGreaterThan(0);
      expect(numbers(tf.sum(rows, -1))).toEqual(close([1, 1, 1], 6));
    }
    expect(model.topics().shape).toEqual([3, 4]);
    expect(model.proportions(documents().bag).shape).toEqual([3, 3]);
  });

  it('counts the words of a bag under a mix of topics', () => {
    const model = lively();
    const beta = model.topics().arraySync();
    const [t, bag] = [
      [0.5, 0.3, 0.2],
      [2, 0, 1, 1],
    ];
    const mixed = [0, 1, 2, 3].map((w) => sum(t.map((share, i) => share * beta[i]![w]!)));
    const got = value(model.bagLogProb(tf.tensor2d([bag]), tf.tensor2d([t])));
    expect(got).toBeCloseTo(sum(bag.map((count, w) => count * Math.log(mixed[w]!))), 5);
  });

  it('starts from clusters of bags if asked to', () => {
    const model = tiny({ topics: 2 });
    model.startFromBags(
      Float32Array.from(
        [
          [3, 3, 0, 0],
          [0, 0, 2, 2],
          [1, 1, 0, 0],
          [0, 0, 1, 1],
        ].flat(),
      ),
    );
    const shares = numbers(tf.sum(tf.slice(model.topics(), [0, 0], [2, 2]), 1)).sort();
    // .1 of the shares of all, of which the first two words have (8 + 2) / (14 + 4), and .9 of a cluster's own.
    expect(shares).toEqual(close([(0.1 * 10) / 18, 0.9 + (0.1 * 10) / 18]));
  });
});

describe('the prior', () => {
  // systems.md 9.5. 5 standard errors; a wrong component is off by far more.
  it('of one topic is its Gaussian: a linear map of the topic has its mean and log-variance', () => {
    const model = lively();
    const n = 20_000;
    const beta = model.topics().arraySync();
    const linear = (name: string, i: number) => {
      const kernel = model.weights[`prior/${name}/kernel`]!.arraySync() as number[][];
      return numbers(model.weights[`prior/${name}/bias`]!).map(
        (b, j) => sum(beta[i]!.map((p, w) => p * kernel[w]![j]!)) + b,
      );
    };
    for (const topic of [0, 1, 2]) {
      const draws = model.sampleCodes(n, 1, { topic });
      const oneHot = tf.oneHot(tf.fill([n], topic, 'int32'), 3);
      for (const z of [draws, tf.tidy(() => model.prior(oneHot).sample({ seed: 2 }))]) {
        const { mean, variance } = tf.moments(z, 0);
        const means = numbers(mean);
        const variances = numbers(variance);
        const logVariance = linear('log-variance', topic).map((v) => 10 * Math.tanh(v / 10));
        for (const [j, mu] of linear('loc', topic).entries()) {
          const deviation = Math.exp(logVariance[j]! / 2);
          expect(Math.abs(means[j]! - mu)).toBeLessThan((5 * deviation) / Math.sqrt(n));
          expect(Math.abs(variances[j]! / deviation ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
        }
      }
    }
  });

  it('of proportions draws each component as often as its share', () => {
    const model = lively();
    setWeights(model, { 'prior/log-variance/kernel': 0, 'prior/log-variance/bias': -40 }); // all but points: e^-10
    const n = 4000;
    const z = numbers(tf.slice(model.sampleCodes(n, 3, { proportions: [0.5, 0.2, 0.3] }), [0, 0], [n, 1]));
    const centres = [0, 1, 2].map((topic) =>
      value(tf.mean(tf.slice(model.sampleCodes(50, 1, { topic }), [0, 0], [50, 1]))),
    );
    const counts = [0, 0, 0];
    for (const x of z) {
      const away = centres.map((c) => Math.abs(x - c));
      counts[away.indexOf(Math.min(...away))]! += 1;
    }
    const chiSquare = sum([0.5, 0.2, 0.3].map((p, i) => (counts[i]! - n * p) ** 2 / (n * p)));
    expect(chiSquare).toBeLessThan(27.6); // 2 degrees of freedom: a right sampler fails for one seed in a million
  });

  it('without a topic has proportions from a ~ N(0, I)', () => {
    const model = lively();
    const z = model.sampleCodes(5, 4);
    const t = tf.tidy(() => {
      const a = standardNormal([5, 3], splitSeed(4)[0]!) as tf.Tensor2D;
      const kernel = model.weights['topics/proportions/kernel'] as tf.Tensor as tf.Tensor2D;
      return tf.softmax(tf.add(tf.matMul(a, kernel), model.weights['topics/proportions/bias']!));
    });
    const same = tf.tidy(() => model.prior(t).sample({ seed: splitSeed(4)[1]! }));
    expect(numbers(z)).toEqual(numbers(same));
  });
});

describe('the bound', () => {
  // systems.md 9.5 and 9.4: KL of a mixture is at most the weighted KLs, and all of it for one component.
  it.each([1, 3])('has a divergence of at least the drawn one: %i topics', (topics) => {
    const model = lively({ topics });
    // Equal shares of N(3 e_i, I), each topic being one word; a posterior of variance e^-1, whose draws differ little.
    for (const layer of ['topics/proportions', 'prior/log-variance']) {
      setWeights(model, { [`${layer}/kernel`]: 0, [`${layer}/bias`]: 0 });
    }
    const diagonal = (rows: number, x: number) => numbers(tf.mul(tf.eye(rows, 4), x));
    setWeights(model, { 'topics/words': diagonal(topics, 50), 'prior/loc/kernel': diagonal(4, 3) });
    setWeights(model, { 'posterior/log-variance/kernel': 0, 'posterior/log-variance/bias': -1 });
    const { kl, klMonteCarlo } = tf.tidy(() => model.elbo(repeated(2000), 1));
    const gap = moments(numbers(tf.sub(kl, klMonteCarlo)));
    if (topics === 1) expect(Math.abs(gap.mean)).toBeLessThan(5 * gap.error);
    else expect(gap.mean).toBeGreaterThan(5 * gap.error);
    const mean = numbers(tf.mean(model.componentKl(documents([ROWS[0]!]).words)));
    expect(numbers(kl).slice(0, 3)).toEqual(close(Array(3).fill(mean[0]), 3));
    expect(moments(numbers(klMonteCarlo)).mean).toBeGreaterThan(0.1);
  });

  it('is what the loss is minus of, with the divergences weighed and the diversity added', () => {
    const model = lively({ wordDropout: 0, warmup: 10, diversity: 0.4 });
    const parts = model.elbo(documents(), 5);
    const mean = (name: keyof typeof parts) => value(tf.mean(parts[name]));
    const rest = -mean('reconstruction') - mean('topicReconstruction') - 0.4 * value(model.diversity());
    const divergences = mean('kl') + mean('topicKl');
    for (const [step, beta] of [
      [0, 0],
      [4, 0.4],
      [10, 1],
      [99, 1],
      [undefined, 1],
    ] as const) {
      expect(value(model.loss(documents(), 5, step))).toBeCloseTo(rest + beta * divergences, 4);
    }
    const bound = mean('reconstruction') - mean('kl') + mean('topicReconstruction') - mean('topicKl');
    expect(mean('elbo')).toBeCloseTo(bound, 4);
    expect(value(lively({ wordDropout: 0, warmup: 0, diversity: 0 }).loss(documents(), 5, 0))).toBeCloseTo(-bound, 4);
  });

  it('charges log V for every word and the stop under a writer that knows nothing', () => {
    const model = lively();
    setWeights(model, { 'decoder/output/kernel': 0, 'decoder/output/bias': 0 });
    const { reconstruction, tokens } = model.elbo(documents(), 0);
    expect(numbers(tokens)).toEqual([5, 3, 6]);
    expect(numbers(reconstruction)).toEqual(close([5, 3, 6].map((places) => -places * Math.log(7)))); // the third row has no stop
    const flat = lively({ diversity: 0, warmup: 1, wordDropout: 0.5 });
    setWeights(flat, { 'decoder/output/kernel': 0, 'decoder/output/bias': 0, 'topics/words': 0 });
    expect(value(flat.loss(documents(), 0, 0))).toBeCloseTo((14 * Math.log(7) + 9 * Math.log(4)) / 3, 4);
  });

  it('does not see how wide the rows are', () => {
    const model = lively();
    const wide = documents(ROWS.slice(0, 2).map((row) => [...row, ...Array(50).fill(0)]));
    const narrow = documents(ROWS.slice(0, 2).map((row) => row.slice(0, 5)));
    const [a, b] = [model.elbo(wide, 3), model.elbo(narrow, 3)];
    for (const name of Object.keys(a) as (keyof typeof a)[])
      expect(numbers(a[name])).toEqual(close(numbers(b[name]), 4));
    const plain = lively({ wordDropout: 0 });
    expect(value(plain.loss(wide, 3))).toBeCloseTo(value(plain.loss(narrow, 3)), 4);
  });

  it('hides words from the writer in training alone, as many as asked', () => {
    const losses = [0, 0.5, 1].map((wordDropout) => value(lively({ wordDropout }).loss(documents(), 3)));
    expect(new Set(losses).size).toBe(3);
    // All hidden: the same as documents of unknown words before every place, whatever they are.
    const all = lively({ wordDropout: 1 });
    setWeights(all, { 'decoder/kernel': 0 });
    const none = lively({ wordDropout: 0 });
    setWeights(none, { 'decoder/kernel': 0 });
    expect(value(all.loss(documents(), 3))).toBeCloseTo(value(none.loss(documents(), 3)), 4);
  });

  it('has the gradients of finite differences', () => {
    const model = lively({ wordDropout: 0.3, warmup: 10 });
    const loss = () => model.loss(documents(), 2, 5);
    const { grads } = tf.variableGrads(loss, Object.values(model.weights));
    const step = 1e-2;
    for (const [name, weight] of Object.entries(model.weights)) {
      const gradient = numbers(grads[weight.name]!);
      const at = gradient.map(Math.abs).indexOf(Math.max(...gradient.map(Math.abs)));
      const start = numbers(weight);
      const moved = [-step, step].map((by) => {
        setWeights(model, { [name]: start.map((x, i) => x + (i === at ? by : 0)) });
        return value(tf.tidy(loss));
      });
      setWeights(model, { [name]: start });
      const slope = (moved[1]! - moved[0]!) / (2 * step);
      // Float32 losses of about 40 have errors near 4e-6, slopes of them 4e-4; a second-order term is the rest.
      expect(Math.abs(gradient[at]! - slope), name).toBeLessThan(2e-3 + 0.01 * Math.abs(slope));
      expect(Math.abs(gradient[at]!), name).toBeGreaterThan(1e-3);
    }
  });
});

describe('the writer', () => {
  it('gives every row of two words at most a share, which add up to 1', () => {
    const model = lively({ vocabulary: 3 });
    const rows = [
      [0, 0],
      [1, 0],
      [2, 0],
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ];
    const z = tf.tile(standardNormal([1, 4], 1), [rows.length, 1]);
    const logits = tf.logSoftmax(model.logits(tf.tensor2d(rows, undefined, 'int32'), z)).arraySync() as number[][][];
    const probabilities = rows.map((row, n) =>
      Math.exp(logits[n]![0]![row[0]!]! + (row[0] === 0 ? 0 : logits[n]![1]![row[1]!]!)),
    );
    expect(sum(probabilities)).toBeCloseTo(1, 5);
  });

  it('sees words before alone, and the code at every step', () => {
    const model = lively();
    const z = standardNormal([1, 4], 1);
    const of = (row: number[], code = z) =>
      model
        .logits(tf.tensor2d([row], undefined, 'int32'), code)
        .arraySync()[0]!
        .map((step) => step.map((x) => x.toFixed(4)).join());
    const [plain, changed] = [of([2, 3, 4, 5, 6]), of([2, 3, 6, 5, 6])];
    expect(plain.map((step, i) => step === changed[i])).toEqual([true, true, true, false, false]);
    const other = of([2, 3, 4, 5, 6], tf.mul(z, 1.1));
    expect(plain.map((step, i) => step === other[i])).toEqual(Array(5).fill(false));
    expect(of([2, 3, 4, 5, 6])).toEqual(plain);
  });

  // The reference: the whole document again for every word.
  it('writes with the state carried on what full passes write', async () => {
    const model = lively();
    const z = standardNormal([4, 4], 3);
    const options = { temperature: 1.3, topK: 6, maxTokens: 40, ban: [1] };
    const written = await model.generate(z, 9, options);
    for (const [b, document] of written.entries()) {
      const draws = uniform(40, foldIn(9, b));
      const words: number[] = [];
      while (words.length < 40) {
        const logits = tf.tidy(() => {
          const all = model.logits(tf.tensor2d([[...words, 0]], undefined, 'int32'), tf.slice(z, [b, 0], [1, 4]));
          return numbers(tf.slice(all, [0, words.length, 0], [1, 1, 7]));
        });
        const word = drawToken(tokenDistribution(logits, options), draws[words.length]!);
        if (word === 0) break;
        words.push(word);
      }
      expect([...document]).toEqual(words);
    }
    expect(new Set(written.map((d) => d.join())).size).toBeGreaterThan(1);
    expect(written.flatMap((d) => [...d])).not.toContain(1);
    expect(await model.generate(z, 9, options)).toEqual(written);
  });

  it('stops at a stop, and at the last word allowed', async () => {
    const model = lively();
    const bias = (stop: number) =>
      setWeights(model, { 'decoder/output/kernel': 0, 'decoder/output/bias': [stop, 0, 0, 0, 0, 0, 0] });
    bias(100);
    expect((await model.sample(3, 0)).map((d) => d.length)).toEqual([0, 0, 0]);
    bias(-100);
    expect((await model.sample(2, 0, { maxTokens: 7 })).map((d) => d.length)).toEqual([7, 7]);
    expect((await model.sample(2, 0)).map((d) => d.length)).toEqual([60, 60]);
    expect((await model.reconstruct(documents().words)).map((d) => d.length)).toEqual([6, 6, 6]);
  });
});

it('codes of a document do not depend on the others, and count as active where they differ', () => {
  const model = lively();
  const all = model.encode(documents().words).arraySync();
  expect(numbers(model.encode(documents([ROWS[1]!]).words))).toEqual(close(all[1]!, 5));
  expect(value(model.activeUnits(documents().words))).toBe(4);
  setWeights(model, { 'posterior/loc/kernel': 0, 'posterior/reflection1/kernel': 0 });
  expect(value(model.activeUnits(documents().words))).toBe(0);
});

it('a document without words has a code', () => {
  const empty = documents([[0, 0]]);
  const parts = tiny().elbo(empty, 0);
  expect(Object.values(parts).every((part) => Number.isFinite(value(part)))).toBe(true);
  expect(value(parts.topicReconstruction)).toBe(0);
});

it('leaves nothing behind but its results', async () => {
  const model = lively();
  const batch = documents();
  const z = standardNormal([2, 4], 0);
  const before = tf.memory().numTensors;
  tf.dispose([
    model.loss(batch, 0, 1),
    model.elbo(batch, 0),
    model.topics(),
    model.diversity(),
    model.proportions(batch.bag),
    model.bagLogProb(batch.bag, tf.eye(3)),
    model.componentKl(batch.words),
    model.encode(batch.words),
    model.activeUnits(batch.words),
    model.sampleCodes(3, 0),
    model.sampleCodes(3, 0, { topic: 1 }),
    model.logits(tf.slice(batch.words, 0, 2), z),
  ]);
  await model.generate(z, 0);
  await model.sample(2, 0, { topic: 2 });
  await model.reconstruct(batch.words);
  model.startFromBags(Float32Array.from([1, 0, 2, 0]));
  tf.dispose(tf.eye(3));
  expect(tf.memory().numTensors).toBe(before + 2); // the slice and the eye of this test
  model.dispose();
  expect(Object.values(model.weights).every((weight) => weight.isDisposed)).toBe(true);
});

it('100 steps add no tensor', () => {
  const model = tiny();
  const batch = documents();
  const adam = tf.train.adam(0.01);
  const step = (i: number) => adam.minimize(() => model.loss(batch, i, i), false, Object.values(model.weights));
  step(0);
  const before = tf.memory().numTensors;
  for (let i = 1; i <= 100; i++) step(i);
  expect(tf.memory().numTensors).toBe(before);
});

describe('mistakes', () => {
  const model = tiny();
  const { words, bag } = documents();
  it.each<[() => unknown, string]>([
    [() => tiny({ topics: 0 }), 'TopicGuidedVae: topics must be a positive integer, got 0.'],
    [() => tiny({ reflections: -1 }), 'TopicGuidedVae: reflections must be a whole number from 0 on, got -1.'],
    [
      () => tiny({ vocabulary: 1 }),
      'TopicGuidedVae: vocabulary must be at least 2, the end and the unknown word, got 1.',
    ],
    [() => tiny({ wordDropout: 1.5 }), 'TopicGuidedVae: wordDropout must be a probability, from 0 to 1, got 1.5.'],
    [() => tiny({ diversity: -1 }), 'TopicGuidedVae: diversity must be 0 or more, got -1. 0.1 is usual.'],
    [
      () => model.loss({ words: tf.cast(words, 'float32'), bag }, 0),
      'TopicGuidedVae: words must be int32, got float32.',
    ],
    [() => model.encode(tf.zeros([2], 'int32')), 'TopicGuidedVae: words must be [B, L], both at least 1, got [2].'],
    [
      () => model.elbo({ words, bag: tf.zeros([3, 5]) }, 0),
      'TopicGuidedVae: bag must be [B, 4] with B at least 1, got [3, 5].',
    ],
    [
      () => model.loss({ words, bag: tf.zeros([2, 4]) }, 0),
      'TopicGuidedVae: words and bag must have as many rows, got 3 and 2.',
    ],
    [() => model.loss({ words, bag }, -1), 'TopicGuidedVae.loss: seed must be a non-negative safe integer, got -1.'],
    [() => model.sampleCodes(1, 0, { topic: 3 }), 'TopicGuidedVae.sampleCodes: topic must be from 0 to 2, got 3.'],
    [() => model.sampleCodes(1, 0, { proportions: [1, 1, 0] }), 'add up to 1, got 3 that add up to 2.'],
    [
      () => model.sampleCodes(1, 0, { topic: 1, proportions: [1, 0, 0] }),
      'got both topic and proportions. Leave one out.',
    ],
    [() => model.startFromBags(new Float32Array(5)), 'bags must have rows of 4 counts, at least one, got 5 numbers.'],
  ])('are named: %#', (call, message) => {
    expect(call).toThrow(message);
  });
});
