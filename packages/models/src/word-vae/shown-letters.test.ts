import { expect, it } from 'vitest';
import { shownLetters } from './shown-letters.ts';

it('hides three letters in ten, and no start', () => {
  const [batch, steps] = [500, 16];
  const shown = shownLetters([batch, steps], 0.3, 1);
  let hidden = 0;
  shown.forEach((isShown, i) => {
    if (i % steps === 0) expect(isShown).toBe(1);
    else hidden += 1 - isShown;
  });
  const letters = batch * (steps - 1);
  // 5 standard errors.
  expect(Math.abs(hidden / letters - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / letters));
});
