import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as exported from '../src/index.ts';
import { Distribution } from '../src/index.ts';
import { type Case, METHODS, type Method } from './case.ts';
import { CASES } from './cases/index.ts';
import { numbers, onEngines } from './on-engines.ts';
import { build, FAMILIES, type Spec } from './spec.ts';

it('every class that the package exports has a case', () => {
  const abstract = ['Distribution', 'ParametricDistribution'];
  const classes = Object.entries(exported)
    .filter(
      ([name, value]) =>
        !abstract.includes(name) && (value as { prototype?: unknown }).prototype instanceof Distribution,
    )
    .map(([name]) => name);
  expect([...new Set(CASES.map(({ family }) => family))].sort()).toEqual(classes.sort());
  expect(classes.filter((name) => !FAMILIES.includes(name))).toEqual([]);
});

const PROBABILITIES: readonly Method[] = ['cdf', 'logCdf', 'survival', 'logSurvival', 'quantile'];
const takesValue = (method: Method) => PROBABILITIES.includes(method);

/** The method's result at `x`, or at itself for KL and the cross-entropy. */
function call(p: Distribution, method: Method, x: tf.Tensor): tf.Tensor {
  if (method === 'klDivergence' || method === 'crossEntropy') return p[method](p);
  if (method === 'quantile') return p.quantile(tf.fill(x.shape, 0.25));
  return takesValue(method)
    ? (p as never as Record<Method, (x: tf.Tensor) => tf.Tensor>)[method](x)
    : (p[method] as () => tf.Tensor)();
}

function shapeOf(p: Distribution, method: Method, x: tf.Tensor): number[] {
  const { batchShape, eventShape } = p;
  if (takesValue(method)) return x.shape.slice(0, x.rank - eventShape.length);
  if (method === 'covariance') return [...batchShape, eventShape[0]!, eventShape[0]!];
  if (['mean', 'mode', 'variance', 'stddev'].includes(method)) return [...batchShape, ...eventShape];
  return batchShape;
}

/** What must work; a covariance is of vectors. */
const defined = (c: Case, p: Distribution) =>
  METHODS.filter((method) => !c.undefined.includes(method) && (method !== 'covariance' || p.eventShape.length === 1));
const tidily = (f: () => void) => tf.tidy(() => void f());

/** To the bit; but on TensorFlow, whose last bit depends on where in its vectors a number falls, to 1e-6. */
function expectSame(got: number[], expected: number[]): void {
  const tolerance = tf.getBackend() === 'tensorflow' ? 1e-6 : 0;
  const near = (x: number, i: number) => Math.abs(x - expected[i]!) <= tolerance * Math.abs(expected[i]!);
  expect(got.map((x, i) => (near(x, i) ? expected[i] : x))).toEqual(expected);
}

onEngines(() => {
  describe.each(CASES.map((c) => [c.family, c] as const))('%s', (_, c) => {
    it('gives the shapes that batch, event and sample shape make', () => {
      const property = (spec: Spec) =>
        tidily(() => {
          const p = build(spec);
          const { batchShape, eventShape } = p;
          const x = p.sample({ sampleShape: [4, 1], seed: 1 });
          expect(x.shape).toEqual([4, 1, ...batchShape, ...eventShape]);
          expect(p.sample({ seed: 1 }).shape).toEqual([...batchShape, ...eventShape]);
          expect(p.sample({ sampleShape: [0], seed: 1 }).shape).toEqual([0, ...batchShape, ...eventShape]);
          expect(p.logProb(x).shape).toEqual([4, 1, ...batchShape]);
          expect(p.prob(x).shape).toEqual([4, 1, ...batchShape]);
          const { sample, logProb } = p.sampleAndLogProb({ sampleShape: [3], seed: 1 });
          expect([sample.shape, logProb.shape]).toEqual([
            [3, ...batchShape, ...eventShape],
            [3, ...batchShape],
          ]);
          const one = tf.reshape(tf.slice(tf.reshape(x, [-1, ...eventShape]), 0, 1), eventShape);
          expect(p.logProb(one).shape).toEqual(batchShape);
          for (const method of defined(c, p)) {
            expect([method, call(p, method, x).shape]).toEqual([method, shapeOf(p, method, x)]);
          }
        });
      for (const spec of c.examples) property(spec);
      fc.assert(fc.property(c.ordinary, property), { numRuns: 15, seed: 1 });
    });

    it('refuses values of other shapes', () => {
      for (const spec of c.examples) {
        tidily(() => {
          const p = build(spec);
          const axis = p.batchShape.map((n) => n > 1).lastIndexOf(true);
          if (axis >= 0) {
            const wrong = p.batchShape.map((n, i) => (i === axis ? n + 1 : n));
            expect(() => p.logProb(tf.zeros([...wrong, ...p.eventShape]))).toThrow(RangeError);
          }
          if (p.eventShape.length > 0) {
            const wrong = p.eventShape.map((n) => n + 1);
            expect(() => p.logProb(tf.zeros(wrong))).toThrow(/value must end in the event shape/);
            expect(() => p.logProb(0)).toThrow(/value must end in the event shape/);
          }
          expect(() => p.sample({ sampleShape: [-1] })).toThrow(/sampleShape must be a list of sizes/);
        });
      }
      expect(c.examples.some((spec) => tf.tidy(() => build(spec).batchShape.length > 0))).toBe(true);
    });

    it('says what it does not define', () => {
      for (const method of c.undefined) {
        tidily(() => {
          const p = build(c.examples[0]!);
          const message =
            method === 'klDivergence' ? /has no formula here/ : /is not defined for this|has no formula here/;
          expect(() => call(p, method, p.sample({ seed: 1 }))).toThrow(message);
        });
      }
    });

    it('validateArgs names what is wrong; without it nothing is read', () => {
      expect(c.invalid.length).toBeGreaterThan(0);
      for (const { spec, message } of c.invalid) {
        tidily(() => {
          build(spec);
          expect(() => build(spec, { validateArgs: true })).toThrow(message);
        });
      }
      for (const spec of c.examples) {
        tidily(() => {
          const p = build(spec, { validateArgs: true });
          expect(p.validateArgs).toBe(true);
          expect(numbers(p.logProb(p.sample({ sampleShape: [3], seed: 2 }))).some(Number.isNaN)).toBe(false);
          expect(() => p.logProb(tf.fill(p.eventShape, Number.NaN))).toThrow(
            /logProb: value of shape .* must be .*NaN/,
          );
        });
      }
    });

    it('is -Infinity outside the support, with a gradient of 0, and refuses it with validateArgs', () => {
      for (const spec of c.examples) {
        const size = tf.tidy(() => tf.util.sizeFromShape(build(spec).eventShape));
        for (const event of c.outside?.(spec, size) ?? []) {
          tidily(() => {
            const p = build(spec);
            const x = tf.tensor(event, p.eventShape, 'float32');
            expect(new Set(numbers(p.logProb(x)))).toEqual(new Set([-Infinity]));
            expect(new Set(numbers(p.prob(x)))).toEqual(new Set([0]));
            if (c.enumerate === undefined) {
              const gradient = tf.grad((v: tf.Tensor) => tf.sum(p.logProb(v)))(x);
              expect(numbers(gradient).filter((g) => g !== 0)).toEqual([]);
            }
            expect(() => build(spec, { validateArgs: true }).logProb(x)).toThrow(/logProb: value of shape/);
          });
        }
      }
    });

    it('draws the same from the same seed, other values from another', () => {
      for (const spec of c.examples) {
        tidily(() => {
          const p = build(spec);
          const draw = (seed?: number) =>
            numbers(p.sample({ sampleShape: [40], ...(seed === undefined ? {} : { seed }) }));
          expect(draw(7)).toEqual(draw(7));
          if (c.family === 'Deterministic') return;
          expect(draw(7)).not.toEqual(draw(8));
          expect(draw()).not.toEqual(draw());
          const { sample, logProb } = p.sampleAndLogProb({ sampleShape: [40], seed: 7 });
          expect(numbers(sample)).toEqual(draw(7));
          const again = numbers(p.logProb(sample));
          for (const [i, v] of numbers(logProb).entries()) {
            expect(Math.abs(v - again[i]!)).toBeLessThan(2e-4 * (1 + Math.abs(again[i]!)));
          }
        });
      }
    });

    it('slices and expands its batch', () => {
      for (const spec of c.examples) {
        tidily(() => {
          const p = build(spec);
          const { batchShape, eventShape } = p;
          const x = p.sample({ seed: 3 });
          const wide = p.expand([2, ...batchShape]);
          expect(wide.batchShape).toEqual([2, ...batchShape]);
          const once = numbers(p.logProb(x));
          expectSame(numbers(wide.logProb(x)), [...once, ...once]);
          if (batchShape.length === 0) return;
          expect(() => p.expand(batchShape.map((n) => n + 1))).toThrow(RangeError);
          const last = batchShape[0]! - 1;
          const part = p.slice([last]);
          expect([part.batchShape, part.eventShape]).toEqual([[1, ...batchShape.slice(1)], eventShape]);
          expectSame(numbers(part.logProb(tf.slice(x, last))), once.slice((once.length / batchShape[0]!) * last));
          const begin = batchShape.map(() => 0);
          expect(
            p.slice(
              begin,
              batchShape.map(() => 1),
            ).batchShape,
          ).toEqual(batchShape.map(() => 1));
          expect(() => p.slice([last], [2])).toThrow(/must lie in the batch shape/);
        });
      }
    });

    it('as one event sums its batch', () => {
      for (const spec of c.examples) {
        tidily(() => {
          const p = build(spec);
          const x = p.sample({ seed: 3 });
          const all = p.toEvent();
          expect([all.batchShape, all.eventShape]).toEqual([[], [...p.batchShape, ...p.eventShape]]);
          const sum = numbers(p.logProb(x)).reduce((a, b) => a + b, 0);
          const [got] = numbers(all.logProb(x));
          expect(Math.abs(got! - sum)).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(sum)));
        });
      }
    });

    it('KL(p || p) is 0', () => {
      if (c.undefined.includes('klDivergence')) return;
      for (const spec of c.examples) {
        tidily(() => {
          const p = build(spec);
          for (const kl of numbers(p.klDivergence(build(spec)))) expect(Math.abs(kl)).toBeLessThan(2e-6);
          expect(() => p.klDivergence(p.toEvent().toEvent() as Distribution)).toThrow();
        });
      }
    });

    it('leaves no tensor behind but its results', () => {
      for (const spec of c.examples) {
        tf.tidy(() => {
          const p = build(spec);
          const x = p.sample({ sampleShape: [2], seed: 1 });
          const one = (f: () => tf.Tensor | object) => {
            const before = tf.memory().numTensors;
            tf.dispose(f() as tf.Tensor);
            return tf.memory().numTensors - before;
          };
          expect(one(() => p.sample({ seed: 1 }))).toBe(0);
          expect(one(() => ({ ...p.sampleAndLogProb({ seed: 1 }) }))).toBe(0);
          expect(one(() => p.logProb(x))).toBe(0);
          expect(one(() => p.prob(x))).toBe(0);
          for (const method of defined(c, p)) {
            const asked = takesValue(method) && method === 'quantile' ? tf.fill(x.shape, 0.25) : x;
            const run = method === 'quantile' ? () => p.quantile(asked) : () => call(p, method, asked);
            expect([method, one(run)]).toEqual([method, 0]);
          }
          const before = tf.memory().numTensors;
          const parts = [p.expand([2, ...p.batchShape]), ...(p.batchShape.length > 0 ? [p.slice([0], [1])] : [])];
          for (const part of parts) part.dispose();
          expect(tf.memory().numTensors).toBe(before);
        });
      }
    });
  });
});
