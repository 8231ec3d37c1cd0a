import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { numbers, onEngines } from '../tests/on-engines.ts';
import { Chain, Exp, Invert, Scale, ScaleTriL, Shift, Sigmoid, SoftmaxCentered, Tanh } from './bijectors.ts';
import {
  Exponential,
  LogNormal,
  MultivariateNormalDiag,
  MultivariateNormalTriL,
  Normal,
  TransformedDistribution,
  Uniform,
} from './index.ts';

const tidily = (f: () => void) => tf.tidy(() => void f());
const near = (t: tf.Tensor, golden: number[], relative = 1e-5) => {
  const got = numbers(t);
  expect(got.length).toBe(golden.length);
  for (const [i, v] of got.entries()) {
    if (v !== golden[i]) expect(Math.abs(v - golden[i]!)).toBeLessThanOrEqual(relative * Math.abs(golden[i]!));
  }
};

onEngines(() => {
  // Golden: scipy 1.17.1, scipy.stats.lognorm(0.75, scale=exp(0.5)): logpdf and cdf at 0.125 and 2, ppf at 0.01 and 0.9.
  it('exp of a normal is log-normal', () =>
    tidily(() => {
      const p = new TransformedDistribution(new Normal(0.5, 0.75), new Exp());
      near(p.logProb([0.125, 2]), [-4.46605373413408, -1.35756438207573]);
      near(p.cdf([0.125, 2]), [0.00029165833264183, 0.601615005916127]);
      near(p.quantile([0.01, 0.9]), [0.288009761440304, 4.31097317873761]);
      const golden = new LogNormal(0.5, 0.75);
      near(p.logSurvival([0.125, 60]), numbers(golden.logSurvival([0.125, 60])));
      expect(numbers(p.sample({ sampleShape: [5], seed: 1 }))).toEqual(
        numbers(golden.sample({ sampleShape: [5], seed: 1 })),
      );
    }));

  it('a linear map of independent normals is the multivariate normal', () =>
    tidily(() => {
      const tril = [
        [1.5, 0],
        [-0.5, 0.75],
      ];
      const base = new Normal([0, 0], 1).toEvent();
      const p = new TransformedDistribution(base, new Chain([new Shift([1, -2]), new ScaleTriL(tril)]));
      const q = new MultivariateNormalTriL([1, -2], tril);
      const x = [
        [0.5, 1],
        [-3, -2],
      ];
      near(p.logProb(x), numbers(q.logProb(x)));
      for (const statistic of ['mean', 'mode', 'variance', 'stddev', 'covariance', 'entropy'] as const) {
        near(p[statistic](), numbers(q[statistic]()));
      }
    }));

  it('a falling map mirrors cdf, survival and quantile, element by element', () =>
    tidily(() => {
      const p = new TransformedDistribution(new Exponential(1), new Scale([2, -2]));
      expect([p.batchShape, p.eventShape]).toEqual([[2], []]);
      near(p.cdf([1, -1]), [1 - Math.exp(-0.5), Math.exp(-0.5)]);
      near(p.survival([1, -1]), [Math.exp(-0.5), 1 - Math.exp(-0.5)]);
      near(p.logCdf([1, -80]), [Math.log(1 - Math.exp(-0.5)), -40]);
      near(p.quantile(0.25), [-2 * Math.log(0.75), 2 * Math.log(0.25)]);
      near(p.mean(), [2, -2]);
      near(p.stddev(), [2, 2]);
      near(p.entropy(), [1 + Math.LN2, 1 + Math.LN2]);
      const negative = new TransformedDistribution(new Exponential(1), new Invert(new Scale(-1)));
      near(negative.cdf([-1, 0.5]), [Math.exp(-1), 1]);
    }));

  it('beyond what the map reaches there is nothing, on either side, with gradient 0', () =>
    tidily(() => {
      const base = new Normal(0.5, 2);
      const rising = new TransformedDistribution(base, new Chain([new Shift(1), new Sigmoid()])); // onto (1, 2)
      const falling = new TransformedDistribution(base, new Chain([new Scale(-3), new Tanh(), new Exp()])); // onto (-3, 0)
      for (const [p, below, above] of [
        [rising, 1, 2],
        [falling, -3.5, 0],
      ] as const) {
        const x = tf.tensor([below, above]);
        expect(numbers(p.logProb(x))).toEqual([-Infinity, -Infinity]);
        expect(numbers(p.cdf(x))).toEqual([0, 1]);
        expect(numbers(p.survival(x))).toEqual([1, 0]);
        expect(numbers(p.logCdf(x))).toEqual([-Infinity, 0]);
        expect(numbers(p.logSurvival(x))).toEqual([0, -Infinity]);
        for (const f of [
          (t: tf.Tensor) => p.logProb(t),
          (t: tf.Tensor) => p.cdf(t),
          (t: tf.Tensor) => p.logSurvival(t),
        ]) {
          expect(numbers(tf.grad((t: tf.Tensor) => tf.sum(f(t)))(x)).map(Math.abs)).toEqual([0, 0]);
        }
      }
      // The gradient of a parameter sees what is reached alone.
      const x = tf.tensor([0.5, -1, 2]);
      const slope = (v: tf.Tensor) =>
        tf.grad((loc: tf.Tensor) => tf.sum(new TransformedDistribution(new Normal(loc, 1), new Exp()).logProb(v)))(
          tf.scalar(0),
        );
      near(
        slope(x),
        [Math.log(0.5) + Math.log(2)].map((v) => v || 0),
      );
      near(slope(tf.tensor([0.5, -1])), [Math.log(0.5)]);
    }));

  it('a sample has its logProb even where float32 cannot undo the map', () =>
    tidily(() => {
      const p = new TransformedDistribution(new Normal(50, 1), new Sigmoid());
      const { sample, logProb } = p.sampleAndLogProb({ seed: 1 });
      expect(numbers(sample)).toEqual([1]);
      const x = new Normal(50, 1).sample({ seed: 1 });
      near(logProb, numbers(tf.add(new Normal(50, 1).logProb(x), x))); // - log y (1 - y) = x there
    }));
});

it('draws each member of the batch by itself, also those that only the bijector has', () =>
  tidily(() => {
    const p = new TransformedDistribution(new Normal(0, 1), new Shift([0, 0, 0]));
    expect(new Set(numbers(p.sample({ seed: 1 }))).size).toBe(3);
    expect(numbers(p.sample({ seed: 1 }))).toEqual(numbers(new Normal([0, 0, 0], 1).sample({ seed: 1 })));
    expect(p.logProb(tf.zeros([4, 1])).shape).toEqual([4, 3]);
    const vectors = new TransformedDistribution(new MultivariateNormalDiag([0, 1], [1, 2]), new Scale([[[1]], [[2]]]));
    expect([vectors.batchShape, vectors.eventShape]).toEqual([[2, 1], [2]]);
    expect(vectors.logProb([1, 2]).shape).toEqual([2, 1]);
    expect(vectors.entropy().shape).toEqual([2, 1]);
    const part = vectors.slice([1]);
    near(part.logProb([1, 2]), numbers(vectors.logProb([1, 2])).slice(1));
  }));

it('changes the shape of the event where the map does', () =>
  tidily(() => {
    const p = new TransformedDistribution(new Normal([[0, 1, 2]], 1).toEvent(1), new SoftmaxCentered());
    expect([p.batchShape, p.eventShape]).toEqual([[1], [4]]);
    const x = p.sample({ sampleShape: [2], seed: 1 });
    expect([x.shape, p.logProb(x).shape]).toEqual([
      [2, 1, 4],
      [2, 1],
    ]);
    expect(numbers(p.logProb([0.5, 0.5, 0.5, 0.5]))).toEqual([-Infinity]);
  }));

it('refuses what does not fit', () =>
  tidily(() => {
    const base = new Normal([0, 1], 1);
    expect(() => new TransformedDistribution(base, new SoftmaxCentered())).toThrow(
      new RangeError(
        'TransformedDistribution: SoftmaxCentered maps events of at least 1 axes, got events of shape [] of Normal. Read axes of ' +
          'its batch [2] as part of the event: base.toEvent(1).',
      ),
    );
    expect(() => new TransformedDistribution(base, new Shift([1, 2, 3]))).toThrow(
      'base.batchShape [2] and bijector.batchShape [3]',
    );
    expect(() => new TransformedDistribution(new MultivariateNormalDiag([0], [1]), new Shift([1, 2]))).toThrow(
      'TransformedDistribution: the parameters of Shift must broadcast to the event shape [1], but forward gives [2].',
    );
    const exp = new TransformedDistribution(base, new Exp());
    const scaled = new TransformedDistribution(base, new Scale(2));
    expect(() => exp.klDivergence(scaled)).toThrow('has a formula if they have one bijector, got Exp and Scale');
    expect(() => exp.mean()).toThrow('TransformedDistribution: mean() is not defined for this distribution.');
    const checked = new TransformedDistribution(new Uniform(0, 1, { validateArgs: true }), new Shift(2));
    expect(() => checked.logProb([2.5, 3.5])).toThrow(
      /value of shape \[2\] must be Shift of what is .*, got 3.5 at \[1\]/,
    );
  }));

it('owns what was made of numbers', () => {
  const before = tf.memory().numTensors;
  const p = new TransformedDistribution(new Normal(0, 1), new Chain([new Exp(), new Scale(2)]));
  const part = p.expand([3]);
  part.dispose();
  p.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
