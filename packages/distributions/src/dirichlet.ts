import * as tf from '@tensorflow/tfjs-core';
import { each, positive, simplex } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { differentiableNary } from './internal/differentiable.ts';
import { logGammaDraws } from './internal/draw-log-gamma.ts';
import { expand } from './internal/expand.ts';
import { SMALLEST } from './internal/float32.ts';
import { hostRows } from './internal/host-rows.ts';
import { nanUnlessAbove } from './internal/nan-unless.ts';
import { sumTo } from './internal/sum-to.ts';
import { gammaincByA, logGammaKernel } from './math/scalar/incomplete-gamma.ts';
import { lgamma } from './math/scalar/log-gamma.ts';
import { digamma, polygamma } from './math/scalar/polygamma.ts';

type Row = ArrayLike<number>;

/**
 * Dirichlet distribution of vectors [K] on the simplex, proportional to the product of x_i^(concentration_i - 1), from
 * `concentration` [..., K]. Elements of draws are 1.2e-38 at least.
 *
 * Evaluated on the host; reads from the device. A value whose sum is off 1 by more than K 1e-5 is outside the support. mode() is
 * NaN unless all concentrations are above 1, as in TFP.
 */
export class Dirichlet extends ParametricDistribution<[number]> {
  readonly eventShape: [number];
  readonly reparameterized = true;
  readonly support = simplex;
  readonly concentration = this.parameters.concentration!;

  constructor(concentration: Value, options?: DistributionOptions) {
    super('Dirichlet', { concentration: [concentration, each(positive, 1)] }, options);
    this.eventShape = [this.concentration.shape.at(-1)!];
  }

  /**
   * Gamma draws over their sum. Gradients are those of the gammas at fixed probability, implicit ones: Figurnov, Mohamed &
   * Mnih 2018, arXiv:1805.08498.
   */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const shape = [...sampleShape, ...this.fullShape];
    const draw = tf.customGrad((input, save) => {
      const concentration = input as tf.Tensor;
      const each = expand(concentration, shape).dataSync();
      const logs = logGammaDraws(each, seed);
      const value = tf.tensor(softmaxRows(logs, shape.at(-1)!), shape);
      (save as tf.GradSaveFunc)([concentration, value]);
      return {
        value,
        gradFunc: (dy: tf.Tensor, [parameter, x]: tf.Tensor[]) => {
          // dx_i / da_j = x_i (1[i = j] - x_j) d log g_j / da_j
          const weigh = differentiableNary(
            'the gradient of Dirichlet.sample',
            ['concentration', 'draw'],
            (inputs) => {
              const draws = inputs[1]!.dataSync<'float32'>();
              return tf.tensor(
                draws.map((xi, i) => (xi > SMALLEST ? xi * logDrawBy(each[i]!, logs[i]!) : 0)),
                shape,
              );
            },
            [undefined, undefined],
          );
          const centred = tf.sub(dy, tf.sum(tf.mul(dy, x!), -1, true));
          return sumTo(tf.mul(weigh(parameter!, x!), centred), concentration.shape);
        },
      };
    });
    return draw(this.concentration);
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return hostRows('Dirichlet.logProb', ['concentration', 'value'], logProb, [
      (a, x) => {
        const total = digamma(sum(a));
        return map(a, (ai, i) => (isInside(x) && x[i]! > 0 ? Math.log(x[i]!) - digamma(ai) + total : 0));
      },
      (a, x) => map(a, (ai, i) => (isInside(x) && x[i]! > 0 ? (ai - 1) / x[i]! : 0)),
    ])(this.concentration, value);
  }

  protected override _mean(): tf.Tensor {
    return tf.div(this.concentration, this.total());
  }

  /** m (1 - m) / (total + 1). */
  protected override _variance(): tf.Tensor {
    const rest = tf.div(tf.sub(this.total(), this.concentration), this.total());
    return tf.div(tf.mul(this._mean(), rest), tf.add(this.total(), 1));
  }

  protected override _covariance(): tf.Tensor {
    const mean = this._mean();
    const products = tf.mul(tf.expandDims(mean, -1), tf.expandDims(mean, -2));
    const off = tf.mul(products, tf.sub(tf.eye(this.eventShape[0]), 1)); // 0 on the diagonal
    const diagonal = tf.mul(tf.expandDims(this._variance(), -1), tf.eye(this.eventShape[0]));
    return tf.add(diagonal, tf.div(off, tf.expandDims(tf.add(this.total(), 1), -1)));
  }

  protected override _mode(): tf.Tensor {
    const above = tf.sub(this.concentration, 1);
    return tf.add(tf.div(above, tf.sum(above, -1, true)), nanUnlessAbove(tf.min(this.concentration, -1, true), 1));
  }

  protected override _entropy(): tf.Tensor {
    return hostRows('Dirichlet.entropy', ['concentration'], entropy, [
      (a) => {
        const shared = (sum(a) - a.length) * polygamma(1, sum(a));
        return map(a, (ai) => shared - (ai - 1) * polygamma(1, ai));
      },
    ])(this.concentration);
  }

  protected override _klDivergence({ concentration }: Dirichlet): tf.Tensor {
    return hostRows('Dirichlet.klDivergence', ['p.concentration', 'q.concentration'], kl, [
      (a, b) => {
        const shared = (sum(a) - sum(b)) * polygamma(1, sum(a));
        return map(a, (ai, i) => (ai - b[i]!) * polygamma(1, ai) - shared);
      },
      (a, b) => {
        const [ofA, ofB] = [digamma(sum(a)), digamma(sum(b))];
        return map(a, (ai, i) => digamma(b[i]!) - ofB - (digamma(ai) - ofA));
      },
    ])(this.concentration, concentration);
  }

  /** Shape [..., 1]. */
  private total(): tf.Tensor {
    return tf.sum(this.concentration, -1, true);
  }
}

const map = (row: Row, f: (x: number, i: number) => number): number[] => Array.from(row, f);
const sum = (row: Row): number => map(row, (x) => x).reduce((a, b) => a + b, 0);

const isInside = (x: Row): boolean =>
  map(x, (xi) => xi).every((xi) => !(xi < 0)) && !(Math.abs(sum(x) - 1) > 1e-5 * x.length);

/** log of the density's denominator: the sum of log Gamma(a_i) less log Gamma of their sum. */
const logNormalizer = (a: Row): number => sum(map(a, lgamma)) - lgamma(sum(a));

function logProb(a: Row, x: Row): number {
  if (!map(a, (ai) => ai).every((ai) => ai > 0)) return Number.NaN;
  if (!isInside(x)) return -Infinity;
  return sum(map(a, (ai, i) => (ai === 1 ? 0 : (ai - 1) * Math.log(x[i]!)))) - logNormalizer(a);
}

function entropy(a: Row): number {
  const total = digamma(sum(a));
  return logNormalizer(a) - sum(map(a, (ai) => (ai - 1) * (digamma(ai) - total)));
}

function kl(a: Row, b: Row): number {
  const total = digamma(sum(a));
  return logNormalizer(b) - logNormalizer(a) + sum(map(a, (ai, i) => (ai - b[i]!) * (digamma(ai) - total)));
}

/** Derivative of the logarithm of a Gamma(a, 1) draw by a at fixed probability. */
function logDrawBy(a: number, log: number): number {
  // As far down as that, the cdf is x^a / Gamma(a + 1), whose logarithm is all that a float64 holds.
  if (log < -80) return (digamma(a + 1) - log) / a;
  const x = Math.exp(log);
  return -gammaincByA(a, x) / Math.exp(logGammaKernel(a, x));
}

function softmaxRows(logs: Float64Array, k: number): Float32Array {
  const out = new Float32Array(logs.length);
  for (let row = 0; row < logs.length; row += k) {
    const numbers = logs.subarray(row, row + k);
    const largest = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
    const sizes = numbers.map((log) => Math.exp(log - largest));
    const total = sizes.reduce((a, b) => a + b, 0);
    out.set(
      sizes.map((size) => Math.max(SMALLEST, size / total)),
      row,
    );
  }
  return out;
}
