import * as tf from '@tensorflow/tfjs-core';
import { integerInterval, nonnegativeInteger, real, unitInterval } from './constraint.ts';
import type { DistributionOptions, Shape, Value } from './distribution.ts';
import { type Counts, countEntropy, countEntropySlope } from './internal/count-entropy.ts';
import { binomial } from './internal/draw-binomial.ts';
import { HostDistribution, hostFunction, type Law, searchInteger } from './internal/host-distribution.ts';
import { checkConstraint, toTensor } from './internal/validate.ts';
import { logBetainc, logBetaKernel } from './math/scalar/incomplete-beta.ts';
import { lbeta } from './math/scalar/log-gamma.ts';

/**
 * Binomial distribution: how many of `totalCount` trials succeed, each with log odds `logits`. Values are float32, so
 * integers up to 2^24 are exact.
 *
 * Evaluated on the host; reads from the device. Nothing is differentiable by the value or by totalCount.
 */
export class Binomial extends HostDistribution {
  readonly reparameterized = false;
  protected readonly law = LAW;
  readonly totalCount = this.parameters.totalCount!;
  readonly logits = this.parameters.logits!;
  readonly support = integerInterval(0, this.totalCount);

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(totalCount: Value, logits: Value, options?: DistributionOptions) {
    super('Binomial', { totalCount: [totalCount, nonnegativeInteger], logits: [logits, real] }, options);
  }

  /** From the probability of success. The logits made of it belong to the distribution: `dispose`. */
  static fromProbs(totalCount: Value, probs: Value, options: DistributionOptions = {}): Binomial {
    const logits = tf.tidy(() => {
      const p = toTensor(probs);
      if (options.validateArgs) checkConstraint('Binomial', 'parameter probs', p, unitInterval);
      return tf.sub(tf.log(p), tf.log(tf.sub(1, p)));
    });
    return new Binomial(totalCount, logits, options).own(logits);
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this.drawn(sampleShape, ([totalCount, logits]) =>
      binomial(
        totalCount!,
        Float64Array.from(logits!, (l) => probs(l)[0]),
        seed,
      ),
    );
  }

  protected override _mean(): tf.Tensor {
    return tf.mul(this.totalCount, tf.sigmoid(this.logits));
  }

  protected override _variance(): tf.Tensor {
    return tf.mul(this._mean(), tf.sigmoid(tf.neg(this.logits)));
  }

  /** The largest integer up to (n + 1) p; where that is (n + 1) p itself, the integer below is as likely. */
  protected override _mode(): tf.Tensor {
    const mode = (n: number, logits: number) => Math.min(n, Math.floor((n + 1) * probs(logits)[0]));
    const zero = () => 0;
    const names = ['totalCount', 'logits'];
    return hostFunction('Binomial.mode', names, (n, l) => mode(n!, l!), [zero, zero])(this.totalCount, this.logits);
  }

  protected override _entropy(): tf.Tensor {
    return hostFunction('Binomial.entropy', ['totalCount', 'logits'], (n, l) => countEntropy(counts(n!, l!)), [
      () => 0,
      (n, l) => countEntropySlope(counts(n!, l!)),
    ])(this.totalCount, this.logits);
  }

  /** Infinity where this counts more trials than `other`, NaN where fewer: that has no closed form. */
  protected override _klDivergence({ totalCount, logits }: Binomial): tf.Tensor {
    const names = ['p.totalCount', 'p.logits', 'q.totalCount', 'q.logits'];
    return hostFunction('Binomial.klDivergence', names, kl, [
      () => 0,
      (n, a, _, b) => n! * probs(a!)[0] * probs(a!)[1] * (a! - b!),
      () => 0,
      (n, a, _, b) => n! * (probs(b!)[0] - probs(a!)[0]),
    ])(this.totalCount, this.logits, totalCount, logits);
  }
}

/** log(1 + exp(x)). */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Of success and failure. */
const logProbs = (logits: number): [number, number] => [-softplus(-logits), -softplus(logits)];
const probs = (logits: number): [number, number] => [1 / (1 + Math.exp(-logits)), 1 / (1 + Math.exp(logits))];

function kl(n: number, a: number, m: number, b: number): number {
  if (n !== m) return n > m ? Infinity : Number.NaN;
  const [p, q] = probs(a);
  const [logP, logQ] = logProbs(a);
  const [otherP, otherQ] = logProbs(b);
  return n * (p * (logP - otherP) + q * (logQ - otherQ));
}

const isCount = (x: number, n: number): boolean => x >= 0 && x <= n && Number.isInteger(x);

function logProb(x: number, n: number, logits: number): number {
  if (!(n >= 0 && Number.isInteger(n))) return Number.NaN;
  if (!isCount(x, n)) return Number.isNaN(x) ? x : -Infinity;
  const [logP, logQ] = logProbs(logits);
  if (x === 0 || x === n) return n === 0 ? 0 : n * (x === 0 ? logQ : logP);
  if (Math.min(x, n - x) < 9 || Math.abs(logits) > 300) {
    return x * logP + (n - x) * logQ - lbeta(x + 1, n - x + 1) - Math.log(n + 1);
  }
  return logBetaKernel(x + 1, n - x + 1, ...probs(logits)) - logP - logQ - Math.log(n + 1);
}

function counts(n: number, logits: number): Counts {
  const [p, q] = probs(logits);
  return { n, mean: n * p, p, q, logProb: (k) => logProb(k, n, logits) };
}

function logCdf(x: number, n: number, logits: number): number {
  if (x < 0 || x >= n) return x < 0 ? -Infinity : 0;
  const [p, q] = probs(logits);
  return logBetainc(n - Math.floor(x), Math.floor(x) + 1, q, p);
}

function logSurvival(x: number, n: number, logits: number): number {
  if (x < 0 || x >= n) return x < 0 ? 0 : -Infinity;
  return logBetainc(Math.floor(x) + 1, n - Math.floor(x), ...probs(logits));
}

const LAW: Law = {
  logProb,
  logProbBy: [
    () => 0,
    () => 0,
    (x, n, logits) => {
      const [p, q] = probs(logits!);
      return isCount(x, n!) ? x * q - (n! - x) * p : 0;
    },
  ],
  logCdf,
  logSurvival,
  cdfBy: [
    () => 0,
    (unit, x, n, logits) => {
      const k = Math.floor(x);
      return -(n! - k) * Math.exp(logProb(k, n!, logits!) + logProbs(logits!)[0] - unit);
    },
  ],
  quantile(p, n, logits) {
    if (!(p >= 0 && p <= 1 && n! >= 0)) return Number.NaN;
    return p === 1 ? n! : searchInteger((k) => Math.exp(logCdf(k, n!, logits!)), p, n! * probs(logits!)[0]);
  },
  discrete: true,
};
