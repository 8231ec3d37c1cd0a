import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { standardUniform } from '@proj/distributions';
import { foldIn } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import { setWeights, train } from '../fixtures/training.ts';
import { CategoricalVae, type CategoricalVaeConfig, type GradientEstimator } from './categorical-vae.ts';

const tiny = (config: CategoricalVaeConfig = {}) =>
  new CategoricalVae({ variables: 2, classes: 3, hidden: [5], imageShape: [2, 2, 1], ...config });
const images = (count: number, pixels = 4) =>
  tf.tidy(() => tf.round(standardUniform([count, pixels], 7)) as tf.Tensor2D);
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());
const value = (t: tf.Tensor) => numbers(t)[0]!;
const sum = (values: number[]) => values.reduce((total, v) => total + v, 0);
const moments = (values: number[]) => {
  const mean = sum(values) / values.length;
  const variance = sum(values.map((v) => (v - mean) ** 2)) / (values.length - 1);
  return { mean, variance, error: Math.sqrt(variance / values.length) };
};

/** A posterior that is the same whatever the image, from the logits of all variables. */
const fixPosterior = (model: CategoricalVae, logits: number[]) =>
  setWeights(model, { 'encoder/logits/kernel': 0, 'encoder/logits/bias': logits });

// Golden: arithmetic, 610,348 + 610,832 and 2 x 20 x 10 latents of R2 (systems.md 8.2).
it.each([
  [{}, 1_221_180],
  [{ variables: 20 }, 1_169_880],
])('%j stores %i parameters', (config, count) => {
  const model = new CategoricalVae(config);
  expect(model.countParams()).toBe(count);
  expect(sum(model.describe().map(({ params }) => params))).toBe(count);
  model.dispose();
});

it('names its layers', () => {
  const model = new CategoricalVae();
  expect(model.describe().map(({ name, outputShape }) => `${name} ${outputShape[1]}`)).toEqual([
    'encoder/hidden1 512',
    'encoder/hidden2 256',
    'encoder/logits 300',
    'decoder/hidden1 256',
    'decoder/hidden2 512',
    'decoder/output 784',
  ]);
  model.dispose();
});

// Golden: systems.md 8.5 for one variable, sum of p log(3 p); two variables of it have twice as much.
it.each([
  ['(.7, .2, .1)', [0.7, 0.2, 0.1].map(Math.log), 0.2967937],
  ['uniform', [2, 2, 2], 0],
  ['one-hot', [0, 100, 0], Math.log(3)],
])('kl of %s from the uniform prior', (_, logits, golden) => {
  const model = tiny();
  fixPosterior(model, [...logits, ...logits]);
  for (const got of numbers(model.elbo(images(3), 0).kl)) expect(Math.abs(got - 2 * golden)).toBeLessThan(1e-6);
});

// systems.md 8.5. Chi-square with 2 degrees of freedom; 27.6 is passed by a right sampler but for one seed in a million.
it('draws classes as often as they are likely', () => {
  const model = tiny();
  const p = [0.7, 0.2, 0.1];
  fixPosterior(model, [...p, ...p].map(Math.log));
  const n = 20_000;
  const counts = numbers(tf.sum(model.posterior(images(1)).sample({ sampleShape: [n], seed: 1 }), [0, 1]));
  for (const variable of [counts.slice(0, 3), counts.slice(3)]) {
    expect(sum(variable)).toBe(n);
    expect(sum(variable.map((count, k) => (count - n * p[k]!) ** 2 / (n * p[k]!)))).toBeLessThan(27.6);
  }
});

/** [rows, I] -> [rows, O] in float64. */
const dense = (x: number[][], model: CategoricalVae, name: string, f = (v: number) => v) => {
  const kernel = model.weights[`${name}/kernel`]!.arraySync() as number[][];
  const bias = model.weights[`${name}/bias`]!.arraySync() as number[];
  return x.map((row) => bias.map((b, j) => f(row.reduce((total, v, i) => total + v * kernel[i]![j]!, b))));
};
const relu = (v: number) => Math.max(0, v);

/** Weights large enough that decoder and posterior depend on their inputs. */
const lively = (config: CategoricalVaeConfig = {}) => {
  const model = tiny({ seed: 3, ...config });
  for (const [i, weight] of Object.values(model.weights).entries()) {
    tf.tidy(() => weight.assign(tf.mul(tf.sub(standardUniform(weight.shape, 100 + i), 0.5), 3)));
  }
  return model;
};

it('exact bound and log p(x) agree with the nine codes summed in plain float64', () => {
  const model = lively();
  const x = images(4);
  const logits = dense(dense(x.arraySync(), model, 'encoder/hidden1', relu), model, 'encoder/logits');
  const { elbo, reconstruction, kl } = model.exactElbo(x);
  const evidence = numbers(model.logProb(x));
  const probs = logits.map((row) =>
    [row.slice(0, 3), row.slice(3)].map((l) => l.map((v) => Math.exp(v) / sum(l.map(Math.exp)))),
  );
  expect(numbers(model.encode(x))).toEqual(probs.flat(2).map((p) => expect.closeTo(p, 5)));
  for (const [b, row] of x.arraySync().entries()) {
    let expected = 0;
    let total = 0;
    for (const i of [0, 1, 2]) {
      for (const j of [0, 1, 2]) {
        const code = [0, 1, 2].map((k) => Number(k === i)).concat([0, 1, 2].map((k) => Number(k === j)));
        const [out] = dense(dense([code], model, 'decoder/hidden1', relu), model, 'decoder/output');
        const logLikelihood = -sum(out!.map((l, d) => Math.log1p(Math.exp(l)) - row[d]! * l));
        expected += probs[b]![0]![i]! * probs[b]![1]![j]! * logLikelihood;
        total += Math.exp(logLikelihood) / 9;
        const mean = numbers(model.decode(tf.tensor2d([code])))[0]!;
        expect(mean).toBeCloseTo(1 / (1 + Math.exp(-out![0]!)), 5);
      }
    }
    const divergence = sum(probs[b]!.flat().map((q) => q * Math.log(3 * q)));
    expect(numbers(reconstruction)[b]).toBeCloseTo(expected, 4);
    expect(numbers(kl)[b]).toBeCloseTo(divergence, 5);
    expect(numbers(elbo)[b]).toBeCloseTo(expected - divergence, 4);
    expect(evidence[b]).toBeCloseTo(Math.log(total), 5);
  }
});

it('the probabilities of all sixteen images add up to 1', () => {
  const all = tf.tensor2d(Array.from({ length: 16 }, (_, i) => [i >> 3, (i >> 2) & 1, (i >> 1) & 1, i & 1]));
  expect(sum(numbers(tf.exp(lively().logProb(all))))).toBeCloseTo(1, 5);
});

it('drawn bounds tend to the exact ones: elbo <= iwae of 5 <= iwae of 50 <= log p(x)', () => {
  const model = lively();
  const x = images(1);
  const many = tf.tile(x, [4000, 1]);
  const [exact, evidence] = [value(model.exactElbo(x).elbo), value(model.logProb(x))];
  const elbo = moments(numbers(model.elbo(many, 1).elbo));
  expect(Math.abs(elbo.mean - exact)).toBeLessThan(5 * elbo.error);
  const [one, five, fifty] = [1, 5, 50].map((k) => moments(numbers(model.iwae(many, k, 2))));
  expect(Math.abs(one!.mean - exact)).toBeLessThan(5 * one!.error);
  expect(one!.mean + 5 * Math.hypot(one!.error, five!.error)).toBeLessThan(five!.mean);
  expect(five!.mean + 5 * Math.hypot(five!.error, fifty!.error)).toBeLessThan(fifty!.mean);
  expect(fifty!.mean).toBeLessThan(evidence + 5 * fifty!.error);
  const sharp = moments(numbers(model.iwae(tf.tile(x, [100, 1]), 2000, 3)));
  expect(sharp.error).toBeLessThan(0.05);
  expect(Math.abs(sharp.mean + 50 * sharp.error ** 2 - evidence)).toBeLessThan(5 * sharp.error); // + variance / 2: delta method
});

it('straight-through decodes the hard sample that elbo decodes, and so does a cold relaxed sample', () => {
  const model = lively();
  const x = images(5);
  const hard = -value(tf.mean(model.elbo(x, 4).elbo));
  expect(value(model.loss(x, 4, { estimator: 'straight-through', temperature: 0.7 }))).toBeCloseTo(hard, 5);
  expect(value(model.loss(x, 4, { estimator: 'relaxed', temperature: 1e-4 }))).toBeCloseTo(hard, 3);
  expect(Math.abs(value(model.loss(x, 4, { estimator: 'relaxed', temperature: 1 })) - hard)).toBeGreaterThan(0.01);
  expect(value(model.loss(x, 4, { estimator: 'score-function', samples: 1 }))).toBeCloseTo(hard, 5);
  expect(value(model.loss(x, 4, { estimator: 'exact' }))).toBeCloseTo(-value(tf.mean(model.exactElbo(x).elbo)), 5);
});

it('the configuration names the estimator, and temperature 1 is the default', () => {
  const x = images(5);
  for (const estimator of ['relaxed', 'straight-through', 'score-function', 'exact'] as const) {
    const byName = value(lively().loss(x, 4, { estimator, temperature: 1 }));
    expect(value(lively({ estimator }).loss(x, 4))).toBe(byName);
  }
});

it('is a model for fit of @proj/training, which tells the loss its step', () => {
  const categorical = lively();
  const model: { loss(x: tf.Tensor, seed: number, step: number): tf.Scalar } = categorical;
  expect(value(model.loss(images(5), 3, 1000))).toBe(value(categorical.loss(images(5), 3)));
});

it('reconstruction is summed over pixels; the loss is a mean over images and samples', () => {
  const model = new CategoricalVae({ hidden: [4], variables: 2, classes: 3 });
  setWeights(model, { 'decoder/output/kernel': 0 }); // logits 0: every pixel costs log 2, whatever z is
  const x = images(2, 784);
  const kl = value(tf.mean(model.elbo(x, 0).kl));
  for (const samples of [1, 3]) {
    expect(value(model.loss(x, 0, { samples }))).toBeCloseTo(784 * Math.LN2 + kl, 3);
    expect(value(model.loss(tf.tile(x, [5, 1]), 0, { samples }))).toBeCloseTo(784 * Math.LN2 + kl, 3);
  }
});

// One variable of three classes: the enumerated gradient by the encoder's biases, which are the logits, and what the estimators say.
const gradients = (estimator: GradientEstimator, temperature = 1, samples = 1) => {
  const model = lively({ variables: 1, hidden: [4] });
  fixPosterior(model, [0.5, -0.5, 0]);
  const [batch, groups] = [500, estimator === 'exact' ? 1 : 80];
  const x = tf.tile(tf.tensor2d([[1, 0, 1, 1]]), [batch, 1]);
  const bias = model.weights['encoder/logits/bias']!;
  const rows = Array.from({ length: groups }, (_, i) =>
    tf.tidy(() => {
      const loss = () => model.loss(x, foldIn(9, i), { estimator, temperature, samples });
      return numbers(tf.variableGrads(loss, [bias]).grads[bias.name]!);
    }),
  );
  model.dispose();
  const axes = [0, 1, 2].map((k) => moments(rows.map((row) => row[k]!)));
  return {
    mean: axes.map(({ mean }) => mean),
    variance: batch * sum(axes.map(({ variance }) => variance)), // of one draw
    error: Math.hypot(...axes.map(({ error }) => error)),
  };
};

// systems.md 8.5. Each gap is at least 5 standard errors.
it('relaxed gradients tend to the enumerated one as the temperature falls, while their variance grows', () => {
  const exact = gradients('exact').mean;
  const at = (temperature: number) => {
    const { mean, variance, error } = gradients('relaxed', temperature);
    return { bias: Math.hypot(...mean.map((g, k) => g - exact[k]!)), variance, error };
  };
  const [hot, warm, cold] = [at(2), at(0.5), at(0.1)];
  expect(warm.bias).toBeLessThan(hot.bias - 5 * Math.hypot(warm.error, hot.error));
  expect(cold.bias).toBeLessThan(0.1 * hot.bias + 5 * cold.error);
  expect(warm.variance).toBeGreaterThan(2 * hot.variance);
  expect(cold.variance).toBeGreaterThan(2 * warm.variance);
});

it('the score function is unbiased, its baseline lowers the variance, and straight-through is biased', () => {
  const exact = gradients('exact').mean;
  const bias = ({ mean }: { mean: number[] }) => Math.hypot(...mean.map((g, k) => g - exact[k]!));
  const plain = gradients('score-function', 1, 1);
  const paired = gradients('score-function', 1, 2);
  expect(bias(plain)).toBeLessThan(5 * plain.error);
  expect(bias(paired)).toBeLessThan(5 * paired.error);
  expect(paired.variance).toBeLessThan(0.4 * plain.variance); // two draws without a baseline: half of it
  const hard = gradients('straight-through', 1);
  expect(bias(hard)).toBeGreaterThan(10 * hard.error);
});

it('sample decodes draws of the prior, reconstruct the likeliest code', () => {
  const model = lively();
  const codes = tf.reshape(model.prior.sample({ sampleShape: [4], seed: 9 }), [4, 6]);
  expect(numbers(model.sample(4, 9))).toEqual(numbers(model.decode(codes)));
  fixPosterior(model, [0, 2, 1, 3, 0, 0]);
  const likeliest = tf.tensor2d([[0, 1, 0, 1, 0, 0]]);
  expect(numbers(model.reconstruct(images(1)))).toEqual(numbers(model.decode(likeliest)));
  expect(model.encode(images(2)).shape).toEqual([2, 2, 3]);
});

it('starts from the mean image when asked to', () => {
  const mean = [0, 0.1, 0.25, 1];
  const model = tiny();
  model.startFromMean(mean);
  setWeights(model, { 'decoder/output/kernel': 0 });
  const decoded = numbers(model.decode(tf.tensor2d([[0, 1, 0, 1, 0, 0]])));
  expect(decoded).toEqual(mean.map((p) => expect.closeTo(Math.min(0.999, Math.max(0.001, p)), 5)));
  expect(() => model.startFromMean([0.5])).toThrow(
    'CategoricalVae.startFromMean: expected 4 means in [0, 1], got 1 numbers',
  );
});

it('has a Gaussian likelihood too', () => {
  const model = tiny({ likelihood: 'gaussian', imageShape: [28, 28, 1] });
  setWeights(model, { 'decoder/output/kernel': 0, 'decoder/output/bias': 0.25 });
  const { reconstruction } = model.elbo(tf.fill([2, 784], 0.25), 0);
  for (const got of numbers(reconstruction)) expect(got).toBeCloseTo(-720.44781, 3); // -392 log(2 pi)
});

// Four pictures of 16 pixels, equally likely: no model spends less than log 4 = 1.39 nats; pixels one by one cost 16 log 2 = 11.09.
it.each([
  ['relaxed', 0.5],
  ['straight-through', 1],
  ['score-function', 1],
  ['exact', 1],
] as const)('learns four pictures to within 2 nats of their entropy, %s', (estimator, temperature) => {
  const rows = ['1111111100000000', '0000000011111111', '1100110011001100', '0011001100110011'];
  const pictures = tf.tensor2d(rows.map((row) => Array.from(row, Number)));
  const model = new CategoricalVae({ variables: 2, classes: 4, hidden: [16], imageShape: [4, 4, 1], seed: 1 });
  const { weights } = model;
  const loss = (x: tf.Tensor, seed: number) => model.loss(x, seed, { estimator, temperature });
  train({ weights, loss }, () => tf.tile(pictures, [estimator === 'exact' ? 1 : 4, 1]), { steps: 200, rate: 0.02 });
  const evidence = sum(numbers(model.logProb(pictures))) / 4;
  const hard = sum(numbers(model.exactElbo(pictures).elbo)) / 4;
  expect(evidence).toBeLessThan(-Math.log(4));
  expect(hard).toBeLessThanOrEqual(evidence + 1e-5);
  expect(hard).toBeGreaterThan(-Math.log(4) - 2);
});

it('100 steps add no tensor, calls leave only their results, dispose leaves nothing', () => {
  const start = tf.memory().numTensors;
  const model = tiny();
  const x = images(4);
  const optimizer = tf.train.sgd(0.01);
  const estimators = ['relaxed', 'straight-through', 'score-function', 'exact'] as const;
  const step = (seed: number) => {
    const loss = () => model.loss(x, seed, { estimator: estimators[seed % 4]! });
    optimizer.minimize(loss, false, Object.values(model.weights));
  };
  step(0);
  const before = tf.memory().numTensors;
  for (let seed = 1; seed <= 100; seed++) step(seed);
  expect(tf.memory().numTensors).toBe(before);
  const results: tf.TensorContainer[] = [
    { ...model.elbo(x, 0) },
    { ...model.exactElbo(x) },
    [model.logProb(x), model.iwae(x, 2500, 0), model.encode(x), model.sample(2, 0), model.reconstruct(x)],
    estimators.map((estimator) => model.loss(x, 0, { estimator })),
  ];
  expect(tf.memory().numTensors).toBe(before + 15);
  tf.dispose(results);
  model.dispose();
  optimizer.dispose();
  x.dispose();
  expect(tf.memory().numTensors).toBe(start);
});

it.each([
  [{ variables: 0 }, 'CategoricalVae: variables must be a positive integer, got 0.'],
  [{ classes: 2.5 }, 'CategoricalVae: classes must be a positive integer, got 2.5.'],
  [{ hidden: [4, 0] }, 'CategoricalVae: hidden[1] must be a positive integer, got 0.'],
  [{ estimator: 'reinforce' as 'relaxed' }, 'CategoricalVae: estimator must be one of relaxed, straight-through'],
  [
    { likelihood: 'poisson' as 'gaussian' },
    'CategoricalVae: likelihood must be one of bernoulli, gaussian, got poisson.',
  ],
  [{ seed: -1 }, 'CategoricalVae: seed must be a non-negative safe integer, got -1.'],
] as [CategoricalVaeConfig, string][])('refuses %j', (config, message) => {
  expect(() => new CategoricalVae(config)).toThrow(RangeError);
  expect(() => new CategoricalVae(config)).toThrow(message);
});

it('refuses arguments that do not fit', () => {
  const model = tiny();
  const x = images(2);
  const loss = (options: object) => () => model.loss(x, 0, options);
  expect(loss({ temperature: 0 })).toThrow(
    'CategoricalVae.loss: temperature must be above 0, got 0. Omit it to use 1.',
  );
  expect(loss({ samples: 0 })).toThrow('samples must be a positive integer, got 0');
  expect(loss({ estimator: 'exactly' })).toThrow('estimator must be one of');
  expect(() => model.loss(tf.zeros([2, 3]), 0)).toThrow(
    'CategoricalVae: x must be [B, 4] with B at least 1, got [2, 3].',
  );
  expect(() => model.decode(tf.zeros([2, 3]))).toThrow(
    'codes must be [B, 6] with B at least 1, got [2, 3]. A row is 2 one-hot',
  );
  expect(() => model.iwae(x, 0, 0)).toThrow('k must be a positive integer, got 0');
  const large = new CategoricalVae({ hidden: [2], imageShape: [2, 2, 1] });
  const message = 'expected at most 4096 codes to enumerate, got 10^30 = 1.0e+30. Use elbo and iwae, which draw codes';
  for (const call of ['exactElbo', 'logProb'] as const) {
    expect(() => large[call](x)).toThrow(`CategoricalVae.${call}: ${message}`);
  }
  expect(() => large.loss(x, 0, { estimator: 'exact' })).toThrow(message);
});
