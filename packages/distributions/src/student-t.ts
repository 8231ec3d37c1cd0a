import * as tf from '@tensorflow/tfjs-core';
import { positive, real } from './constraint.ts';
import type { DistributionOptions, Shape, Value } from './distribution.ts';
import { logGammaDraws } from './internal/draw-log-gamma.ts';
import { expand } from './internal/expand.ts';
import { LARGEST } from './internal/float32.ts';
import { HostDistribution, hostFunction, type Law, shapeSlope } from './internal/host-distribution.ts';
import { nanUnlessAbove } from './internal/nan-unless.ts';
import { betaincByA, betaincinv, logBetainc, logBetaKernel } from './math/scalar/incomplete-beta.ts';
import { lbeta } from './math/scalar/log-gamma.ts';
import { digammaMinusLog, polygamma } from './math/scalar/polygamma.ts';
import { normal, splitSeed } from './random.ts';

/**
 * Student's t distribution with `df` degrees of freedom, moved by `loc` and stretched by `scale` (which is not the standard
 * deviation).
 *
 * Evaluated on the host; reads from the device. As in TFP, mean() is NaN unless df > 1, and variance() is Infinity for df from
 * 1 to 2 and NaN below.
 */
export class StudentT extends HostDistribution {
  readonly reparameterized = true;
  readonly support = real;
  protected readonly law = LAW;
  readonly df = this.parameters.df!;
  readonly loc = this.parameters.loc!;
  readonly scale = this.parameters.scale!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(df: Value, loc: Value, scale: Value, options?: DistributionOptions) {
    super('StudentT', { df: [df, positive], loc: [loc, real], scale: [scale, positive] }, options);
  }

  /** `loc + scale * t`, within the finite float32 numbers: for df below about 0.1 some t lie beyond. */
  protected override _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const shape = [...sampleShape, ...this.batchShape];
    const t = tf.tensor(drawStandard(expand(this.df, shape).dataSync(), seed), shape);
    const ofDf = hostFunction('StudentT.sample', ['t', 'df'], (x) => x!, [
      () => 0,
      (x, v) => (Math.abs(x!) < LARGEST ? -byDf(x!, v!, logProb(x!, v!, 0, 1)) : 0),
    ]);
    return tf.clipByValue(tf.add(this.loc, tf.mul(this.scale, ofDf(t, this.df))), -LARGEST, LARGEST);
  }

  protected override _mean(): tf.Tensor {
    return tf.add(this.loc, nanUnlessAbove(this.df, 1));
  }

  protected override _stddev(): tf.Tensor {
    return tf.mul(this.scale, hostFunction('StudentT.stddev', ['df'], stddev, [stddevByDf])(this.df));
  }

  protected override _mode(): tf.Tensor {
    return this.loc;
  }

  protected override _entropy(): tf.Tensor {
    const ofDf = hostFunction('StudentT.entropy', ['df'], entropy, [
      (v) => ((v! + 1) / 4) * (polygamma(1, (v! + 1) / 2) - polygamma(1, v! / 2)) + 0.5 / v!,
    ]);
    return tf.add(ofDf(this.df), tf.log(this.scale));
  }
}

const stddev = (v: number): number => (v > 2 ? Math.sqrt(v / (v - 2)) : v > 1 ? Infinity : Number.NaN);
const stddevByDf = (v: number): number => (v > 2 ? -stddev(v) / (v * (v - 2)) : v > 1 ? 0 : Number.NaN);

/** digamma((v + 1) / 2) - digamma(v / 2), which for large v is about 1 / v. */
const digammaStep = (v: number): number => Math.log1p(1 / v) + digammaMinusLog((v + 1) / 2) - digammaMinusLog(v / 2);

const entropy = (v: number): number => ((v + 1) / 2) * digammaStep(v) + 0.5 * Math.log(v) + lbeta(v / 2, 0.5);

/** v / (v + z^2) and its complement. */
function fractions(v: number, z: number): [number, number] {
  const square = z * z;
  return square === Infinity ? [0, 1] : [v / (v + square), square / (v + square)];
}

const logProb = (x: number, v: number, loc: number, scale: number): number => {
  const z = (x - loc) / scale;
  return -lbeta(v / 2, 0.5) - 0.5 * Math.log(v) - Math.log(scale) - ((v + 1) / 2) * Math.log1p((z * z) / v);
};

/** log P(T <= z). */
function logTail(z: number, v: number): number {
  const log = logBetainc(v / 2, 0.5, ...fractions(v, z)) - Math.LN2;
  return z > 0 ? Math.log1p(-Math.exp(log)) : log;
}

const logCdf = (x: number, v: number, loc: number, scale: number): number => logTail((x - loc) / scale, v);

/** -(dF / dx) / (dF / dx): 1 by loc, z by scale. */
const byX = (unit: number, x: number, v: number, loc: number, scale: number): number =>
  -Math.exp(logProb(x, v, loc, scale) - unit);

const LAW: Law = {
  logProb,
  logProbBy: [
    (x, v, loc, scale) => -pull(x, v!, loc!, scale!),
    (x, v, loc, scale) => {
      const z = (x - loc!) / scale!;
      const log = Math.log1p((z * z) / v!);
      const y = fractions(v!, z)[1];
      return 0.5 * (digammaStep(v!) - 1 / v! - log + ((v! + 1) / v!) * y);
    },
    (x, v, loc, scale) => pull(x, v!, loc!, scale!),
    (x, v, loc, scale) => {
      const [near, far] = fractions(v!, (x - loc!) / scale!);
      return (v! * far - near) / scale!;
    },
  ],
  logCdf,
  logSurvival: (x, v, loc, scale) => logTail((loc! - x) / scale!, v!),
  cdfBy: [
    (unit, x, v, loc, scale) => byDf((x - loc!) / scale!, v!, unit),
    (unit, x, v, loc, scale) => byX(unit, x, v!, loc!, scale!),
    (unit, x, v, loc, scale) => ((x - loc!) / scale!) * byX(unit, x, v!, loc!, scale!),
  ],
  quantile(p, v, loc, scale) {
    if (p === 0.5) return loc!;
    // z^2 / (v + z^2) by whichever of it and its complement is the smaller.
    const tail = 2 * Math.min(p, 1 - p);
    const near = betaincinv(v! / 2, 0.5, tail);
    const far = near < 0.5 ? 1 - near : betaincinv(0.5, v! / 2, 1 - tail);
    const size = Math.sqrt((v! * far) / (near < 0.5 ? near : 1 - far));
    return loc! + scale! * (p < 0.5 ? -size : size);
  },
};

function drawStandard(df: ArrayLike<number>, seed: number): Float32Array {
  const [ofNormal, ofGamma] = splitSeed(seed);
  const halves = logGammaDraws(
    Float64Array.from(df, (v) => v / 2),
    ofGamma!,
  );
  // The chi-squared draw over df is 2 gamma / df.
  return normal(df.length, ofNormal!).map((z, i) => {
    const t = z * Math.exp(0.5 * (Math.log(df[i]! / 2) - halves[i]!));
    return Math.min(LARGEST, Math.max(-LARGEST, t));
  });
}

/** -d logProb / dx, (v + 1) z / (v + z^2) / scale. */
function pull(x: number, v: number, loc: number, scale: number): number {
  const z = (x - loc) / scale;
  return ((v + 1) * z) / (v + z * z) / scale;
}

/**
 * Derivative of P(T <= z) by df, divided by exp(unit): for z < 0 that is I_x(v / 2, 1 / 2) / 2 with x = v / (v + z^2), which
 * moves with v also through x.
 */
function byDf(z: number, v: number, unit: number): number {
  if (z === 0 || !Number.isFinite(z)) return 0;
  const [x, y] = fractions(v, z);
  const through = (0.5 * Math.exp(logBetaKernel(v / 2, 0.5, x, y))) / v;
  const slope = 0.25 * betaincByA(v / 2, 0.5, x, y) + through;
  return shapeSlope(
    z < 0 ? slope : -slope,
    unit,
    (shape) => logTail(z, shape),
    (shape) => logTail(-z, shape),
    v,
  );
}
