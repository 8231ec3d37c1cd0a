import * as tf from '@tensorflow/tfjs-core';
import { ParametricDistribution, type Shape } from '../distribution.ts';
import { expand } from './expand.ts';
import { hostNary } from './host.ts';

/** A function of a value, or a probability, and of the parameters in the constructor's order, in float64. */
type Scalar = (x: number, ...parameters: number[]) => number;

/** A law over numbers. All functions take any value, and give what is right outside the support too. */
export interface Law {
  logProb: Scalar;
  /** Derivatives of logProb by the value and by each parameter; 0 outside the support. */
  logProbBy: readonly Scalar[];
  logCdf: Scalar;
  logSurvival: Scalar;
  /** Derivative of the cdf by each parameter, divided by exp(logUnit): so the cdf itself may be too small for a float64. */
  cdfBy: readonly ((logUnit: number, x: number, ...parameters: number[]) => number)[];
  quantile: Scalar;
  /** Only integers have a probability: nothing is differentiated by the value, and draws have gradient 0. */
  discrete?: true;
  /** Where draws were moved to that float32 does not tell from the ends of the support: their gradient is 0. */
  ends?: readonly [low: number, high: number];
}

/**
 * A family over numbers whose functions are evaluated on the host, in float64 and rounded once: in float32 log Gamma and the
 * like would cancel. Reads parameters and values back from the device. Differentiable once: a second derivative throws.
 *
 * Draws of continuous laws have implicit gradients: -(dF / dparameter) / density. Source: Figurnov, Mohamed & Mnih 2018,
 * arXiv:1805.08498, equation 5.
 */
export abstract class HostDistribution extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  protected abstract readonly law: Law;

  /** Draws of shape [...sampleShape, ...batchShape], of `draw` given one number for each of them from every parameter. */
  protected drawn(sampleShape: Shape, draw: (parameters: ArrayLike<number>[]) => Float32Array): tf.Tensor {
    const { cdfBy, discrete, ends = [-Infinity, Infinity], logProb } = this.law;
    const shape = [...sampleShape, ...this.batchShape];
    const elements = Object.values(this.parameters).map((t) => expand(t, shape).dataSync());
    const by = cdfBy.map(
      (slope): Scalar =>
        (x, ...p) => {
          if (discrete || x <= ends[0] || x >= ends[1]) return 0;
          return -slope(logProb(x, ...p), x, ...p);
        },
    );
    return this.evaluate('sample', (x) => x, [none, ...by], tf.tensor(draw(elements), shape));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return this.evaluate('logProb', this.law.logProb, this.law.logProbBy, value);
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return this.tail('cdf', exp(this.law.logCdf), () => 0, 1, value);
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return this.tail('logCdf', this.law.logCdf, this.law.logCdf, 1, value);
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return this.tail('survival', exp(this.law.logSurvival), () => 0, -1, value);
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return this.tail('logSurvival', this.law.logSurvival, this.law.logSurvival, -1, value);
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    const { cdfBy, discrete, logProb, quantile } = this.law;
    const at = (by: (logDensity: number, x: number, ...parameters: number[]) => number): Scalar => {
      if (discrete) return () => 0;
      return (probability, ...parameters) => {
        const x = quantile(probability, ...parameters);
        return by(logProb(x, ...parameters), x, ...parameters);
      };
    };
    const byP = at((logDensity) => Math.exp(-logDensity));
    return this.evaluate('quantile', quantile, [byP, ...cdfBy.map((by) => at((...x) => -by(...x)))], p);
  }

  /** A function of the cdf that rises (`sign` 1) or falls with it, whose derivative by the cdf is exp(-logUnit). */
  private tail(what: string, f: Scalar, logUnit: Scalar, sign: number, value: tf.Tensor): tf.Tensor {
    const { cdfBy, discrete, logProb } = this.law;
    const scaled =
      (by: (unit: number, x: number, ...p: number[]) => number): Scalar =>
      (x, ...p) => {
        const unit = logUnit(x, ...p);
        return unit === -Infinity ? 0 : sign * by(unit, x, ...p);
      };
    const byValue = scaled((unit, x, ...p) => (discrete ? 0 : Math.exp(logProb(x, ...p) - unit)));
    return this.evaluate(what, f, [byValue, ...cdfBy.map(scaled)], value);
  }

  /** `f` of x and the parameters, with its derivative by each. */
  private evaluate(what: string, f: Scalar, by: readonly Scalar[], x: tf.Tensor): tf.Tensor {
    const names = [what === 'quantile' ? 'p' : 'value', ...Object.keys(this.parameters)];
    return hostFunction(`${this.name}.${what}`, names, f, by)(x, ...Object.values(this.parameters));
  }
}

const none: Scalar = () => 0;

const exp =
  (f: Scalar): Scalar =>
  (...x) =>
    Math.exp(f(...x));

/** hostNary with derivatives that are numbers of float64 as well, and are not differentiated further. */
export function hostFunction(
  name: string,
  args: string[],
  f: (...x: number[]) => number,
  by: readonly ((...x: number[]) => number)[],
): (...x: tf.Tensor[]) => tf.Tensor {
  const constants = args.map(() => undefined);
  return hostNary(
    name,
    args,
    f,
    by.map((slope) => hostNary(`the gradient of ${name}`, args, slope, constants)),
  );
}

/**
 * Derivative of a cdf by a shape parameter, divided by exp(logUnit). `slope` is the derivative where a float64 can hold it;
 * in the tails beyond, central differences of the logarithm of the smaller tail replace it.
 */
export function shapeSlope(
  slope: number,
  logUnit: number,
  logCdf: (shape: number) => number,
  logSurvival: (shape: number) => number,
  shape: number,
): number {
  if (Math.abs(slope) > 1e-280) return slope / Math.exp(logUnit);
  const isLower = logCdf(shape) < logSurvival(shape);
  const tail = isLower ? logCdf : logSurvival;
  const step = 1e-4 * shape;
  const logSlope = (tail(shape + step) - tail(shape - step)) / (2 * step);
  return (isLower ? 1 : -1) * logSlope * Math.exp(tail(shape) - logUnit);
}

/** The smallest integer >= 0 at which a rising cdf, rounded to float32 as `cdf` returns it, reaches p; `start` is a guess. */
export function searchInteger(cdf: (k: number) => number, p: number, start: number): number {
  const misses = (k: number) => Math.fround(cdf(k)) < p; // NaN misses nothing, so that the search ends
  let [low, high] = [-1, Math.max(1, Math.ceil(start))];
  while (misses(high)) [low, high] = [high, 2 * high];
  for (;;) {
    const middle = Math.floor((low + high) / 2);
    if (middle <= low || middle >= high) return high; // beyond 2^53 the neighbours of an integer are not 1 apart
    if (misses(middle)) low = middle;
    else high = middle;
  }
}
