import * as tf from '@tensorflow/tfjs-core';
import { type Constraint, greaterThan, interval, positive, real } from '../constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from '../distribution.ts';
import { standardUniform } from '../standard.ts';
import { constant } from './constant.ts';
import type { HalfLine } from './half-line.ts';
import { hostNary } from './host.ts';
import { select } from './select.ts';
import { Window } from './window.ts';

/** One of a truncated distribution's functions, of a value x or a probability x, or of neither. */
interface Statistic {
  of(w: Window, x: number): number;
  /** Derivatives by x, low and high, at x of [low, high] where it is `result`. Those by loc and scale follow from `shift` and `dilation`. */
  partials(w: Window, x: number, result: number): [x: number, low: number, high: number];
  /** What it is below low and above high, if x is a value. */
  outside?: readonly [below: number, above: number];
  /** What it grows by if x, low, high and loc all grow by 1. */
  shift: 0 | 1;
  /** What it grows by if scale and all distances from loc grow by a factor of 1 + d, over d. */
  dilation(w: Window, result: number): number;
}

const ARGS = ['value', 'loc', 'scale', 'low', 'high'] as const;
type Args = [x: number, loc: number, scale: number, low: number, high: number];
type Tensors = [x: tf.Tensor | number, loc: tf.Tensor, scale: tf.Tensor, low: tf.Tensor, high: tf.Tensor];

/** A statistic as a tensor function of `ARGS` with gradients to each of them, computed on the host. */
function onHost(line: HalfLine, name: string, statistic: Statistic): (...args: Tensors) => tf.Tensor {
  const value = (...args: Args) => evaluate(line, statistic, args, (w, x) => statistic.of(w, x));
  const partial = (i: number) =>
    hostNary(
      `the gradient of ${name}`,
      ARGS,
      (...args) => evaluate(line, statistic, args, (w, x) => partials(statistic, w, x)[i]!, true),
      NONE,
    );
  return hostNary(name, ARGS, value, [partial(0), partial(1), partial(2), partial(3), partial(4)]);
}

const NONE = [undefined, undefined, undefined, undefined, undefined] as const;

/** `f` where the window is one and x lies in it. */
function evaluate(
  line: HalfLine,
  { outside }: Statistic,
  [x, loc, scale, low, high]: Args,
  f: (w: Window, x: number) => number,
  isSlope = false,
): number {
  if (!(low < high && scale > 0) || Number.isNaN(loc + x)) return Number.NaN;
  if (outside !== undefined) {
    if (x < low || x === -Infinity) return isSlope ? 0 : outside[0];
    if (x > high || x === Infinity) return isSlope ? 0 : outside[1];
  }
  return f(new Window(line, loc, scale, low, high), x);
}

/** The derivatives by each of `ARGS`; 0 where the statistic is infinite. */
function partials(statistic: Statistic, w: Window, x: number): number[] {
  const result = statistic.of(w, x);
  if (!Number.isFinite(result)) return [0, 0, 0, 0, 0];
  const [byX, byLow, byHigh] = statistic.partials(w, x, result);
  const moving = statistic.outside === undefined ? 0 : byX; // a probability does not move with loc
  const along = (v: number, slope: number) => (slope === 0 ? 0 : (v - w.loc) * slope);
  const stretch = along(x, moving) + along(w.low, byLow) + along(w.high, byHigh);
  const byLoc = statistic.shift - moving - byLow - byHigh;
  return [byX, byLoc, (statistic.dilation(w, result) - stretch) / w.scale, byLow, byHigh];
}

const times = (a: number, b: number): number => (a === 0 ? 0 : a * b);
/** Densities at both ends; 0 at infinite ones. */
const ends = (w: Window): [low: number, high: number] => [Math.exp(w.logProb(w.low)), Math.exp(w.logProb(w.high))];

const logProb: Statistic = {
  of: (w, x) => w.logProb(x),
  partials: (w, x) => {
    const [atLow, atHigh] = ends(w);
    return [w.slope(x), atLow, -atHigh];
  },
  outside: [-Infinity, -Infinity],
  shift: 0,
  dilation: () => -1,
};

const cdf: Statistic = {
  of: (w, x) => Math.exp(w.logCdfs(x)[0]),
  partials: (w, x) => {
    const [atLow, atHigh] = ends(w);
    const [logCdf, logSurvival] = w.logCdfs(x);
    return [Math.exp(w.logProb(x)), -atLow * Math.exp(logSurvival), -atHigh * Math.exp(logCdf)];
  },
  outside: [0, 1],
  shift: 0,
  dilation: () => 0,
};

const survival: Statistic = {
  of: (w, x) => Math.exp(w.logCdfs(x)[1]),
  partials: (w, x) => cdf.partials(w, x, 0).map((slope) => -slope) as [number, number, number],
  outside: [1, 0],
  shift: 0,
  dilation: () => 0,
};

const logCdf: Statistic = {
  of: (w, x) => w.logCdfs(x)[0],
  partials: (w, x) => {
    const [logP, logQ] = w.logCdfs(x);
    return [Math.exp(w.logProb(x) - logP), -Math.exp(w.logProb(w.low) + logQ - logP), -Math.exp(w.logProb(w.high))];
  },
  outside: [-Infinity, 0],
  shift: 0,
  dilation: () => 0,
};

const logSurvival: Statistic = {
  of: (w, x) => w.logCdfs(x)[1],
  partials: (w, x) => {
    const [logP, logQ] = w.logCdfs(x);
    return [-Math.exp(w.logProb(x) - logQ), Math.exp(w.logProb(w.low)), Math.exp(w.logProb(w.high) + logP - logQ)];
  },
  outside: [0, -Infinity],
  shift: 0,
  dilation: () => 0,
};

const quantile: Statistic = {
  of: (w, p) => (p >= 0 && p <= 1 ? w.quantile(p) : Number.NaN),
  partials: (w, p, x) => {
    const density = w.logProb(x);
    return [
      Math.exp(-density),
      Math.exp(w.logProb(w.low) + Math.log1p(-p) - density),
      Math.exp(w.logProb(w.high) + Math.log(p) - density),
    ];
  },
  shift: 1,
  dilation: (w, x) => x - w.loc,
};

const mean: Statistic = {
  of: (w) => w.mean(),
  partials: (w, _, m) => {
    const [atLow, atHigh] = ends(w);
    return [0, times(atLow, m - w.low), times(atHigh, w.high - m)];
  },
  shift: 1,
  dilation: (w, m) => m - w.loc,
};

const variance: Statistic = {
  of: (w) => w.variance(),
  partials: (w, _, v) => {
    const [atLow, atHigh] = ends(w);
    const m = w.mean();
    return [0, times(atLow, v - (m - w.low) ** 2), times(atHigh, (w.high - m) ** 2 - v)];
  },
  shift: 0,
  dilation: (_, v) => 2 * v,
};

const stddev: Statistic = {
  of: (w) => Math.sqrt(w.variance()),
  partials: (w, x, s) => variance.partials(w, x, s * s).map((slope) => slope / (2 * s)) as [number, number, number],
  shift: 0,
  dilation: (_, s) => s,
};

const entropy: Statistic = {
  of: (w) => w.entropy(),
  partials: (w, _, h) => {
    const [atLow, atHigh] = ends(w);
    return [0, times(atLow, w.logProb(w.low) + h - 1), times(-atHigh, w.logProb(w.high) + h - 1)];
  },
  shift: 0,
  dilation: () => 1,
};

const isGreater = /* @__PURE__ */ constant((a, b) => tf.greater(a!, b!));
const STATISTICS = { logProb, cdf, survival, logCdf, logSurvival, quantile, mean, variance, stddev, entropy };

/**
 * A location-scale family cut to [low, high] and normed anew; `low` and `high` may be infinite. `loc` and `scale` are of the
 * uncut family. All is computed on the host in float64 from distances to the window's ends, for windows far out in a tail; so
 * every method reads from the device. Gradients reach all parameters, second ones none.
 */
export abstract class Truncated extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly loc = this.parameters.loc!;
  readonly scale = this.parameters.scale!;
  readonly low = this.parameters.low!;
  readonly high = this.parameters.high!;
  readonly support: Constraint = interval(this.low, this.high);

  constructor(
    name: string,
    private readonly line: HalfLine,
    [loc, scale, low, high]: readonly [Value, Value, Value, Value],
    options?: DistributionOptions,
  ) {
    const spec = {
      loc: [loc, real],
      scale: [scale, positive],
      low: [low, real],
      high: [high, greaterThan(low, 'low')],
    };
    super(name, spec as never, options);
  }

  /** The quantile of draws from (0, 1). */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this._quantile(standardUniform([...sampleShape, ...this.batchShape], seed));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return this.on('logProb', value);
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return this.on('cdf', value);
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return this.on('logCdf', value);
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return this.on('survival', value);
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return this.on('logSurvival', value);
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return this.on('quantile', p);
  }

  protected override _mean(): tf.Tensor {
    return this.on('mean', 0);
  }

  protected override _variance(): tf.Tensor {
    return this.on('variance', 0);
  }

  /** Its own, since a variance may be too small for float32. */
  protected override _stddev(): tf.Tensor {
    return this.on('stddev', 0);
  }

  /** loc, or the end of the window that is nearest to it. */
  protected override _mode(): tf.Tensor {
    const { loc, low, high } = this;
    return select(isGreater(low, loc), low, select(isGreater(loc, high), high, loc));
  }

  protected override _entropy(): tf.Tensor {
    return this.on('entropy', 0);
  }

  private on(name: keyof typeof STATISTICS, x: tf.Tensor | number): tf.Tensor {
    const { loc, scale, low, high } = this;
    return onHost(this.line, `${this.name}.${name}`, STATISTICS[name])(x, loc, scale, low, high);
  }
}
