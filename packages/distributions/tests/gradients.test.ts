import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Distribution } from '../src/index.ts';
import { CASES } from './cases/index.ts';
import { numbers, onEngines } from './on-engines.ts';
import { build, type Spec } from './spec.ts';

/** What is no parameter to differentiate: counts, orders, ranks. */
const FIXED = ['reinterpretedBatchRank', 'permutation', 'totalCount'];
const GRIDS = ['Quantized', 'MixtureOfLogistics']; // whose low and high are integers

/** Of draws, for the gradients through them. Large ones: what takes the time is the number of operations. */
const BATCHES = 24;
const BATCH = 750;

type Path = readonly (string | number)[];

/** Where the differentiable numbers of a spec are. */
function leaves(node: unknown, path: Path = [], grid = false): Path[] {
  if (typeof node === 'number') return [path];
  if (Array.isArray(node)) {
    return holdsNumbers(node) ? [path] : node.flatMap((item, i) => leaves(item, [...path, i], grid));
  }
  if (typeof node !== 'object' || node === null) return [];
  const inGrid = GRIDS.includes((node as Partial<Spec>).distribution ?? '');
  return Object.entries(node).flatMap(([key, value]) =>
    FIXED.includes(key) || (grid && (key === 'low' || key === 'high'))
      ? []
      : leaves(value, [...path, key], key === 'params' && inGrid),
  );
}

const holdsNumbers = (node: unknown): boolean =>
  typeof node === 'number' || (Array.isArray(node) && node.length > 0 && holdsNumbers(node[0]));

const at = (node: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], node);

/** The spec with other values at `paths`. */
function filled(node: unknown, paths: readonly Path[], values: readonly unknown[], here: Path = []): unknown {
  const found = paths.findIndex((path) => path.join('/') === here.join('/'));
  if (found >= 0) return values[found];
  if (Array.isArray(node)) return node.map((item, i) => filled(item, paths, values, [...here, i]));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, v]) => [key, filled(v, paths, values, [...here, key])]));
}

type Of = (p: Distribution, x: tf.Tensor) => tf.Tensor;

/** f(p, x), and the gradients of its sum to every parameter and to x, as flat lists; 0 by what f does not use. */
function differentiated(spec: Spec, x: tf.Tensor, f: Of): { values: number[]; slopes: number[][] } {
  const paths = leaves(spec);
  const params = paths.map((path) => tf.tensor(at(spec, path) as tf.TensorLike, undefined, 'float32'));
  const y = () => f(build(filled(spec, paths, params) as Spec), x);
  // What tf.grads calls, which throws where an input is not used.
  const { value, grads } = tf.engine().gradients(y, [...params, x], undefined, true);
  const slopes = [...params, x].map((input, i) =>
    grads[i] ? numbers(grads[i]) : new Array<number>(input.size).fill(0),
  );
  return { values: numbers(value), slopes };
}

const gradients = (spec: Spec, x: tf.Tensor, f: Of): number[][] => differentiated(spec, x, f).slopes;

const logProb: Of = (p, x) => p.logProb(x);
const continuous = CASES.filter((c) => c.enumerate === undefined);
const inTidy = (f: () => void) => tf.tidy(() => void f());
const all = CASES.map((c) => [c.family, c] as const);

onEngines((engine) => {
  describe.each(all)('%s', (_, c) => {
    it('the gradient of logProb is that of finite differences', () => {
      for (const spec of c.examples) {
        inTidy(() => {
          const paths = leaves(spec);
          expect(paths.length).toBeGreaterThan(0);
          const x = build(spec).sample({ sampleShape: [3], seed: 21 });
          const got = gradients(spec, x, logProb);
          paths.forEach((path, i) => {
            const flat = tf.tensor(at(spec, path) as tf.TensorLike, undefined, 'float32');
            const base = numbers(flat);
            const f = (k: number, to: number) => {
              const moved = base.map((v, j) => (j === k ? to : v));
              const t = tf.tensor(moved, flat.shape, 'float32');
              return numbers(build(filled(spec, [path], [t]) as Spec).logProb(x)).reduce((a, b) => a + b, 0);
            };
            base.forEach((v, k) => {
              const h = Math.fround(2 ** -6 * Math.max(0.25, Math.min(4, Math.abs(v))));
              const up = f(k, Math.fround(v + h));
              const down = f(k, Math.fround(v - h));
              if (!(Number.isFinite(up) && Number.isFinite(down))) return; // over the edge of the support
              const want = (up - down) / (Math.fround(v + h) - Math.fround(v - h));
              const noise = (2e-6 * (Math.abs(up) + Math.abs(down) + 10)) / h;
              expect(Math.abs(got[i]![k]! - want)).toBeLessThan(0.02 * Math.abs(want) + 0.02 + noise);
            });
          });
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
      fc.assert(fc.property(c.extreme, fc.integer({ min: 0, max: 1e6 }), property), { numRuns: 50, seed: 2 });
      const elsewhere = (spec: Spec) => {
        const size = tf.tidy(() => tf.util.sizeFromShape(build(spec).eventShape));
        return c.value(spec, size).map((event) => ({ spec, event }));
      };
      fc.assert(
        fc.property(c.extreme.chain(elsewhere), ({ spec, event }) =>
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

    if (engine !== 'wasm') return; // draws are made on the host, and the gradients' agreement is shown above
    it('gradients through draws are those of the score function, or there are none', () => {
      expect(tf.tidy(() => build(c.examples[0]!).reparameterized)).toBe(c.reparameterized);
      if (c.family === 'Deterministic') return;
      for (const spec of c.examples) {
        const [path, score] = [[] as number[][], [] as number[][]];
        for (let seed = 0; seed < BATCHES; seed++) {
          inTidy(() => {
            const test = (x: tf.Tensor) => tf.tanh(tf.div(x, 4));
            const none = tf.scalar(0);
            const pathwise: Of = (p) => tf.mean(test(p.sample({ sampleShape: [BATCH], seed })), 0);
            path.push(gradients(spec, none, pathwise).flat());
            if (!c.reparameterized) return;
            const x = build(spec).sample({ sampleShape: [BATCH], seed: 1000 + seed });
            const eventAxes = build(spec).eventShape.map((_, i) => -1 - i);
            const value = eventAxes.length === 0 ? test(x) : tf.sum(test(x), eventAxes);
            const centred = tf.sub(value, tf.mean(value, 0, true)); // a baseline: less variance
            // An end of the support that moves brings its density (Leibniz), which the score does not have.
            const atEnd = (p: Distribution, end: 'low' | 'high') => {
              const fixed = build(spec);
              const at = fixed.parameters[end];
              if (at === undefined) return tf.scalar(0);
              const flow = tf.mul(tf.sub(test(at), tf.mean(value, 0)), fixed.prob(at));
              return tf.mul(flow, end === 'low' ? tf.neg(p.parameters.low!) : p.parameters.high!);
            };
            const surrogate: Of = (p) =>
              tf.addN([
                tf.sum(tf.mean(tf.mul(centred, p.logProb(x)), 0)),
                tf.sum(atEnd(p, 'low')),
                tf.sum(atEnd(p, 'high')),
              ]);
            score.push(gradients(spec, none, surrogate).flat());
          });
        }
        if (!c.reparameterized) {
          expect(path.flat().filter((g) => g !== 0)).toEqual([]);
          continue;
        }
        const [a, b] = [path, score].map(meanAndError);
        for (const [k, [mean, error]] of a!.entries()) {
          const [other, otherError] = b![k]!;
          const bias = Math.abs(other) / BATCH; // of the baseline from the same draws
          expect(Math.abs(mean - other)).toBeLessThan(5 * Math.hypot(error, otherError) + bias + 1e-5);
        }
      }
    });
  });
});

/** Mean and standard error of each column. */
function meanAndError(rows: readonly number[][]): [mean: number, error: number][] {
  return rows[0]!.map((_, k) => {
    const mean = rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length;
    const square = rows.reduce((sum, row) => sum + (row[k]! - mean) ** 2, 0) / (rows.length - 1);
    return [mean, Math.sqrt(square / rows.length)];
  });
}
