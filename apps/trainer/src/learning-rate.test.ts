import { expect, it } from 'vitest';
import { learningRate, learningRateLine } from './learning-rate.ts';

const config = { learningRate: 0.4, schedule: 'cosine', warmUp: 4, epochs: 3, batch: 10 } as const;

it('rises, then falls to 0 with the last step', () => {
  const rate = learningRate(config, 35); // 4 steps an epoch, 12 in all, 8 of which fall
  expect([0, 1, 2, 3].map(rate)).toEqual([0.1, 0.2, expect.closeTo(0.3, 12), 0.4]);
  expect(rate(4)).toBe(0.4);
  expect(rate(8)).toBeCloseTo(0.2, 12); // half way: (1 + cos(pi / 2)) / 2
  expect(rate(11)).toBeCloseTo(0.2 * (1 + Math.cos((7 * Math.PI) / 8)), 12);
  expect(rate(12)).toBeCloseTo(0, 12);
});

it('stays, if constant; a warm-up longer than the run is no mistake', () => {
  const rate = learningRate({ ...config, schedule: 'constant', warmUp: 0 }, 35);
  expect([rate(0), rate(11)]).toEqual([0.4, 0.4]);
  expect(learningRate({ ...config, warmUp: 40 }, 35)(11)).toBeCloseTo(0.12, 12);
});

it('says so', () => {
  expect(learningRateLine(config)).toBe('Adam 0.4, cosine to 0 after 4 steps of warm-up');
  expect(learningRateLine({ ...config, schedule: 'constant' })).toBe('Adam 0.4, after 4 steps of warm-up');
  expect(learningRateLine({ ...config, schedule: 'constant', warmUp: 0 })).toBe('Adam 0.4');
});
