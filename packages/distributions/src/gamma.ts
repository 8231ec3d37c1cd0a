import * as tf from '@tensorflow/tfjs-core';
import { nonnegative, positive } from './constraint.ts';
import type { DistributionOptions, Shape, Value } from './distribution.ts';
import { logGammaDraws } from './internal/draw-log-gamma.ts';
import { SMALLEST } from './internal/float32.ts';
import { HostDistribution, hostFunction, type Law, shapeSlope } from './internal/host-distribution.ts';
import { nanUnlessAbove } from './internal/nan-unless.ts';
import { gammaincByA, gammaincinv, logGammainc, logGammaincc, logGammaKernel } from './math/scalar/incomplete-gamma.ts';
import { lgamma } from './math/scalar/log-gamma.ts';
import { digamma, polygamma } from './math/scalar/polygamma.ts';

/**
 * Gamma distribution of shape `concentration` and inverse scale `rate`: mean concentration / rate. Draws too small for
 * float32 come as its smallest normal number, 1.2e-38.
 *
 * Evaluated on the host; reads from the device. mode() is NaN unless concentration > 1, as in TFP.
 */
export class Gamma extends HostDistribution {
  readonly reparameterized = true;
  readonly support = nonnegative;
  protected readonly law = LAW;
  readonly concentration = this.parameters.concentration!;
  readonly rate = this.parameters.rate!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(concentration: Value, rate: Value, options?: DistributionOptions) {
    super('Gamma', { concentration: [concentration, positive], rate: [rate, positive] }, options);
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this.drawn(sampleShape, ([concentration, rate]) => {
      const logs = logGammaDraws(concentration!, seed);
      return Float32Array.from(logs, (log, i) => Math.max(SMALLEST, Math.exp(log) / rate![i]!));
    });
  }

  protected override _mean(): tf.Tensor {
    return tf.div(this.concentration, this.rate);
  }

  protected override _stddev(): tf.Tensor {
    return tf.div(tf.sqrt(this.concentration), this.rate);
  }

  protected override _mode(): tf.Tensor {
    return tf.add(tf.div(tf.sub(this.concentration, 1), this.rate), nanUnlessAbove(this.concentration, 1));
  }

  protected override _entropy(): tf.Tensor {
    return hostFunction('Gamma.entropy', ['concentration', 'rate'], entropy, [
      (a) => 1 + (1 - a!) * polygamma(1, a!),
      (_, r) => -1 / r!,
    ])(this.concentration, this.rate);
  }

  protected override _klDivergence({ concentration, rate }: Gamma): tf.Tensor {
    return hostFunction('Gamma.klDivergence', ['p.concentration', 'p.rate', 'q.concentration', 'q.rate'], kl, [
      (a, r, b, s) => (a! - b!) * polygamma(1, a!) + (s! - r!) / r!,
      (a, r, b, s) => (b! - (a! * s!) / r!) / r!,
      (a, r, b, s) => digamma(b!) - digamma(a!) + Math.log(r! / s!),
      (a, r, b, s) => a! / r! - b! / s!,
    ])(this.concentration, this.rate, concentration, rate);
  }
}

const entropy = (a: number, r: number): number => a - Math.log(r) + lgamma(a) + (1 - a) * digamma(a);

const kl = (a: number, r: number, b: number, s: number): number =>
  (a - b) * digamma(a) + (lgamma(b) - lgamma(a)) + b * Math.log(r / s) + a * ((s - r) / r);

const logCdf = (x: number, a: number, r: number): number => (x <= 0 ? -Infinity : logGammainc(a, r * x));
const logSurvival = (x: number, a: number, r: number): number => (x <= 0 ? 0 : logGammaincc(a, r * x));

function logProb(x: number, a: number, r: number): number {
  if (!(a > 0 && r > 0)) return Number.NaN;
  if (x < 0 || x === Infinity) return -Infinity;
  if (x === 0) return a === 1 ? Math.log(r) : a > 1 ? -Infinity : Infinity;
  return logGammaKernel(a, r * x) - Math.log(x);
}

const LAW: Law = {
  logProb,
  logProbBy: [
    (x, a, r) => (x > 0 ? (a! - 1) / x - r! : 0),
    (x, a, r) => (x > 0 ? Math.log(r! * x) - digamma(a!) : 0),
    (x, a, r) => (x > 0 ? a! / r! - x : 0),
  ],
  logCdf,
  logSurvival,
  cdfBy: [
    (unit, x, a, r) =>
      x > 0
        ? shapeSlope(
            gammaincByA(a!, r! * x),
            unit,
            (shape) => logCdf(x, shape, r!),
            (shape) => logSurvival(x, shape, r!),
            a!,
          )
        : 0,
    (unit, x, a, r) => (x > 0 ? (x / r!) * Math.exp(logProb(x, a!, r!) - unit) : 0),
  ],
  quantile: (p, a, r) => gammaincinv(a!, p) / r!,
  ends: [SMALLEST, Infinity],
};
