import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDuration, formatProgress } from './progress.ts';
import type { StepReport } from './reports.ts';

const report: StepReport = {
  epoch: 2,
  epochs: 5,
  step: 12,
  steps: 30,
  globalStep: 42,
  loss: 123.4567,
  learningRate: 1e-3,
  secondsElapsed: 10,
  etaSeconds: 65.4,
  examplesPerSecond: 5120.4,
};

it('fills the width with a bar', () => {
  const line = formatProgress(report, { width: 70 });
  expect(line).toBe('epoch 2/5 [########--------------] 12/30 loss 123.5 5,120/s ETA 1m 05s');
  expect(formatProgress(report)).toHaveLength(80);
  expect(formatProgress({ ...report, step: 30 })).not.toContain('-');
});

it('gives up the bar, then the end of the line, where there is no room', () => {
  expect(formatProgress(report, { width: 50 })).toBe('epoch 2/5 12/30 loss 123.5 5,120/s ETA 1m 05s');
  expect(formatProgress(report, { width: 12 })).toBe('epoch 2/5 12');
  expect(() => formatProgress(report, { width: 0 })).toThrow(
    new RangeError('formatProgress: width must be a positive integer, got 0.'),
  );
});

it('is one line within the width, for any numbers', () => {
  const number = fc.double();
  const step = fc.integer({ min: 0, max: 1000 });
  const property = fc.property(number, number, number, step, fc.integer({ min: 1, max: 200 }), (a, b, c, s, width) => {
    const line = formatProgress(
      { ...report, loss: a, examplesPerSecond: b, etaSeconds: c, step: s, steps: 1000 },
      { width },
    );
    expect(line.length).toBeLessThanOrEqual(width);
    expect(line).not.toMatch(/[\r\n]/);
  });
  fc.assert(property, { seed: 1, numRuns: 500 });
});

it.each([
  [0, '0.0s'],
  [9.94, '9.9s'],
  [9.96, '10s'],
  [59.6, '1m 00s'],
  [187, '3m 07s'],
  [3599.7, '1h 00m'],
  [7500, '2h 05m'],
  [86_400 * 3 + 3600 * 4, '3d 04h'],
  [Number.NaN, '--'],
  [Number.POSITIVE_INFINITY, '--'],
  [-1, '--'],
])('formatDuration(%f) is %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
