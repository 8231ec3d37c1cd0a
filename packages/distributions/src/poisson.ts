import * as tf from '@tensorflow/tfjs-core';
import { nonnegative, nonnegativeInteger } from './constraint.ts';
import type { DistributionOptions, Shape, Value } from './distribution.ts';
import { type Counts, countEntropy, countEntropySlope } from './internal/count-entropy.ts';
import { poisson } from './internal/draw-poisson.ts';
import { HostDistribution, hostFunction, type Law, searchInteger } from './internal/host-distribution.ts';
import { logGammainc, logGammaincc, logGammaKernel } from './math/scalar/incomplete-gamma.ts';

/**
 * Poisson distribution of counts with mean `rate`. Values are float32, so integers up to 2^24 are exact.
 *
 * Evaluated on the host; reads from the device. Nothing is differentiable by the value.
 */
export class Poisson extends HostDistribution {
  readonly reparameterized = false;
  readonly support = nonnegativeInteger;
  protected readonly law = LAW;
  readonly rate = this.parameters.rate!;

  constructor(rate: Value, options?: DistributionOptions) {
    super('Poisson', { rate: [rate, nonnegative] }, options);
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this.drawn(sampleShape, ([rate]) => poisson(rate!, seed));
  }

  protected override _mean(): tf.Tensor {
    return this.rate;
  }

  protected override _variance(): tf.Tensor {
    return this.rate;
  }

  /** The largest integer up to the rate; where that is the rate itself, the integer below is as likely. */
  protected override _mode(): tf.Tensor {
    return tf.floor(this.rate);
  }

  protected override _entropy(): tf.Tensor {
    const f = (rate: number) => (rate > 0 ? countEntropy(counts(rate)) : 0);
    const by = (rate: number) => (rate > 0 ? countEntropySlope(counts(rate)) / rate : Infinity);
    return hostFunction('Poisson.entropy', ['rate'], (rate) => f(rate!), [(rate) => by(rate!)])(this.rate);
  }

  protected override _klDivergence({ rate }: Poisson): tf.Tensor {
    return hostFunction('Poisson.klDivergence', ['p.rate', 'q.rate'], kl, [
      (p, q) => Math.log(p! / q!),
      (p, q) => (q! - p!) / q!,
    ])(this.rate, rate);
  }
}

/** p log(p / q) - p + q. */
const kl = (p: number, q: number): number => (p === 0 ? q : p * Math.log(p / q) - (p - q));

const isCount = (x: number): boolean => x >= 0 && Number.isInteger(x);

function logProb(x: number, rate: number): number {
  if (!(rate >= 0)) return Number.NaN;
  if (!isCount(x)) return Number.isNaN(x) ? x : -Infinity;
  if (x === 0) return -rate;
  return rate === 0 ? -Infinity : logGammaKernel(x + 1, rate) - Math.log(rate);
}

const counts = (rate: number): Counts => ({ n: Infinity, mean: rate, p: 0, q: 1, logProb: (k) => logProb(k, rate) });

const logCdf = (x: number, rate: number): number => (x < 0 ? -Infinity : logGammaincc(Math.floor(x) + 1, rate));

const LAW: Law = {
  logProb,
  logProbBy: [() => 0, (x, rate) => (!isCount(x) ? 0 : x === 0 ? -1 : (x - rate!) / rate!)],
  logCdf,
  logSurvival: (x, rate) => (x < 0 ? 0 : logGammainc(Math.floor(x) + 1, rate!)),
  cdfBy: [(unit, x, rate) => -Math.exp(logProb(Math.floor(x), rate!) - unit)],
  quantile(p, rate) {
    if (!(p >= 0 && p <= 1 && rate! >= 0)) return Number.NaN;
    return p === 1 ? Infinity : searchInteger((k) => Math.exp(logCdf(k, rate!)), p, rate! + 8 * Math.sqrt(rate!));
  },
  discrete: true,
};
