import fc from 'fast-check';
import { expect, it } from 'vitest';
import { averagePrecision, rocAuc, rocCurve } from './ranking.ts';

// Golden: systems.md 10.6; by hand: precision 1/1 at the first positive and 2/3 at the second, (1 + 2/3) / 2.
it('perfect, constant, worst, and + - + in falling order', () => {
  expect([rocAuc([0.9, 0.8, 0.1], [1, 1, 0]), averagePrecision([0.9, 0.8, 0.1], [1, 1, 0])]).toEqual([1, 1]);
  expect([rocAuc([2, 2, 2, 2], [1, 0, 0, 0]), averagePrecision([2, 2, 2, 2], [1, 0, 0, 0])]).toEqual([0.5, 0.25]);
  expect([rocAuc([1, 2, 3], [1, 0, 0]), averagePrecision([1, 2, 3], [1, 0, 0])]).toEqual([0, 1 / 3]);
  expect(rocAuc([3, 2, 1], [1, 0, 1])).toBe(0.5);
  expect(averagePrecision([3, 2, 1], [1, 0, 1])).toBeCloseTo(5 / 6, 15);
});

// Golden: by hand. Scores 3 | 2 2 | 1 1 with labels + | + - | - +: of 6 pairs 2 + 1 + 0.5 + 0.5 + 0 ... = 4 right;
// precision 1, 2/3, 3/5 at thresholds 3, 2, 1, each gaining a third of the recall.
it('ties', () => {
  const [scores, labels] = [
    [1, 2, 3, 2, 1],
    [0, 1, 1, 0, 1],
  ];
  expect(rocAuc(scores, labels)).toBeCloseTo(4 / 6, 15);
  expect(averagePrecision(scores, labels)).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 3, 15);
  expect(rocCurve(scores, labels)).toEqual({
    fpr: Float64Array.of(0, 0, 0.5, 1),
    tpr: Float64Array.of(0, 1 / 3, 2 / 3, 1),
    thresholds: Float64Array.of(Number.POSITIVE_INFINITY, 3, 2, 1),
  });
});

const examples = fc
  .array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.constantFrom(0, 1)), { minLength: 2, maxLength: 40 })
  .filter((rows) => new Set(rows.map(([, label]) => label)).size === 2)
  .map((rows) => ({ scores: rows.map(([score]) => score), labels: rows.map(([, label]) => label as number) }));

it('equal their definitions, over all pairs and over all thresholds', () => {
  const property = fc.property(examples, ({ scores, labels }) => {
    const of = (label: number) => scores.filter((_, i) => labels[i] === label);
    const pairs = of(1).flatMap((p) => of(0).map((n) => (p > n ? 1 : p === n ? 0.5 : 0)));
    expect(rocAuc(scores, labels)).toBeCloseTo(pairs.reduce((a: number, b) => a + b, 0) / pairs.length, 12);

    let [area, before] = [0, 0];
    for (const threshold of [...new Set(scores)].sort((a, b) => b - a)) {
      const called = labels.filter((_, i) => scores[i]! >= threshold);
      const hits = called.filter((label) => label === 1).length;
      const recall = hits / of(1).length;
      area += (recall - before) * (hits / called.length);
      before = recall;
    }
    expect(averagePrecision(scores, labels)).toBeCloseTo(area, 12);
  });
  fc.assert(property, { seed: 1, numRuns: 200 });
});

it('do not change when scores are stretched, and AUC turns when they are negated', () => {
  const property = fc.property(examples, ({ scores, labels }) => {
    const stretched = scores.map((score) => Math.exp(score) - 7);
    expect(rocAuc(stretched, labels)).toBe(rocAuc(scores, labels));
    expect(averagePrecision(stretched, labels)).toBe(averagePrecision(scores, labels));
    const negated = scores.map((score) => -score);
    expect(rocAuc(negated, labels)).toBeCloseTo(1 - rocAuc(scores, labels), 12);
  });
  fc.assert(property, { seed: 2, numRuns: 100 });
});

it('take infinities, typed arrays, and refuse what has no answer', () => {
  const scores = Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0);
  expect(rocAuc(scores, Uint8Array.of(1, 0, 0, 1))).toBe(0.625); // pairs: 1/2 + 1 + 0 + 1 of 4
  expect(() => rocAuc([1], [1])).toThrow('rocAuc: expected labels of both kinds, got 1 positive and 0 negative ones.');
  expect(() => rocCurve([1, Number.NaN], [1, 0])).toThrow('rocCurve: scores must be numbers, got NaN at 1.');
  expect(() => averagePrecision([1, 2], [1, 2])).toThrow('averagePrecision: labels must be 0 or 1, got 2 at 1.');
  expect(() => rocAuc([1, 2], [1])).toThrow('expected a label for each score, got 2 scores and 1 labels.');
});
