import { describe, expect, it } from 'vitest';
import { average, type HalfLine, logisticHalfLine, normalHalfLine } from './half-line.ts';

const close = (got: number, want: number, tolerance = 1e-9) =>
  expect(Math.abs(got - want)).toBeLessThanOrEqual(tolerance * Math.abs(want));

// Closed form: the mean of t^k over [0, w] is w^k / (k + 1); 10 nodes are exact up to t^19.
it('average is exact for polynomials', () => {
  for (const power of [0, 1, 7, 19])
    close(
      average(2, (t) => t ** power),
      2 ** power / (power + 1),
      1e-14,
    );
});

const lines: [string, HalfLine][] = [
  ['normal', normalHalfLine],
  ['logistic', logisticHalfLine],
];
const STARTS = [0, 0.3, 2, 12, 99, 101, 1e4, 1e8];

describe.each(lines)('%s', (_, line) => {
  const scale = (a: number) => (line === normalHalfLine ? 1 / (1 + a) : 1);
  /** The integral of f from 0 to t, piece by piece. */
  const integral = (t: number, f: (t: number) => number) => {
    const step = t / 400;
    let sum = 0;
    for (let i = 0; i < 400; i++) sum += step * average(step, (u) => f(i * step + u));
    return sum;
  };

  it.each(STARTS)('from %f on, tail and moments are integrals of the density', (a) => {
    const hazard = Math.exp(line.logHazard(a));
    const density = (t: number) => hazard * Math.exp(line.logFall(a, t));
    for (const t of [1e-6, 0.01, 0.7, 3].map((k) => k * scale(a))) {
      close(-Math.expm1(line.logTail(a, t)), integral(t, density));
    }
    const far = 60 * scale(a);
    const [first, second] = line.moments(a);
    close(
      integral(far, (t) => t * density(t)),
      first,
    );
    close(
      integral(far, (t) => t * t * density(t)),
      second,
      1e-7,
    ); // by asymptotic series from 100 on
    close(
      integral(far, (t) => line.logFall(a, t) * density(t)),
      line.meanFall(a, Infinity, first, second),
      1e-7,
    );
  });

  it.each(STARTS)('from %f on, inverse undoes logTail', (a) => {
    for (const logP of [0, -1e-12, -1e-3, -0.5, -3, -40]) {
      const t = line.inverse(a, logP);
      expect(Math.abs(line.logTail(a, t) - logP)).toBeLessThanOrEqual(1e-9 * Math.abs(logP));
    }
    expect(line.inverse(a, -Infinity)).toBe(Infinity);
    expect(line.logTail(a, Infinity)).toBe(-Infinity);
  });
});
