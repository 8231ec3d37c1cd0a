import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Distribution } from '../src/index.ts';
import { CASES } from './cases/index.ts';
import { numbers, onEngines } from './on-engines.ts';
import { build } from './spec.ts';

const FAMILIES = [
  'Cauchy',
  'Exponential',
  'Gumbel',
  'HalfNormal',
  'Laplace',
  'LogNormal',
  'Logistic',
  'Normal',
  'TruncatedLogistic',
  'TruncatedNormal',
  'Uniform',
];

const OF_VALUES = ['logProb', 'prob', 'cdf', 'logCdf', 'survival', 'logSurvival', 'quantile'] as const;
const OF_NOTHING = ['entropy', 'mean', 'variance', 'stddev', 'mode'] as const;
const STEP = 2 ** -8;

onEngines(() => {
  const cases = CASES.filter(({ family }) => FAMILIES.includes(family)).map((c) => [c.family, c] as const);
  it('has them all', () => expect(cases.map(([family]) => family).sort()).toEqual([...FAMILIES].sort()));

  // Finite differences of fourth order, which in float32 and with this step are good to some 1e-4 of the value.
  describe.each(cases)('%s', (_, c) => {
    const spec = c.examples[0]!;
    const names = Object.keys(spec.params);
    const parameters = names.map((name) => spec.params[name] as number);
    const check = (f: (p: Distribution, x: tf.Tensor) => tf.Tensor, x: number) =>
      tf.tidy(() => {
        const of = (...inputs: tf.Tensor[]): tf.Tensor => {
          const params = Object.fromEntries(names.map((name, i) => [name, inputs[i]!]));
          const unused = inputs.map((t) => tf.mul(0, t)); // what f does not depend on has gradient 0
          return tf.addN([f(build({ distribution: c.family, params }), inputs.at(-1)!), ...unused]);
        };
        const inputs = [...parameters, x];
        const slopes = tf.grads(of as never)(inputs.map((v) => tf.scalar(v))) as tf.Tensor[];
        for (const [i, v] of inputs.entries()) {
          const h = STEP * Math.max(1 / 16, Math.min(4, Math.abs(v)));
          const at = (by: number) => numbers(of(...inputs.map((w, j) => tf.scalar(i === j ? w + by : w))))[0]!;
          const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
          const rounding = (2e-7 * (1 + Math.abs(at(0)))) / h;
          expect(Math.abs(numbers(slopes[i]!)[0]! - slope)).toBeLessThan(1e-3 * Math.abs(slope) + 2 * rounding);
        }
      });

    it('gradients of every method of a value, or a probability, are those of finite differences', () => {
      const u = [0.03, 0.2, 0.6, 0.95];
      const x = tf.tidy(() => numbers(build(spec).quantile(u)));
      for (const method of OF_VALUES) {
        for (const v of method === 'quantile' ? u : x) check((p, t) => p[method](t), v);
      }
    });

    it('gradients of moments and entropy are, too', () => {
      for (const method of OF_NOTHING) {
        if (!c.undefined.includes(method)) check((p) => p[method](), 0);
      }
    });
  });
});
