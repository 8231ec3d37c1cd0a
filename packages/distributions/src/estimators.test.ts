import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { numbers, onEngines } from '../tests/on-engines.ts';
import { Bernoulli } from './bernoulli.ts';
import { Categorical } from './categorical.ts';
import { Independent } from './distribution.ts';
import { elbo, iwae, monteCarloKl, scoreFunction } from './estimators.ts';
import { Normal } from './normal.ts';
import { OneHotCategorical } from './one-hot-categorical.ts';

const value = (t: tf.Tensor) => numbers(t)[0]!;

// p(z) = N(0, 1), p(x | z) = N(z, 1), x = 1 (systems.md 6.7): the posterior is N(1/2, sqrt(1/2)).
const EVIDENCE = -1.515512; // log N(1; 0, sqrt 2)
const ELBO_OF_PRIOR = -1.918939; // EVIDENCE - KL(N(0, 1) || posterior)
const logJoint = (z: tf.Tensor) => tf.add(new Normal(0, 1).logProb(z), new Normal(z, 1).logProb(1));
const prior = (n: number) => new Normal(tf.zeros([n]), 1);

onEngines((engine) => {
  it('elbo and iwae of the true posterior are the evidence, whatever the draws', () => {
    const posterior = new Normal([0.5, 0.5], Math.SQRT1_2);
    for (const samples of [1, 3, 50]) {
      for (const bound of [elbo, iwae]) {
        for (const got of numbers(bound(logJoint, posterior, { samples, seed: samples }))) {
          expect(Math.abs(got - EVIDENCE)).toBeLessThan(5e-6);
        }
      }
    }
    expect(Math.abs(value(elbo(logJoint, posterior)) - EVIDENCE)).toBeLessThan(5e-6);
  });

  // 5 standard errors; an ELBO without its entropy is 1.4 off, 300 errors.
  it('elbo of the prior', () => {
    const bounds = numbers(elbo(logJoint, prior(20_000), { samples: 2, seed: 1 }));
    const { mean, error } = summary(bounds);
    expect(Math.abs(mean - ELBO_OF_PRIOR)).toBeLessThan(5 * error);
    expect(error).toBeLessThan(0.01);
  });

  // Means over 4,000 bounds; the gaps, 0.25 and 0.12, are over 10 standard errors.
  it('E[L_1] <= E[L_5] <= E[L_50] <= log p, and L_1 is the ELBO', () => {
    const at = (samples: number) => summary(numbers(iwae(logJoint, prior(4000), { samples, seed: 2 })));
    const [one, five, fifty] = [at(1), at(5), at(50)];
    expect(five.mean).toBeGreaterThan(one.mean + 5 * Math.hypot(one.error, five.error));
    expect(fifty.mean).toBeGreaterThan(five.mean + 5 * Math.hypot(five.error, fifty.error));
    expect(fifty.mean).toBeLessThan(EVIDENCE + 5 * fifty.error);
    const [a, b] = [elbo, iwae].map((f) => numbers(f(logJoint, prior(5), { samples: 1, seed: 3 })));
    a!.forEach((v, i) => {
      expect(b![i]!).toBeCloseTo(v, 5);
    });
  });

  // Closed form: KL of diagonal Gaussians, systems.md 6.7. 5 standard errors.
  it('monteCarloKl of Gaussians, over broadcast batches', () => {
    const p = new Independent(new Normal([1, -2], [0.5, 2]), 1);
    const q = new Independent(
      new Normal(
        tf.tensor([
          [0, 1],
          [1, -2],
        ]),
        tf.tensor([
          [Math.SQRT2, Math.SQRT1_2],
          [0.5, 2],
        ]),
      ),
      1,
    );
    const kl = monteCarloKl(p, q, { samples: 40_000, seed: 4 });
    const [far, near] = numbers(kl);
    expect(Math.abs(far! - 12.3125)).toBeLessThan(5 * Math.sqrt(varianceOfRatio() / 40_000));
    expect(Math.abs(near!)).toBeLessThan(1e-6);
    expect(kl.shape).toEqual([2]);
  });

  // Analytic: E[x^3 + 2 x^2] = m^3 + 3 m s^2 + 2 m^2 + 2 s^2 for x of Normal(m, s). 5 standard errors; a row of parameters for
  // each draw gives each its own gradient.
  it('reparameterised gradients of a polynomial are the analytic ones', () => {
    const [m, s, n] = [0.75, 0.5, 40_000];
    const polynomial = (loc: tf.Tensor, scale: tf.Tensor) => {
      const x = new Normal(loc, scale).sample({ seed: 9 });
      return tf.sum(tf.add(tf.pow(x, 3), tf.mul(2, tf.square(x))));
    };
    const slopes = tf.grads(polynomial)([tf.fill([n], m), tf.fill([n], s)]);
    const analytic = [3 * m ** 2 + 3 * s ** 2 + 4 * m, 6 * m * s + 4 * s];
    slopes.forEach((slope, i) => {
      const { mean, error } = summary(numbers(slope));
      expect(Math.abs(mean - analytic[i]!)).toBeLessThan(5 * error);
      expect(error).toBeLessThan(0.05);
    });
  });

  // Exact: d/dl of sum_x p(x) r(x) is p_k (r_k - E r). 5 standard errors of the estimate.
  it('scoreFunction is the reward, with the gradient of its expectation', () => {
    const rewards = tf.tensor([1, -2, 4]);
    const logits = tf.tensor([0.5, -0.5, 0]);
    const n = 20_000;
    const surrogate = (baseline: number) => (l: tf.Tensor) => {
      const p = new OneHotCategorical(l);
      const x = p.sample({ sampleShape: [n], seed: 5 });
      return tf.mean(scoreFunction(p.logProb(x), tf.sum(tf.mul(x, rewards), -1), baseline)) as tf.Scalar;
    };
    const probs = numbers(tf.softmax(logits));
    const expected = probs.reduce((sum, p, k) => sum + p * numbers(rewards)[k]!, 0);
    for (const baseline of [0, 1.5]) {
      const gradient = numbers(tf.grad(surrogate(baseline))(logits));
      for (const [k, g] of gradient.entries()) {
        const exact = probs[k]! * (numbers(rewards)[k]! - expected);
        const spread = (4 + baseline) / Math.sqrt(n); // |reward - baseline| <= 4 + baseline, |d log p| <= 1
        expect(Math.abs(g - exact)).toBeLessThan(5 * spread);
      }
    }
    const x = tf.tensor([1, 2]);
    expect(numbers(scoreFunction(tf.tensor([-1, -2]), x, 7))).toEqual([1, 2]);
    const [dLogProb, dReward] = tf.grads((a, r) => scoreFunction(a, r, [7, 1]))([tf.tensor([-1, -2]), x]);
    expect(numbers(dLogProb!)).toEqual([-6, 1]);
    expect(numbers(dReward!)).toEqual([1, 1]);
  });

  // z in {0, 1} with p(x, z) = (0.3, 0.1): ELBO = sum_z q log(p / q), d/dl = q (1 - q) (log(p_1 / q) - log(p_0 / (1 - q))).
  it('elbo and iwae have unbiased gradients where draws pass none', () => {
    const joint = (z: tf.Tensor) => tf.add(Math.log(0.3), tf.mul(z, Math.log(0.1 / 0.3)));
    const n = 20_000;
    const l = 0.8;
    const q = 1 / (1 + Math.exp(-l));
    const slope = q * (1 - q);
    const exactElbo = slope * (Math.log(0.1 / q) - Math.log(0.3 / (1 - q)));
    // The gradient of one logit shared by n posteriors: the mean over the batch.
    const of = (bound: typeof iwae, samples: number) =>
      value(
        tf.grad((t: tf.Tensor) => tf.mean(bound(joint, new Bernoulli(tf.mul(t, tf.ones([n]))), { samples, seed: 6 })))(
          tf.scalar(l),
        ),
      );
    expect(Math.abs(of(elbo, 1) - exactElbo)).toBeLessThan(5 * (3 / Math.sqrt(n)));
    // iwae of 2: sum over the pairs.
    const weights = [0.3 / (1 - q), 0.1 / q];
    const probs = [1 - q, q];
    const dLogProbs = [-q, 1 - q];
    let exact = 0;
    for (const a of [0, 1]) {
      for (const b of [0, 1]) {
        const total = weights[a]! + weights[b]!;
        const dBound = -(weights[a]! * dLogProbs[a]! + weights[b]! * dLogProbs[b]!) / total;
        exact += probs[a]! * probs[b]! * (dBound + Math.log(total / 2) * (dLogProbs[a]! + dLogProbs[b]!));
      }
    }
    expect(Math.abs(of(iwae, 2) - exact)).toBeLessThan(5 * (4 / Math.sqrt(n)));
    expect(Math.abs(exact - exactElbo)).toBeGreaterThan(0.02);
  });

  it('monteCarloKl has the gradient of KL, with and without reparameterisation', () => {
    const normal = (loc: tf.Tensor) => monteCarloKl(new Normal(loc, 1), new Normal(0, 1), { samples: 20_000, seed: 7 });
    expect(Math.abs(value(tf.grad(normal)(tf.scalar(1.5))) - 1.5)).toBeLessThan(5 / Math.sqrt(20_000));
    const uniform = new Categorical([0, 0, 0]);
    const logits = tf.tensor([1, 0, -1]);
    const classes = (l: tf.Tensor) => monteCarloKl(new Categorical(l), uniform, { samples: 20_000, seed: 8 });
    const exact = numbers(tf.grad((l: tf.Tensor) => new Categorical(l).klDivergence(uniform))(logits));
    for (const [k, g] of numbers(tf.grad(classes)(logits)).entries()) {
      expect(Math.abs(g - exact[k]!)).toBeLessThan((5 * 2) / Math.sqrt(20_000)); // |(ratio + 1) d log p| < 2
    }
  });

  if (engine !== 'cpu') return;
  it('says what does not fit', () => {
    const q = new Normal([0, 0], 1);
    expect(() => elbo((z) => tf.sum(z), q, { samples: 3 })).toThrow(
      'elbo: logJoint must give one number for each draw, shape [3, 2], got [].',
    );
    expect(() => iwae((z) => z, q, { samples: 0 })).toThrow('iwae: samples must be an integer from 1, got 0.');
    expect(() => monteCarloKl(q, q, { samples: 1.5 })).toThrow('monteCarloKl: samples must be an integer');
    expect(() => monteCarloKl(q, new Normal([0, 0, 0], 1), { samples: 1 })).toThrow(
      'monteCarloKl: the shapes must broadcast',
    );
    expect(() => scoreFunction(tf.zeros([2]), tf.zeros([2, 2]))).toThrow('logProb and reward must have one shape');
    expect(() => scoreFunction(tf.zeros([2]), tf.zeros([2]), [[1], [2]])).toThrow('to which baseline broadcasts');
  });

  it('leaves nothing behind but its results', () => {
    const [p, q] = [new Normal([0, 1], 1), new Normal([[0], [1]], 1)];
    const before = tf.memory().numTensors;
    tf.dispose([elbo(logJoint, p), iwae(logJoint, p, { samples: 2 }), monteCarloKl(p, q, { samples: 2 })]);
    tf.dispose(scoreFunction(p.loc, p.loc, [1, 2]));
    expect(tf.memory().numTensors).toBe(before);
  });
});

function summary(xs: number[]): { mean: number; error: number } {
  const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
  const variance = xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (xs.length - 1);
  return { mean, error: Math.sqrt(variance / xs.length) };
}

/** Of log p - log q under p, for the first pair of the KL test: per axis (1 - r)^2 / 2 + r d^2, r = var p / var q, d = shift / scale of q. */
function varianceOfRatio(): number {
  const axis = (r: number, d: number) => (1 - r) ** 2 / 2 + r * d ** 2;
  return axis(0.25 / 2, 1 / Math.SQRT2) + axis(4 / 0.5, -3 / Math.SQRT1_2);
}
