import { expect, it } from 'vitest';
import { log } from './elementary.ts';

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
