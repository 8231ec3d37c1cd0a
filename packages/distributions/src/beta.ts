import * as tf from '@tensorflow/tfjs-core';
import { positive, unitInterval } from './constraint.ts';
import type { DistributionOptions, Shape, Value } from './distribution.ts';
import { logGammaDraws } from './internal/draw-log-gamma.ts';
import { BELOW_ONE, SMALLEST } from './internal/float32.ts';
import { HostDistribution, hostFunction, type Law, shapeSlope } from './internal/host-distribution.ts';
import { nanUnlessAbove } from './internal/nan-unless.ts';
import { betaincByA, betaincByB, betaincinv, logBetainc, logBetaKernel } from './math/scalar/incomplete-beta.ts';
import { lbeta } from './math/scalar/log-gamma.ts';
import { digamma, polygamma } from './math/scalar/polygamma.ts';
import { splitSeed } from './random.ts';

/**
 * Beta distribution on [0, 1], proportional to x^(concentration1 - 1) (1 - x)^(concentration0 - 1): its mean is
 * concentration1 / (concentration1 + concentration0). Draws lie in the open interval: from 1.2e-38 to 1 - 6e-8.
 *
 * Evaluated on the host; reads from the device. mode() is NaN unless both parameters are above 1, as in TFP.
 */
export class Beta extends HostDistribution {
  readonly reparameterized = true;
  readonly support = unitInterval;
  protected readonly law = LAW;
  readonly concentration1 = this.parameters.concentration1!;
  readonly concentration0 = this.parameters.concentration0!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(concentration1: Value, concentration0: Value, options?: DistributionOptions) {
    const parameters = {
      concentration1: [concentration1, positive],
      concentration0: [concentration0, positive],
    } as const;
    super('Beta', parameters, options);
  }

  /** One gamma draw over the sum of two. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const [ofOne, ofZero] = splitSeed(seed);
    return this.drawn(sampleShape, ([concentration1, concentration0]) => {
      const zeros = logGammaDraws(concentration0!, ofZero!);
      return Float32Array.from(logGammaDraws(concentration1!, ofOne!), (one, i) =>
        Math.min(BELOW_ONE, Math.max(SMALLEST, 1 / (1 + Math.exp(zeros[i]! - one)))),
      );
    });
  }

  protected override _mean(): tf.Tensor {
    return tf.div(this.concentration1, tf.add(this.concentration1, this.concentration0));
  }

  /** a b / ((a + b)^2 (a + b + 1)), without powers. */
  protected override _variance(): tf.Tensor {
    const total = tf.add(this.concentration1, this.concentration0);
    const means = tf.mul(tf.div(this.concentration1, total), tf.div(this.concentration0, total));
    return tf.div(means, tf.add(total, 1));
  }

  protected override _mode(): tf.Tensor {
    const [a, b] = [tf.sub(this.concentration1, 1), tf.sub(this.concentration0, 1)];
    return tf.add(tf.div(a, tf.add(a, b)), nanUnlessAbove(tf.minimum(this.concentration1, this.concentration0), 1));
  }

  protected override _entropy(): tf.Tensor {
    const by = (a: number, b: number) => (a + b - 2) * polygamma(1, a + b) - (a - 1) * polygamma(1, a);
    return hostFunction('Beta.entropy', ['concentration1', 'concentration0'], entropy, [
      (a, b) => by(a!, b!),
      (a, b) => by(b!, a!),
    ])(this.concentration1, this.concentration0);
  }

  protected override _klDivergence({ concentration1, concentration0 }: Beta): tf.Tensor {
    const names = ['p.concentration1', 'p.concentration0', 'q.concentration1', 'q.concentration0'];
    const byP = (a: number, b: number, c: number, d: number) =>
      (a - c) * polygamma(1, a) - (a - c + (b - d)) * polygamma(1, a + b);
    const byQ = (a: number, b: number, c: number, d: number) => meanLog(c, d) - meanLog(a, b);
    return hostFunction('Beta.klDivergence', names, kl, [
      (a, b, c, d) => byP(a!, b!, c!, d!),
      (a, b, c, d) => byP(b!, a!, d!, c!),
      (a, b, c, d) => byQ(a!, b!, c!, d!),
      (a, b, c, d) => byQ(b!, a!, d!, c!),
    ])(this.concentration1, this.concentration0, concentration1, concentration0);
  }
}

/** E log x. */
const meanLog = (a: number, b: number): number => digamma(a) - digamma(a + b);

const entropy = (a: number, b: number): number => lbeta(a, b) - (a - 1) * meanLog(a, b) - (b - 1) * meanLog(b, a);

const kl = (a: number, b: number, c: number, d: number): number =>
  lbeta(c, d) - lbeta(a, b) + (a - c) * meanLog(a, b) + (b - d) * meanLog(b, a);

const isInside = (x: number): boolean => x > 0 && x < 1;

function logProb(x: number, a: number, b: number): number {
  if (x < 0 || x > 1) return -Infinity;
  const y = 1 - x;
  if (x === 0 || y === 0) {
    const [near, far] = x === 0 ? [a, b] : [b, a];
    return near === 1 ? Math.log(far) : near > 1 ? -Infinity : Infinity;
  }
  return logBetaKernel(a, b, x, y) - Math.log(x) - Math.log1p(-x);
}

/** `y` is 1 - x. */
const logTail = (x: number, y: number, a: number, b: number): number =>
  x <= 0 ? -Infinity : y <= 0 ? 0 : logBetainc(a, b, x, y);
const logCdf = (x: number, a: number, b: number): number => logTail(x, 1 - x, a, b);
const logSurvival = (x: number, a: number, b: number): number => logTail(1 - x, x, b, a);

const LAW: Law = {
  logProb,
  logProbBy: [
    (x, a, b) => (isInside(x) ? (a! - 1) / x - (b! - 1) / (1 - x) : 0),
    (x, a, b) => (isInside(x) ? Math.log(x) - meanLog(a!, b!) : 0),
    (x, a, b) => (isInside(x) ? Math.log1p(-x) - meanLog(b!, a!) : 0),
  ],
  logCdf,
  logSurvival,
  cdfBy: [
    (unit, x, a, b) =>
      isInside(x)
        ? shapeSlope(
            betaincByA(a!, b!, x),
            unit,
            (shape) => logCdf(x, shape, b!),
            (shape) => logSurvival(x, shape, b!),
            a!,
          )
        : 0,
    (unit, x, a, b) =>
      isInside(x)
        ? shapeSlope(
            betaincByB(a!, b!, x),
            unit,
            (shape) => logCdf(x, a!, shape),
            (shape) => logSurvival(x, a!, shape),
            b!,
          )
        : 0,
  ],
  quantile: (p, a, b) => betaincinv(a!, b!, p),
  ends: [SMALLEST, BELOW_ONE],
};
