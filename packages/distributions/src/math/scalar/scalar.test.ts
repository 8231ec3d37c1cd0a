import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import special from '../../../fixtures/special.json' with { type: 'json' };
import * as beta from './incomplete-beta.ts';
import * as gamma from './incomplete-gamma.ts';
import * as logGamma from './log-gamma.ts';
import * as normal from './normal.ts';
import * as polygamma from './polygamma.ts';

const functions: Record<string, (...x: number[]) => number> = Object.fromEntries(
  [beta, gamma, logGamma, normal, polygamma].flatMap((module) => Object.entries(module)),
);

// Goldens: fixtures/special.py, mpmath 1.4.1 at 40 digits and more. Each row is [argument, ..., value].
const goldens = special as Record<string, number[][]>;

// Relative; what is looser than 1e-12 says why.
const bounds: Record<string, number> = {
  gammainc: 1e-11, // from a = 1e8 on the first terms of an expansion
  gammaincc: 1e-11,
  betainc: 1e-11, // a tiny parameter: what is left to 1
  gammaincByA: 1e-8,
  betaincByA: 2e-9,
  betaincByB: 2e-9,
};

it.each(Object.entries(goldens))('%s agrees with mpmath', (name, rows) => {
  const bound = bounds[name] ?? 1e-12;
  const wrong = rows.filter((row) => {
    const golden = row.at(-1)!;
    return !(Math.abs(functions[name]!(...row.slice(0, -1)) - golden) <= bound * Math.abs(golden));
  });
  expect(wrong).toEqual([]);
});

it('has goldens for every function that has more than one line', () => {
  const simple = ['normalDensity', 'digammaMinusLog'];
  expect(Object.keys(functions).sort()).toEqual([...Object.keys(goldens), ...simple, 'logBetainc'].sort());
});

describe('at the ends of the domain', () => {
  const { lgamma, lbeta } = logGamma;
  const { gammainc, gammaincc, gammaincByA, gammaincinv, logGammainc, logGammaincc } = gamma;
  const { betainc, betaincByA, betaincByB, betaincinv } = beta;
  const { erf, erfc, erfcx, erfinv, logNdtr, logNdtrSlope, ndtr, ndtri, ndtriExp } = normal;

  // Limits, as scipy.special has them; NaN where there is none.
  it.each<[string, number, number]>([
    ['lgamma(0)', lgamma(0), Infinity],
    ['lgamma(-3)', lgamma(-3), Infinity],
    ['lgamma(Infinity)', lgamma(Infinity), Infinity],
    ['lgamma(-Infinity)', lgamma(-Infinity), Infinity],
    ['lgamma(1)', lgamma(1), 0],
    ['lgamma(2)', lgamma(2), 0],
    ['lgamma(NaN)', lgamma(NaN), NaN],
    ['lbeta(0, 1)', lbeta(0, 1), Infinity],
    ['lbeta(1, Infinity)', lbeta(1, Infinity), -Infinity],
    ['lbeta(-1, 1)', lbeta(-1, 1), NaN],
    ['digamma(0)', polygamma.digamma(0), -Infinity],
    ['digamma(-2)', polygamma.digamma(-2), NaN],
    ['digamma(Infinity)', polygamma.digamma(Infinity), Infinity],
    ['polygamma(1, 0)', polygamma.polygamma(1, 0), Infinity],
    ['polygamma(2, 0)', polygamma.polygamma(2, 0), -Infinity],
    ['polygamma(1, -1)', polygamma.polygamma(1, -1), Infinity],
    ['polygamma(2, -1.5)', polygamma.polygamma(2, -1.5), NaN],
    ['polygamma(1, Infinity)', polygamma.polygamma(1, Infinity), 0],
    ['erf(Infinity)', erf(Infinity), 1],
    ['erf(-Infinity)', erf(-Infinity), -1],
    ['erfc(Infinity)', erfc(Infinity), 0],
    ['erfc(-Infinity)', erfc(-Infinity), 2],
    ['erfcx(Infinity)', erfcx(Infinity), 0],
    ['erfcx(-30)', erfcx(-30), Infinity],
    ['erfinv(1)', erfinv(1), Infinity],
    ['erfinv(-1)', erfinv(-1), -Infinity],
    ['erfinv(1.1)', erfinv(1.1), NaN],
    ['ndtr(-Infinity)', ndtr(-Infinity), 0],
    ['ndtr(Infinity)', ndtr(Infinity), 1],
    ['ndtr(NaN)', ndtr(NaN), NaN],
    ['logNdtr(-Infinity)', logNdtr(-Infinity), -Infinity],
    ['logNdtr(Infinity)', logNdtr(Infinity), 0],
    ['logNdtrSlope(Infinity)', logNdtrSlope(Infinity), 0],
    ['logNdtrSlope(-Infinity)', logNdtrSlope(-Infinity), Infinity],
    ['ndtri(0)', ndtri(0), -Infinity],
    ['ndtri(1)', ndtri(1), Infinity],
    ['ndtri(-0.1)', ndtri(-0.1), NaN],
    ['ndtri(1.1)', ndtri(1.1), NaN],
    ['ndtriExp(0)', ndtriExp(0), Infinity],
    ['ndtriExp(-Infinity)', ndtriExp(-Infinity), -Infinity],
    ['ndtriExp(0.1)', ndtriExp(0.1), NaN],
    ['gammainc(2, 0)', gammainc(2, 0), 0],
    ['gammainc(2, Infinity)', gammainc(2, Infinity), 1],
    ['gammainc(0, 1)', gammainc(0, 1), 1],
    ['gammainc(Infinity, 1)', gammainc(Infinity, 1), 0],
    ['gammainc(0, 0)', gammainc(0, 0), NaN],
    ['gammainc(-1, 1)', gammainc(-1, 1), NaN],
    ['gammainc(1, -1)', gammainc(1, -1), NaN],
    ['gammaincc(2, 0)', gammaincc(2, 0), 1],
    ['gammaincc(2, Infinity)', gammaincc(2, Infinity), 0],
    ['logGammainc(2, 0)', logGammainc(2, 0), -Infinity],
    ['logGammaincc(2, Infinity)', logGammaincc(2, Infinity), -Infinity],
    ['gammaincByA(2, 0)', gammaincByA(2, 0), 0],
    ['gammaincByA(2, Infinity)', gammaincByA(2, Infinity), 0],
    ['gammaincByA(-2, 1)', gammaincByA(-2, 1), NaN],
    ['gammaincinv(2, 0)', gammaincinv(2, 0), 0],
    ['gammaincinv(2, 1)', gammaincinv(2, 1), Infinity],
    ['gammaincinv(2, 1.1)', gammaincinv(2, 1.1), NaN],
    ['gammaincinv(1e-3, 1e-9)', gammaincinv(1e-3, 1e-9), 0], // below the least float64
    ['betainc(2, 3, 0)', betainc(2, 3, 0), 0],
    ['betainc(2, 3, 1)', betainc(2, 3, 1), 1],
    ['betainc(0, 3, 0.5)', betainc(0, 3, 0.5), 1],
    ['betainc(2, 0, 0.5)', betainc(2, 0, 0.5), 0],
    ['betainc(2, Infinity, 0.5)', betainc(2, Infinity, 0.5), 1],
    ['betainc(0, 0, 0.5)', betainc(0, 0, 0.5), NaN],
    ['betainc(2, 3, 1.5)', betainc(2, 3, 1.5), NaN],
    ['betaincByA(2, 3, 0)', betaincByA(2, 3, 0), 0],
    ['betaincByB(2, 3, 1) + 0', betaincByB(2, 3, 1) + 0, 0],
    ['betaincinv(2, 3, 0)', betaincinv(2, 3, 0), 0],
    ['betaincinv(2, 3, 1)', betaincinv(2, 3, 1), 1],
    ['betaincinv(-2, 3, 0.5)', betaincinv(-2, 3, 0.5), NaN],
  ])('%s', (_, got, limit) => {
    expect(got + 0).toBe(limit); // -0 is 0
  });
});

describe('for any parameters', () => {
  const positive = fc.double({ min: -7, max: 11, noNaN: true }).map((log) => Math.exp(log)); // 1e-3 to 6e4
  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  const run = (property: fc.IProperty<number[]>) => fc.assert(property as never, { seed: 1, numRuns: 400 });

  it('P + Q = 1, and the logs agree', () => {
    run(
      fc.property(positive, positive, (a, x) => {
        const [p, q] = [gamma.gammainc(a, x), gamma.gammaincc(a, x)];
        expect(Math.abs(p + q - 1)).toBeLessThan(1e-14);
        expect(p * q).toBeGreaterThanOrEqual(0);
        expect(gamma.gammaincByA(a, x)).toBeLessThanOrEqual(0);
      }) as never,
    );
  });

  it('P(a + 1, x) = P(a, x) - x^a exp(-x) / Gamma(a + 1)', () => {
    run(
      fc.property(positive, fc.double({ min: 0.01, max: 3, noNaN: true }), (a, ratio) => {
        const x = a * ratio;
        const step = Math.exp(gamma.logGammaKernel(a, x)) / a;
        expect(Math.abs(gamma.gammainc(a, x) - gamma.gammainc(a + 1, x) - step)).toBeLessThan(1e-13);
      }) as never,
    );
  });

  it('I_x(a, b) = x I_x(a - 1, b) + (1 - x) I_x(a, b - 1), where both are defined', () => {
    run(
      fc.property(positive, positive, probability, (a, b, x) => {
        const whole = beta.betainc(a + 1, b + 1, x);
        const parts = x * beta.betainc(a, b + 1, x) + (1 - x) * beta.betainc(a + 1, b, x);
        expect(Math.abs(whole - parts)).toBeLessThan(1e-12);
        expect(Math.abs(whole + beta.betainc(b + 1, a + 1, 1 - x) - 1)).toBeLessThan(1e-14);
        expect(beta.betaincByA(a, b, x)).toBeLessThanOrEqual(0);
        expect(beta.betaincByB(a, b, x)).toBeGreaterThanOrEqual(0);
      }) as never,
    );
  });

  // Relative to p: the quantile is right to its last digits, times how fast the distribution function moves there.
  it('quantiles invert the distribution functions', () => {
    run(
      fc.property(positive, positive, fc.double({ min: -80, max: -0.001, noNaN: true }), (a, b, log) => {
        const p = Math.exp(log);
        const near = (got: number, steepness: number) =>
          expect(Math.abs(got - p)).toBeLessThan(1e-12 * p * Math.max(1, steepness));
        const x = gamma.gammaincinv(a, p);
        const z = beta.betaincinv(a, b, p);
        fc.pre(Math.min(x, z) > 1e-300 && z < 0.5); // inside float64's range, and with all digits of 1 - z
        near(gamma.gammainc(a, x), Math.exp(gamma.logGammaKernel(a, x)) / p);
        near(beta.betainc(a, b, z), Math.exp(beta.logBetaKernel(a, b, z, 1 - z)) / p);
        near(normal.ndtr(normal.ndtri(p)), -log);
      }) as never,
    );
  });
});
