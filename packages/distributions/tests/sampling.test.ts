import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Distribution } from '../src/index.ts';
import { CASES } from './cases/index.ts';
import { numbers, onEngines } from './on-engines.ts';
import { build } from './spec.ts';

// Every number compared is a z-score, or is turned into one. |z| < 5 fails by chance once in 1.7 million, so that all of
// them together (some thousands) fail once in 1,000 seeds; and the seeds are fixed.
const LIMIT = 5;
const DRAWS = 20_000;

/** z-scores of the means of `rows` against `expected`, column by column; rows are draws. */
function scores(rows: number[][], expected: readonly number[]): number[] {
  return expected.map((want, column) => {
    const mean = rows.reduce((sum, row) => sum + row[column]!, 0) / rows.length;
    const square = rows.reduce((sum, row) => sum + (row[column]! - mean) ** 2, 0) / (rows.length - 1);
    const error = Math.sqrt(square / rows.length);
    const rounding = 3e-6 * (Math.abs(want) + Math.abs(mean)) + 1e-7; // of float32, where draws hardly vary
    return (Math.abs(mean - want) - rounding) / Math.max(error, 1e-30);
  });
}

const rowsOf = (t: tf.Tensor, columns: number): number[][] => {
  const flat = numbers(t);
  return Array.from({ length: flat.length / columns }, (_, i) => flat.slice(i * columns, (i + 1) * columns));
};

const worst = (zs: readonly number[]): number => Math.max(...zs, Number.NEGATIVE_INFINITY);
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

// On one engine: draws come from the host, and that both engines agree on density and statistics is shown elsewhere.
onEngines((engine) => {
  if (engine !== 'wasm') {
    it('is on wasm alone', () => expect(engine).toBe('cpu'));
    return;
  }
  describe.each(CASES.map((c) => [c.family, c] as const))('%s', (_, c) => {
    describe.each(c.examples.map((spec, i) => [i, spec] as const))('example %i', (i, spec) => {
      const inTidy = (f: (p: Distribution) => void) => tf.tidy(() => void f(build(spec)));
      const lighter = c.lighter[i];
      // The draws that all tests share, their log probabilities, and those that `lighter` gives them.
      let [x, logP, logQ]: tf.Tensor[] = [];
      beforeAll(() => {
        [x, logP, logQ] = tf.tidy(() => {
          const p = build(spec);
          const draws = p.sample({ sampleShape: [DRAWS], seed: 11 });
          return [draws, p.logProb(draws), ...(lighter ? [build(lighter).logProb(draws)] : [])];
        });
      });
      afterAll(() => tf.dispose([x, logP, logQ]));

      it('draws follow the density: E_p[q / p] = 1', () =>
        inTidy((p) => {
          if (logQ === undefined) {
            expect([c.family, lighter]).toEqual(['Deterministic', null]);
            return;
          }
          const ratio = tf.exp(tf.sub(logQ, logP!));
          const batch = size(p.batchShape);
          expect(worst(scores(rowsOf(ratio, batch), new Array(batch).fill(1)))).toBeLessThan(LIMIT);
        }));

      if (c.enumerate !== undefined) {
        const events = c.enumerate(spec);
        it('probabilities sum to 1, and draws follow them (chi-square)', () =>
          inTidy((p) => {
            const batch = size(p.batchShape);
            const ones = p.batchShape.map(() => 1);
            const all = tf.tensor(events.flat(), [events.length, ...ones, ...p.eventShape], 'float32');
            const probs = rowsOf(p.prob(all), batch);
            const eventSize = size(p.eventShape);
            const index = new Map(events.map((event, e) => [event.join(), e]));
            const draws = rowsOf(x!, eventSize);
            for (let b = 0; b < batch; b++) {
              const pmf = probs.map((row) => row[b]!);
              expect(Math.abs(pmf.reduce((s, q) => s + q, 0) - 1)).toBeLessThan(1e-5);
              const counts = new Array<number>(events.length).fill(0);
              let beyond = 0;
              for (let n = 0; n < DRAWS; n++) {
                const at = index.get(draws[n * batch + b]!.join());
                if (at === undefined) beyond++;
                else counts[at]!++;
              }
              expect(beyond).toBeLessThan(5); // outside what is enumerated: 20,000 draws of a mass below 1e-6
              expect(chiSquareScore(counts, pmf)).toBeLessThan(LIMIT);
            }
          }));
        if (!c.undefined.includes('cdf')) {
          it('the cdf adds the probabilities up', () =>
            inTidy((p) => {
              const batch = size(p.batchShape);
              const ones = p.batchShape.map(() => 1);
              const sorted = events.map((e) => e[0]!).sort((a, b) => a - b);
              const at = tf.tensor(sorted, [sorted.length, ...ones], 'float32');
              const [pmf, cdf] = [rowsOf(p.prob(at), batch), rowsOf(p.cdf(at), batch)];
              for (let b = 0; b < batch; b++) {
                let sum = 0;
                pmf.forEach((row, k) => {
                  sum += row[b]!;
                  expect(Math.abs(cdf[k]![b]! - sum)).toBeLessThan(2e-6);
                });
              }
            }));
        }
      } else if (!c.undefined.includes('cdf')) {
        it('draws follow the cdf (Kolmogorov-Smirnov)', () =>
          inTidy((p) => {
            if (c.family === 'Deterministic') return;
            const batch = size(p.batchShape);
            const u = rowsOf(p.cdf(x!), batch);
            for (let b = 0; b < batch; b++) {
              const sorted = u.map((row) => row[b]!).sort((x, y) => x - y);
              const d = sorted.reduce(
                (m, v, k) => Math.max(m, Math.abs(v - k / DRAWS), Math.abs((k + 1) / DRAWS - v)),
                0,
              );
              // P(sqrt(n) D > t) = 2 exp(-2 t^2): 7e-7 at 2.73.
              expect(Math.sqrt(DRAWS) * d).toBeLessThan(2.73);
            }
          }));
      }

      it('draws have the mean, variance and covariance', () =>
        inTidy((p) => {
          const columns = size([...p.batchShape, ...p.eventShape]);
          const rows = rowsOf(x!, columns);
          if (c.undefined.includes('mean')) return expect(() => p.mean()).toThrow();
          const mean = numbers(p.mean());
          expect(worst(scores(rows, mean))).toBeLessThan(LIMIT);
          if (c.undefined.includes('variance')) return expect(() => p.variance()).toThrow();
          const variance = numbers(p.variance());
          const squares = rows.map((row) => row.map((x, k) => (x - mean[k]!) ** 2));
          expect(worst(scores(squares, variance))).toBeLessThan(LIMIT);
          for (const [k, s] of numbers(p.stddev()).entries()) {
            expect(Math.abs(s ** 2 - variance[k]!)).toBeLessThanOrEqual(1e-5 * variance[k]!);
          }
          if (c.undefined.includes('covariance')) return expect(() => p.covariance()).toThrow();
          const n = p.eventShape[0]!;
          const products = rows.map((row) =>
            Array.from({ length: columns * n }, (_, k) => {
              const [b, r, s] = [Math.floor(k / (n * n)), Math.floor(k / n) % n, k % n];
              return (row[b * n + r]! - mean[b * n + r]!) * (row[b * n + s]! - mean[b * n + s]!);
            }),
          );
          expect(worst(scores(products, numbers(p.covariance())))).toBeLessThan(LIMIT);
        }));

      it('the entropy is -E[log p], and KL is E[log p - log q]', () =>
        inTidy((p) => {
          const batch = size(p.batchShape);
          if (c.undefined.includes('entropy')) expect(() => p.entropy()).toThrow();
          else expect(worst(scores(rowsOf(tf.neg(logP!), batch), numbers(p.entropy())))).toBeLessThan(LIMIT);
          if (c.undefined.includes('klDivergence') || !lighter) return;
          const ratio = rowsOf(tf.sub(logP!, logQ!), batch);
          expect(worst(scores(ratio, numbers(p.klDivergence(build(lighter)))))).toBeLessThan(LIMIT);
        }));

      it('no draw and no neighbour is likelier than the mode', () =>
        inTidy((p) => {
          if (c.undefined.includes('mode')) return expect(() => p.mode()).toThrow();
          const mode = p.mode();
          const peak = p.logProb(mode);
          const others = [logP!];
          if (c.enumerate === undefined && c.family !== 'Deterministic') {
            for (const step of [1e-2, -1e-2])
              others.push(p.logProb(tf.add(mode, tf.mul(step, tf.add(tf.abs(mode), 0.1)))));
          }
          for (const other of others) {
            const excess = tf.sub(other, peak);
            expect(Math.max(...numbers(excess).filter((e) => !Number.isNaN(e)))).toBeLessThan(1e-4);
          }
        }));
    });
  });
});

/** Chi-square of counts, cells of fewer than 5 expected pooled, as a z-score (Wilson & Hilferty 1931). */
function chiSquareScore(counts: readonly number[], pmf: readonly number[]): number {
  const n = counts.reduce((a, b) => a + b, 0);
  let [chi, cells, restCount, restExpected] = [0, 0, 0, 0];
  const add = (count: number, expected: number) => {
    chi += (count - expected) ** 2 / expected;
    cells++;
  };
  counts.forEach((count, k) => {
    const expected = n * pmf[k]!;
    if (expected >= 5) add(count, expected);
    else [restCount, restExpected] = [restCount + count, restExpected + expected];
  });
  if (restExpected >= 5) add(restCount, restExpected);
  const df = Math.max(1, cells - 1);
  return (Math.cbrt(chi / df) - (1 - 2 / (9 * df))) / Math.sqrt(2 / (9 * df));
}
