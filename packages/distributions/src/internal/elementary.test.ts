import { expect, it } from 'vitest';
import { exp, log, log1p } from './elementary.ts';

it('log agrees with Math.log on every magnitude, near 1 too', () => {
  expect(log(1)).toBe(0);
  const mantissas = [1, 1 + 2 ** -52, 1.1, Math.SQRT2 - 2 ** -52, Math.SQRT2, Math.SQRT2 + 2 ** -52, 1.9, 2 - 2 ** -52];
  for (let power = -1074; power <= 1023; power++) {
    for (const mantissa of mantissas) {
      const x = mantissa * 2 ** power;
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.abs(Math.log(x)));
    }
  }
});

it('log1p agrees with Math.log1p, near 0 and near -1', () => {
  for (let power = -1021; power <= 1023; power++) {
    for (const x of [2 ** power, 1.7 * 2 ** power, -(2 ** Math.min(power, -1)), -1.9 * 2 ** Math.min(power, -2)]) {
      expect(Math.abs(log1p(x) - Math.log1p(x))).toBeLessThanOrEqual(1e-15 * Math.abs(Math.log1p(x)));
    }
  }
  expect(Math.abs(log1p(-1 + 2 ** -53) - Math.log1p(-1 + 2 ** -53))).toBeLessThan(1e-13);
});

it('exp agrees with Math.exp from underflow to overflow', () => {
  expect([exp(0), exp(-800), exp(800)]).toEqual([1, 0, Number.POSITIVE_INFINITY]);
  for (let x = -708; x <= 709.7; x += 0.173) {
    expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-15);
  }
  expect(Math.abs(exp(-740) - Math.exp(-740))).toBeLessThanOrEqual(5e-324);
});
