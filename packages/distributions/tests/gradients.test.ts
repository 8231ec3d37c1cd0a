import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Distribution } from '../src/index.ts';
import { CASES } from './cases/index.ts';
import { at, differentiated, filled, gradients, leaves, type Of } from './differentiated.ts';
import { numbers, onEngines } from './on-engines.ts';
import { build, type Spec } from './spec.ts';

const logProb: Of = (p, x) => p.logProb(x);
const continuous = CASES.filter((c) => c.enumerate === undefined);
const inTidy = (f: () => void) => tf.tidy(() => void f());
const all = CASES.map((c) => [c.family, c] as const);

/** Holds gradients of sum(f) to central differences over every parameter. */
function expectDifferences(spec: Spec, got: number[][], f: (p: Distribution) => tf.Tensor): void {
  const paths = leaves(spec);
  expect(paths.length).toBeGreaterThan(0);
  for (const [i, path] of paths.entries()) {
    const flat = tf.tensor(at(spec, path) as tf.TensorLike, undefined, 'float32');
    const base = numbers(flat);
    const total = (k: number, to: number) => {
      const moved = tf.tensor(
        base.map((v, j) => (j === k ? to : v)),
        flat.shape,
        'float32',
      );
      return numbers(f(build(filled(spec, [path], [moved]) as Spec))).reduce((a, b) => a + b, 0);
    };
    for (const [k, v] of base.entries()) {
      const h = Math.fround(2 ** -6 * Math.max(0.25, Math.min(4, Math.abs(v))));
      const [up, down] = [total(k, Math.fround(v + h)), total(k, Math.fround(v - h))];
      if (!(Number.isFinite(up) && Number.isFinite(down))) continue; // over the edge of the support
      const want = (up - down) / (Math.fround(v + h) - Math.fround(v - h));
      const noise = (2e-6 * (Math.abs(up) + Math.abs(down) + 10)) / h;
      expect(Math.abs(got[i]![k]! - want)).toBeLessThan(0.02 * Math.abs(want) + 0.02 + noise);
    }
  }
}

// Dirichlet draws by rejection, and a vector has no quantile: its gradients have the score function's test alone.
const byDifferences = continuous.filter((c) => c.reparameterized && c.family !== 'Dirichlet');

onEngines(() => {
  describe.each(byDifferences.map((c) => [c.family, c] as const))('%s', (_, c) => {
    it('the gradient of draws is that of finite differences, of the quantile or from the same seed', () => {
      for (const spec of c.examples) {
        inTidy(() => {
          const draw = (p: Distribution) => p.sample({ sampleShape: [3], seed: 23 });
          const x = draw(build(spec));
          // Not the plain sum, which a simplex keeps at 1.
          const weights = tf.tensor(
            numbers(x).map((_, i) => 1 + (i % 3) / 2),
            x.shape,
          );
          const weigh = (t: tf.Tensor) => tf.mul(t, weights);
          const got = gradients(spec, tf.scalar(0), (p) => weigh(draw(p)));
          const u = c.undefined.includes('quantile') ? undefined : build(spec).cdf(x);
          expectDifferences(spec, got, (p) => weigh(u === undefined ? draw(p) : p.quantile(u)));
        });
      }
    });
  });

  describe.each(all)('%s', (_, c) => {
    it('the gradient of logProb is that of finite differences', () => {
      for (const spec of c.examples) {
        inTidy(() => {
          const x = build(spec).sample({ sampleShape: [3], seed: 21 });
          expectDifferences(spec, gradients(spec, x, logProb), (p) => p.logProb(x));
        });
      }
    });

    it('logProb and its gradients are numbers for any valid parameters, finite at draws', () => {
      const property = (spec: Spec, seed: number) =>
        inTidy(() => {
          const { values, slopes } = differentiated(spec, build(spec).sample({ seed }), logProb);
          expect(values.filter((v) => !Number.isFinite(v))).toEqual([]);
          expect(slopes.flat().filter(Number.isNaN)).toEqual([]);
        });
      // TensorFlow may take a scale below 2^-126 for 0, and its logarithm for infinite.
      const normal = ({ params }: Spec) =>
        tf.getBackend() !== 'tensorflow' ||
        Object.values(params)
          .flat(4)
          .every((x) => x === 0 || !(Math.abs(Number(x)) < 2 ** -126));
      const extreme = c.extreme.filter(normal);
      fc.assert(fc.property(extreme, fc.integer({ min: 0, max: 1e6 }), property), { numRuns: 50, seed: 2 });
      const elsewhere = (spec: Spec) => {
        const size = tf.tidy(() => tf.util.sizeFromShape(build(spec).eventShape));
        return c.value(spec, size).map((event) => ({ spec, event }));
      };
      fc.assert(
        fc.property(extreme.chain(elsewhere), ({ spec, event }) =>
          inTidy(() => {
            const x = tf.tensor(event, build(spec).eventShape, 'float32');
            const { values, slopes } = differentiated(spec, x, logProb);
            expect([...values, ...slopes.flat()].filter(Number.isNaN)).toEqual([]);
          }),
        ),
        { numRuns: 75, seed: 3 },
      );
    });

    it('the gradient of KL(p || q) at q = p is 0', () => {
      if (c.undefined.includes('klDivergence')) return;
      for (const spec of c.examples) {
        inTidy(() => {
          const q = build(spec);
          const x = q.sample({ seed: 1 });
          for (const f of [(p: Distribution) => p.klDivergence(q), (p: Distribution) => q.klDivergence(p)]) {
            for (const g of gradients(spec, x, f).flat()) expect(Math.abs(g)).toBeLessThan(2e-5);
          }
        });
      }
    });
  });

  describe.each(continuous.map((c) => [c.family, c] as const))('%s', (_, c) => {
    it('the gradient of the cdf is the density', () => {
      if (c.family === 'Deterministic') return;
      for (const spec of c.examples) {
        inTidy(() => {
          const p = build(spec);
          const x = p.sample({ sampleShape: [20], seed: 22 });
          if (c.undefined.includes('cdf')) return expect(() => p.cdf(x)).toThrow();
          const slopes = numbers(tf.grad((v: tf.Tensor) => tf.sum(p.cdf(v)))(x));
          for (const [i, density] of numbers(p.prob(x)).entries()) {
            expect(Math.abs(slopes[i]! - density)).toBeLessThan(2e-5 * Math.abs(density) + 1e-7);
          }
        });
      }
    });

    it('cdf and quantile undo each other', () => {
      for (const spec of c.examples) {
        inTidy(() => {
          const p = build(spec);
          if (c.undefined.includes('quantile')) return expect(() => p.quantile(0.5)).toThrow();
          const u = [1e-4, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999];
          const shape = [u.length, ...p.batchShape.map(() => 1)];
          const x = p.quantile(tf.tensor(u, shape));
          const back = numbers(tf.sub(p.cdf(x), tf.tensor(u, shape)));
          // x itself is rounded to float32: what that moves the cdf by.
          const slack = numbers(tf.mul(p.prob(x), tf.mul(1.2e-7, tf.abs(x))));
          if (c.family === 'Deterministic') return expect(back.every((d) => d >= 0)).toBe(true);
          for (const [i, error] of back.entries()) expect(Math.abs(error)).toBeLessThan(2e-6 + 2 * slack[i]!);
          const ends = [numbers(p.quantile(0)), numbers(p.quantile(1))];
          for (const end of ends.flat()) expect(end).not.toBeNaN();
          expect(() => build(spec, { validateArgs: true }).quantile(1.5)).toThrow(
            /must be a probability, in \[0, 1\], got 1.5/,
          );
        });
      }
    });
  });
});
