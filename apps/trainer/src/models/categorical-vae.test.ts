import { uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { categoricalVae } from './categorical-vae.ts';
import { parseSettings } from './settings.ts';

const SHAPE = { height: 4, width: 4, channels: 1 };
const lossAt = (set: Record<string, string>, step: number) => {
  const model = categoricalVae.create(
    parseSettings(categoricalVae, { variables: '2', classes: '3', ...set }),
    SHAPE,
    0,
  );
  const code = model.weights['decoder/hidden1/kernel']!; // as it starts, codes change pixels little
  tf.tidy(() => code.assign(tf.mul(code, 100)));
  return model.loss(tf.tensor2d(uniform(5 * 16, 1), [5, 16]), 3, step).dataSync()[0]!;
};

// By hand: e^(-3e-5 t) at t = 10,000, renewed every 1,000 steps, and not below 0.5, which it reaches at t = 23,105.
it('the temperature of the loss follows the step, as the settings say', () => {
  const fixed = (temperature: number) => lossAt({ temperature: String(temperature), annealing: '0' }, 0);
  expect(lossAt({}, 999)).toBeCloseTo(fixed(1), 5);
  expect(lossAt({}, 10_500)).toBeCloseTo(fixed(Math.exp(-0.3)), 5);
  expect(lossAt({}, 100_000)).toBeCloseTo(fixed(0.5), 5);
  expect(lossAt({ coldest: '0.8' }, 100_000)).toBeCloseTo(fixed(0.8), 5);
  expect(Math.abs(fixed(1) - fixed(0.5))).toBeGreaterThan(0.01);
});
