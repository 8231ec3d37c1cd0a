import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { afterAll, describe, expect, it } from 'vitest';
import { Beta } from '../beta.ts';
import { Binomial } from '../binomial.ts';
import { Dirichlet } from '../dirichlet.ts';
import type { Distribution } from '../distribution.ts';
import { Gamma } from '../gamma.ts';
import { Poisson } from '../poisson.ts';
import { StudentT } from '../student-t.ts';

afterAll(() => tf.setBackend('cpu'));

type Build = (...parameters: tf.Tensor[]) => Distribution;

interface Example {
  name: string;
  build: Build;
  parameters: number[];
  values: number[];
  /** Of the parameters and the value: what is not differentiated. */
  fixed?: number[];
}

const EXAMPLES: Example[] = [
  { name: 'Gamma', build: (a, r) => new Gamma(a!, r!), parameters: [0.75, 1.5], values: [0.125, 0.75, 4] },
  { name: 'Gamma, large', build: (a, r) => new Gamma(a!, r!), parameters: [40, 0.5], values: [50, 80, 120] },
  { name: 'Beta', build: (a, b) => new Beta(a!, b!), parameters: [0.75, 3], values: [0.0625, 0.25, 0.75] },
  { name: 'Beta, large', build: (a, b) => new Beta(a!, b!), parameters: [30, 50], values: [0.25, 0.375, 0.5] },
  {
    name: 'StudentT',
    build: (v, m, s) => new StudentT(v!, m!, s!),
    parameters: [4.5, 1, 2],
    values: [-9, 0.5, 1.25, 7],
  },
  { name: 'Poisson', build: (r) => new Poisson(r!), parameters: [6.5], values: [0, 5, 16], fixed: [1] },
  {
    name: 'Binomial',
    build: (n, l) => new Binomial(n!, l!),
    parameters: [20, 0.75],
    values: [3, 13, 19],
    fixed: [0, 2],
  },
];

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const at = (numbers: number[], i: number, step: number) => numbers.map((x, j) => (j === i ? x + step : x));
const scalars = (numbers: number[]) => numbers.map((x) => tf.scalar(x));

/** Central differences at two steps, without their common error of second order. */
const derivative = (f: (h: number) => number, step: number) => {
  const slope = (h: number) => (f(h) - f(-h)) / (2 * h);
  return (4 * slope(step) - slope(2 * step)) / 3;
};

describe.each(['cpu', 'wasm'])('on %s', (engine) => {
  it.each(EXAMPLES)(
    '$name: derivatives by every parameter and the value',
    async ({ build, parameters, values, fixed = [] }) => {
      expect(await tf.setBackend(engine)).toBe(true);
      for (const method of ['logProb', 'cdf', 'logCdf', 'survival', 'logSurvival'] as const) {
        const f = (...x: tf.Tensor[]) => build(...x.slice(0, -1))[method](x.at(-1)!);
        for (const x of values) {
          const numbers = [...parameters, x];
          const slopes = tf.grads(f)(scalars(numbers)).map(value);
          slopes.forEach((got, i) => {
            if (fixed.includes(i)) {
              expect(got).toBe(0);
              return;
            }
            const step = 2 ** -7 * Math.abs(numbers[i]!);
            const difference = derivative((h) => value(f(...scalars(at(numbers, i, h)))), step);
            const noise = (5e-7 * Math.abs(value(f(...scalars(numbers))))) / step;
            expect(Math.abs(got - difference)).toBeLessThan(3e-3 * Math.abs(difference) + 1e-5 + noise);
          });
        }
      }
    },
  );
});

// The quantile at the draw's own probability moves with the parameters as the draw does.
it.each(EXAMPLES.slice(0, 5))('$name: draws have the gradient of the quantile', ({ build, parameters }) => {
  const options = { sampleShape: [50], seed: 6 };
  const inputs = scalars(parameters);
  const draws = build(...inputs).sample(options);
  const p = build(...inputs).cdf(draws);
  const ofDraws = tf
    .grads((...x) => tf.sum(build(...x).sample(options)))(inputs)
    .map(value);
  const ofQuantile = tf
    .grads((...x) => tf.sum(build(...x).quantile(p)))(inputs)
    .map(value);
  const apart = (x: tf.Tensor, y: tf.Tensor) => value(tf.max(tf.abs(tf.sub(tf.div(x, y), 1))));
  expect(apart(build(...inputs).quantile(p), draws)).toBeLessThan(1e-4);
  ofDraws.forEach((got, i) => {
    expect(Math.abs(got - ofQuantile[i]!)).toBeLessThan(1e-3 * (1 + Math.abs(got)));
  });
});

it.each(EXAMPLES)('$name: derivatives of quantiles', ({ build, parameters, fixed }) => {
  const numbers = [...parameters, 0.375];
  const f = (...x: tf.Tensor[]) => build(...x.slice(0, -1)).quantile(x.at(-1)!);
  tf.grads(f)(scalars(numbers)).forEach((slope, i) => {
    const step = 2 ** -7 * numbers[i]!;
    const difference = derivative((h) => value(f(...scalars(at(numbers, i, h)))), step);
    if (fixed !== undefined)
      expect(value(slope)).toBe(0); // counts
    else expect(Math.abs(value(slope) - difference)).toBeLessThan(2e-3 * Math.abs(difference) + 1e-4);
  });
});

const LARGE_COUNTS: Example[] = [
  { name: 'Poisson, large', build: (r) => new Poisson(r!), parameters: [40_000], values: [] },
  { name: 'Binomial, large', build: (n, l) => new Binomial(n!, l!), parameters: [1e5, 0.75], values: [], fixed: [0] },
];

it.each([...EXAMPLES, ...LARGE_COUNTS])('$name: derivatives of entropy and KL', ({ build, parameters, fixed = [] }) => {
  const moved = scalars(parameters.map((x, i) => (fixed.includes(i) ? x : 1.25 * x)));
  const functions: ((...x: tf.Tensor[]) => tf.Tensor)[] = [
    (...x) => tf.add(build(...x).entropy(), tf.mul(0, tf.addN(x))), // a location has no part in it
  ];
  if (!(build(...moved) instanceof StudentT)) {
    functions.push((...x) => build(...x).klDivergence(build(...moved)));
    functions.push((...x) => build(...moved).klDivergence(build(...x)));
  }
  for (const f of functions) {
    const slopes = tf.grads(f)(scalars(parameters)).map(value);
    slopes.forEach((got, i) => {
      if (fixed.includes(i)) {
        expect(got).toBe(0);
        return;
      }
      const step = 2 ** -7 * parameters[i]!;
      const difference = derivative((h) => value(f(...scalars(at(parameters, i, h)))), step);
      const noise = (5e-7 * Math.abs(value(f(...scalars(parameters))))) / step;
      expect(Math.abs(got - difference)).toBeLessThan(3e-3 * Math.abs(difference) + noise);
    });
  }
});

it('logProb of wrong parameters is NaN', () => {
  const wrong = [new Gamma(-0.5, 1), new Gamma(2, -1), new Beta(-1, 2), new StudentT(-1, 0, 1), new StudentT(1, 0, -1)];
  const counts = [new Poisson(-1), new Binomial(1.5, 0), new Binomial(-1, 0), new Binomial(3, Number.NaN)];
  for (const p of [...wrong, ...counts]) expect(value(p.logProb(p instanceof Beta ? 0.5 : 0.0))).toBeNaN();
  expect(value(new Dirichlet([-0.5, 2]).logProb([0.5, 0.5]))).toBeNaN();
});

it('the same seed gives the same bits on cpu and wasm', async () => {
  const draws = async (engine: string) => {
    await tf.setBackend(engine);
    return EXAMPLES.map(({ build, parameters }) => [
      ...build(...scalars(parameters))
        .sample({ sampleShape: [200], seed: 7 })
        .dataSync(),
    ]);
  };
  expect(await draws('wasm')).toEqual(await draws('cpu'));
});
