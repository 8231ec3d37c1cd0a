import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Independent } from './distribution.ts';
import { klDivergence } from './kl-divergence.ts';
import { Normal } from './normal.ts';
import { standardNormal } from './standard.ts';

const normal = (loc: number | number[], scale: number | number[]) => new Normal(tf.tensor(loc), tf.tensor(scale));
const value = (t: tf.Tensor) => t.dataSync()[0]!;

// Golden: scipy 1.17.1, scipy.stats.norm.logpdf(x, loc, scale), float64.
it.each([
  [1.5, 0.2, 1, -2.4345006207705717],
  [0, 1, 20, -200.91893853320468], // far tail, where the density itself is 0 in float32
  [0.5, 2, -3, -3.143335713764618],
  [0, 1e-3, 1e-3, 5.488816745777465],
])('logProb: loc %f, scale %f, x %f', (loc, scale, x, golden) => {
  const got = value(normal(loc, scale).logProb(tf.scalar(x)));
  expect(Math.abs(got - golden)).toBeLessThan(4e-7 * Math.abs(golden)); // float32 has 7 digits
});

// Golden: -784 * log(2 pi) / 2.
it('the constant of 784 dimensions is -720.44781', () => {
  const p = new Independent(new Normal(tf.zeros([784]), tf.ones([784])), 1);
  expect(value(p.logProb(tf.zeros([784])))).toBeCloseTo(-720.44781, 3);
});

// Golden: scipy.stats.norm.entropy(0, scale).
it.each([
  [1, 1.4189385332046727],
  [2, 2.112085713764618],
  [0.01, -3.1862316527834182],
])('entropy: scale %f', (scale, golden) => {
  expect(Math.abs(value(normal(3, scale).entropy()) - golden)).toBeLessThan(4e-7 * Math.abs(golden));
});

// Goldens: closed form, sum of 0.5 (var ratio + shift^2 / var_q - 1 - log var ratio); systems.md 6.7.
it.each([
  { name: 'itself', loc: [0], variance: [1], toLoc: [0], toVariance: [1], golden: 0 },
  {
    name: '(1, -2), (.25, 4) to the prior',
    loc: [1, -2],
    variance: [0.25, 4],
    toLoc: [0],
    toVariance: [1],
    golden: 3.625,
  },
  {
    name: '.5, exp(-1) to the prior',
    loc: [0.5],
    variance: [Math.exp(-1)],
    toLoc: [0],
    toVariance: [1],
    golden: 0.30893972,
  },
  { name: 'two of them', loc: [1, -2], variance: [0.25, 4], toLoc: [0, 1], toVariance: [2, 0.5], golden: 12.3125 },
  {
    name: 'N(0, 1) to N(1, 4): the direction',
    loc: [0],
    variance: [1],
    toLoc: [1],
    toVariance: [4],
    golden: 0.44314718,
  },
])('klDivergence: $name', ({ loc, variance, toLoc, toVariance, golden }) => {
  const p = normal(loc, variance.map(Math.sqrt));
  const q = normal(toLoc, toVariance.map(Math.sqrt));
  const got = value(tf.sum(klDivergence(p, q)));
  expect(Math.abs(got - golden)).toBeLessThan(1e-6 * Math.max(1, golden));
});

it('KL is never negative, and is 0 to itself', () => {
  const loc = fc.double({ min: -5, max: 5, noNaN: true });
  const scale = fc.double({ min: 0.1, max: 5, noNaN: true });
  const property = fc.property(loc, scale, loc, scale, (m1, s1, m2, s2) => {
    const p = normal(m1, s1);
    expect(value(p.klDivergence(normal(m2, s2)))).toBeGreaterThan(-1e-6); // float32 cancellation
    expect(value(p.klDivergence(p))).toBe(0);
  });
  fc.assert(property, { seed: 1, numRuns: 200 });
});

/** Mean and standard error. */
const estimate = (t: tf.Tensor) => {
  const xs = t.dataSync<'float32'>();
  const mean = xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const variance = xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (xs.length - 1);
  return { mean, error: Math.sqrt(variance / xs.length) };
};

// 3 standard errors (systems.md 6.7): a right pair fails 1 seed in 370. At n = 1e5 an error of 2 % of the KL fails.
it.each([
  [0, 1, 1, 2],
  [1, 0.5, 0, 1],
  [-2, 2, 1, Math.SQRT1_2],
])('KL of N(%f, %f) from N(%f, %f) agrees with Monte Carlo', (m1, s1, m2, s2) => {
  const p = normal(m1, s1);
  const q = normal(m2, s2);
  const x = p.sample({ sampleShape: [100_000], seed: 5 });
  const { mean, error } = estimate(tf.sub(p.logProb(x), q.logProb(x)));
  expect(Math.abs(value(klDivergence(p, q)) - mean)).toBeLessThan(3 * error);
});

it('entropy agrees with Monte Carlo, to 3 standard errors', () => {
  const p = normal(1, 3);
  const { mean, error } = estimate(tf.neg(p.logProb(p.sample({ sampleShape: [100_000], seed: 6 }))));
  expect(Math.abs(value(p.entropy()) - mean)).toBeLessThan(3 * error);
});

// 5 standard errors: a correct sampler fails 1 seed in 1.7 million; a scale 5 % off fails.
it('sample has the right mean and variance', () => {
  const n = 20_000;
  const { mean, variance } = tf.moments(normal(2, 3).sample({ sampleShape: [n], seed: 0 }));
  expect(Math.abs(value(mean) - 2)).toBeLessThan(5 * (3 / Math.sqrt(n)));
  expect(Math.abs(value(variance) - 9)).toBeLessThan(5 * (9 * Math.sqrt(2 / n)));
});

it('sample: same seed same draws, 0 being one; another seed or none, other draws', () => {
  const p = normal([0, 0], 1);
  const draw = (seed?: number) => [
    ...p.sample({ sampleShape: [3], ...(seed === undefined ? {} : { seed }) }).dataSync(),
  ];
  expect(draw(0)).toEqual(draw(0));
  expect(draw(0)).toEqual([...standardNormal([3, 2], 0).dataSync()]);
  expect(draw(0)).not.toEqual(draw(1));
  expect(draw()).not.toEqual(draw());
});

it('mean, variance, stddev and mode have the batch shape', () => {
  const p = new Normal(tf.tensor([1, 2, 3]), tf.tensor([[2], [4]]));
  expect(p.batchShape).toEqual([2, 3]);
  expect(p.eventShape).toEqual([]);
  expect(p.mean().arraySync()).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(p.mode().arraySync()).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(p.stddev().arraySync()).toEqual([
    [2, 2, 2],
    [4, 4, 4],
  ]);
  expect(p.variance().arraySync()).toEqual([
    [4, 4, 4],
    [16, 16, 16],
  ]);
  expect(p.entropy().shape).toEqual([2, 3]);
  expect(p.sample({ sampleShape: [5, 4], seed: 0 }).shape).toEqual([5, 4, 2, 3]);
  expect(p.sample({ sampleShape: [0], seed: 0 }).shape).toEqual([0, 2, 3]);
  expect(p.logProb(tf.zeros([7, 1, 1])).shape).toEqual([7, 2, 3]);
});

it('says which shapes do not broadcast', () => {
  expect(() => new Normal(tf.zeros([2, 3]), tf.ones([4]))).toThrow(
    new RangeError('Normal: the shapes must broadcast, got loc [2, 3] and scale [4].'),
  );
  expect(() => normal([0, 0], 1).logProb(tf.zeros([3]))).toThrow(
    'Normal.logProb: the shapes must broadcast, got value [3] and batchShape [2].',
  );
  expect(() => klDivergence(normal([0, 0], 1), normal([0, 0, 0], 1))).toThrow(
    'got p.batchShape [2] and q.batchShape [3]',
  );
});

it('a copy of what it was given: disposing a result leaves the parameters alone', () => {
  const loc = tf.tensor([1, 2]);
  const p = new Normal(loc, tf.tensor([3, 4]));
  tf.dispose([p.mean(), p.mode(), p.stddev()]);
  expect([...loc.dataSync()]).toEqual([1, 2]);
  expect([...p.stddev().dataSync()]).toEqual([3, 4]);
});

it('lets gradients of a sample reach loc and scale', () => {
  const f = (loc: tf.Tensor, scale: tf.Tensor) => new Normal(loc, scale).sample({ seed: 3 });
  const [dLoc, dScale] = tf.grads(f)([tf.scalar(2), tf.scalar(3)]);
  expect(value(dLoc!)).toBe(1);
  expect(value(dScale!)).toBeCloseTo(value(standardNormal([], 3)), 6);
});

// Analytic: E x^2 = m^2 + s^2, E x^3 = m^3 + 3 m s^2, E x^4 = m^4 + 6 m^2 s^2 + 3 s^4, differentiated by m and by s.
// 5 standard errors of the sample mean of f'(x) and f'(x) eps, which are the reparameterised gradients of one draw.
const [M, S] = [0.7, 1.3];
it.each([
  { power: 2, dM: 2 * M, dS: 2 * S },
  { power: 3, dM: 3 * M ** 2 + 3 * S ** 2, dS: 6 * M * S },
  { power: 4, dM: 4 * M ** 3 + 12 * M * S ** 2, dS: 12 * M ** 2 * S + 12 * S ** 3 },
])('reparameterised gradients of E x^$power are the analytic ones', ({ power, dM, dS }) => {
  const n = 200_000;
  const options = { sampleShape: [n], seed: 8 };
  const f = (loc: tf.Tensor, scale: tf.Tensor) => {
    const x = new Normal(loc, scale).sample(options);
    return tf.mean(Array.from({ length: power - 1 }).reduce<tf.Tensor>((product) => tf.mul(product, x), x));
  };
  const [gradM, gradS] = tf.grads(f)([tf.scalar(M), tf.scalar(S)]);
  const eps = standardNormal([n], 8).dataSync();
  const slopes = Float32Array.from(eps, (e) => power * (M + S * e) ** (power - 1));
  const ofM = estimate(tf.tensor(slopes));
  const ofS = estimate(tf.tensor(slopes.map((slope, i) => slope * eps[i]!)));
  // The tape gives exactly these means ...
  expect(Math.abs(value(gradM!) - ofM.mean)).toBeLessThan(1e-4 * Math.abs(dM));
  expect(Math.abs(value(gradS!) - ofS.mean)).toBeLessThan(1e-4 * Math.abs(dS));
  // ... and these means are the derivatives of the expectation.
  expect(Math.abs(ofM.mean - dM)).toBeLessThan(5 * ofM.error);
  expect(Math.abs(ofS.mean - dS)).toBeLessThan(5 * ofS.error);
});

// Analytic, z = (x - m) / s: d logProb = z/s, (z^2 - 1)/s, -z/s by loc, scale and value.
it('gradients of logProb', () => {
  const f = (loc: tf.Tensor, scale: tf.Tensor, x: tf.Tensor) => tf.sum(new Normal(loc, scale).logProb(x));
  const [dLoc, dScale, dX] = tf.grads(f)([tf.scalar(0.5), tf.scalar(2), tf.tensor([-3, 1, 4])]);
  const z = [-1.75, 0.25, 1.75];
  expect(value(dLoc!)).toBeCloseTo(
    z.reduce((sum, v) => sum + v / 2, 0),
    5,
  );
  expect(value(dScale!)).toBeCloseTo(
    z.reduce((sum, v) => sum + (v * v - 1) / 2, 0),
    5,
  );
  z.forEach((v, i) => {
    expect(dX!.dataSync()[i]!).toBeCloseTo(-v / 2, 6);
  });
});

// Analytic: d KL = shift / s_q^2, s_p / s_q^2 - 1 / s_p by loc and scale of p; d entropy = 1 / scale, summed over the batch.
it('gradients of klDivergence and entropy', () => {
  const q = normal(-1, 2);
  const [dLoc, dScale] = tf.grads((loc, scale) => klDivergence(new Normal(loc, scale), q))([
    tf.scalar(0.5),
    tf.scalar(3),
  ]);
  expect(value(dLoc!)).toBeCloseTo(1.5 / 4, 6);
  expect(value(dScale!)).toBeCloseTo(3 / 4 - 1 / 3, 6);
  const entropy = tf.grad((scale: tf.Tensor) => tf.sum(new Normal(tf.zeros([2, 1, 1, 1, 3]), scale).entropy()));
  expect(value(entropy(tf.scalar(4)))).toBeCloseTo(6 / 4, 6);
});

it('leaves nothing behind but its results', () => {
  const p = new Normal(tf.zeros([3]), tf.ones([2, 1]));
  const before = tf.memory().numTensors;
  tf.dispose([p.sample({ seed: 1 }), p.logProb(p.loc), p.klDivergence(p), p.entropy()]);
  tf.dispose([p.mean(), p.mode(), p.variance(), p.stddev(), standardNormal([2])]);
  expect(tf.memory().numTensors).toBe(before);
});
