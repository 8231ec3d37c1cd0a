import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { numbers, onEngines } from '../tests/on-engines.ts';
import { Bernoulli } from './bernoulli.ts';
import { Categorical } from './categorical.ts';
import { Independent } from './distribution.ts';
import { Mixture } from './mixture.ts';
import { MixtureSameFamily } from './mixture-same-family.ts';
import { MultivariateNormalDiag } from './multivariate-normal-diag.ts';
import { Normal } from './normal.ts';

const near = (got: tf.Tensor, golden: number[], tolerance = 1e-6) => {
  const found = numbers(got);
  expect(found.length).toBe(golden.length);
  found.forEach((v, i) => {
    expect(Math.abs(v - golden[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(golden[i]!)));
  });
};
const LOGITS = [0.5, -0.5];
const LOC = [
  [0, 1],
  [3, -1],
];
const SCALE = [
  [1, 2],
  [0.5, 1],
];

onEngines((engine) => {
  // Golden: TFP 0.25 in float64: log_prob(x), mean(), covariance() and variance() of tfd.MixtureSameFamily(
  // tfd.Categorical(logits=[.5, -.5]), tfd.MultivariateNormalDiag([[0, 1], [3, -1]], [[1, 2], [.5, 1]])).
  it('mixtures of vectors, as one family and as two', () => {
    const mixture = new Categorical(LOGITS);
    const both = [
      new MixtureSameFamily(mixture, new MultivariateNormalDiag(LOC, SCALE)),
      new MixtureSameFamily(mixture, new Independent(new Normal(LOC, SCALE), 1)),
      new Mixture<[number]>(mixture, [
        new MultivariateNormalDiag(LOC[0]!, SCALE[0]!),
        new MultivariateNormalDiag(LOC[1]!, SCALE[1]!),
      ]),
    ];
    for (const p of both) {
      expect([p.batchShape, p.eventShape]).toEqual([[], [2]]);
      near(
        p.logProb([
          [0, 0],
          [2, -1],
        ]),
        [-2.969285919084546, -4.112856738714142],
      );
      near(p.mean(), [0.8068242641099853, 0.4621171572600098]);
      near(p.covariance(), [2.567801333145841, -1.179671599448891, -1.179671599448891, 3.979623468855942]);
      near(p.variance(), [2.567801333145841, 3.979623468855942]);
    }
  });

  it('events of any shape are drawn whole from one component', () => {
    const centers = tf.tensor([
      [
        [0, 0],
        [0, 0],
      ],
      [
        [100, 200],
        [300, 400],
      ],
    ]);
    const p = new MixtureSameFamily(new Categorical(LOGITS), new Independent(new Normal(centers, 1), 2));
    const draws = numbers(p.sample({ sampleShape: [500], seed: 1 }));
    let far = 0;
    for (let i = 0; i < 500; i++) {
      const rounded = draws.slice(4 * i, 4 * i + 4).map((v) => Math.round(v / 100));
      expect([[0, 0, 0, 0].join(), [1, 2, 3, 4].join()]).toContain(rounded.map((v) => v + 0).join());
      far += Number(rounded[3] === 4);
    }
    expect(Math.abs(far / 500 - 0.26894)).toBeLessThan(5 * Math.sqrt((0.26894 * 0.73106) / 500)); // sigmoid(-1)
  });

  it('every distribution of the batch draws for itself, whichever part has the batch', () => {
    const normals = new Normal([-1, 1], 1);
    for (const p of [
      new MixtureSameFamily(new Categorical([LOGITS, LOGITS, LOGITS]), normals),
      new MixtureSameFamily(
        new Categorical(LOGITS),
        new Normal(
          [
            [-1, 1],
            [-1, 1],
            [-1, 1],
          ],
          1,
        ),
      ),
      new Mixture(new Categorical([LOGITS, LOGITS, LOGITS]), [new Normal(-1, 1), new Normal(1, 1)]),
    ]) {
      expect(p.batchShape).toEqual([3]);
      const columns = p.sample({ sampleShape: [2000], seed: 2 });
      const [a, b, c] = tf.unstack(tf.sub(columns, p.mean()), 1);
      // Correlation of independent draws: standard error 1 / sqrt(2000) of the variance, which is at most 2.
      for (const [x, y] of [
        [a!, b!],
        [b!, c!],
        [a!, c!],
      ] as const) {
        expect(Math.abs(numbers(tf.mean(tf.mul(x, y)))[0]!)).toBeLessThan((5 * 2) / Math.sqrt(2000));
      }
    }
  });

  it('components of probability 0 play no part', () => {
    const p = new MixtureSameFamily(new Categorical([0, Number.NEGATIVE_INFINITY]), new Normal([1, 50], [2, 1]));
    near(p.logProb([0, 50]), numbers(new Normal(1, 2).logProb([0, 50])));
    near(p.mean(), [1]);
    expect(Math.max(...numbers(p.sample({ sampleShape: [300], seed: 3 })))).toBeLessThan(20);
    const loc = tf.tensor([1, 50]);
    const slope = tf.grad((l: tf.Tensor) => new MixtureSameFamily(p.mixture, new Normal(l, 2)).logProb(0))(loc);
    near(slope, [-0.25, 0]);
  });

  it('integers mix too, and draws pass no gradient', () => {
    const p = new MixtureSameFamily(
      new Categorical([0, 0]),
      new Categorical([
        [5, 0, 0],
        [0, 0, 5],
      ]),
    );
    const draws = p.sample({ sampleShape: [50], seed: 4 });
    expect(draws.dtype).toBe('int32');
    expect(numbers(draws).every((k) => [0, 1, 2].includes(k))).toBe(true);
    const loc = tf.tensor([1, 50]);
    const drawn = (l: tf.Tensor) =>
      tf.sum(new MixtureSameFamily(new Categorical([0, 0]), new Normal(l, 2)).sample({ seed: 5 }));
    expect(numbers(tf.grad(drawn)(loc))).toEqual([0, 0]);
  });

  if (engine !== 'cpu') return;
  it('validateArgs asks whether any component has the value', () => {
    const mixture = new Categorical([0, 0], { validateArgs: true });
    const mixed = new Mixture(mixture, [
      new Normal(0, 1, { validateArgs: true }),
      new Bernoulli(0, { validateArgs: true }),
    ]);
    expect(numbers(mixed.logProb(0.5)).every(Number.isFinite)).toBe(true); // Bernoulli itself refuses 0.5
    expect(() => mixed.logProb(Number.NaN)).toThrow(
      'Mixture.logProb: value of shape [] must be real or 0 or 1, got NaN',
    );
    const coins = new MixtureSameFamily(mixture, new Bernoulli([0, 1], { validateArgs: true }));
    expect(() => coins.logProb(0.5)).toThrow('must be 0 or 1 for one of the components, got 0.5');
  });

  it('names its parameters and constraints by part', () => {
    const p = new Mixture(new Categorical([0, 0]), [new Normal(0, 1), new Bernoulli(0)]);
    const names = ['mixture.logits', 'components[0].loc', 'components[0].scale', 'components[1].logits'];
    expect(Object.keys(p.parameters)).toEqual(names);
    expect(Object.keys(p.argConstraints)).toEqual(names);
  });

  it('says what does not fit', () => {
    const two = new Categorical([0, 0]);
    expect(() => new MixtureSameFamily(two, new Normal([0, 0, 0], 1))).toThrow(
      'the last batch axis must have one entry for each of the 2 classes, got batch shape [3] of Normal.',
    );
    expect(() => new MixtureSameFamily(two, new Normal(0, 1))).toThrow('got batch shape [] of Normal');
    expect(() => new Mixture(two, [new Normal(0, 1)])).toThrow('one component for each of the 2 classes, got 1.');
    // @ts-expect-error: the compiler says so too
    expect(() => new Mixture(two, [new Normal(0, 1), new MultivariateNormalDiag([0], [1])])).toThrow(
      'Mixture: the components must have one event shape, got [] of Normal and [1] of MultivariateNormalDiag.',
    );
    expect(() => new Mixture(two, [new Normal([0, 0], 1), new Normal([0, 0, 0], 1)])).toThrow(
      'Mixture: the shapes must broadcast',
    );
    expect(() => new Mixture(new Normal(0, 1) as never, [])).toThrow(
      'Mixture: mixture must be a Categorical, got Normal.',
    );
  });
});
