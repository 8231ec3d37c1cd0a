import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { expectLayerGolden } from './fixtures/golden.ts';
import { GatedResidualBlock, type GatedResidualBlockArgs } from './gated-residual-block.ts';

const weightsOf = (name: string) => ['Kernel', 'Bias', 'Gain'].map((what) => name + what);

// Golden: OpenAI's gated_resnet in PyTorch's operations, fixtures/layers.py.
it('is that of PyTorch, skip and weight normalisation and all, and so are its gradients', () => {
  const block = new GatedResidualBlock({ direction: 'down-right', useWeightNorm: true });
  const weights = ['first', 'skip', 'second'].flatMap(weightsOf);
  expectLayerGolden('gated residual block', block, { inputs: ['x', 'skip'], weights });
});

// Counts: systems.md 5.3, stored shifted kernels in place of masked ones: vertical 2x3 of 9, horizontal 2x2 of 9 taps; the dense
// skip of concat_elu(32) to 32: 64 * 32 + 32 + 32. 55,488 = 9 (64 * 32 + 64 * 64) + 2 (32 + 64).
it('counts as PixelCNN++ has it', () => {
  const down = new GatedResidualBlock({ direction: 'down', useWeightNorm: true });
  down.build([null, 8, 8, 32]);
  expect(down.countParams()).toBe(6 * (64 * 32 + 64 * 64) + 2 * (32 + 64));
  const right = new GatedResidualBlock({ direction: 'down-right', useWeightNorm: true });
  right.build([
    [null, 8, 8, 32],
    [null, 8, 8, 32],
  ]);
  expect(right.countParams()).toBe(4 * (64 * 32 + 64 * 64) + 2 * (32 + 64) + 64 * 32 + 2 * 32);
  const stored = new GatedResidualBlock({ kernelSize: 3, useWeightNorm: true });
  stored.build([null, 8, 8, 32]);
  expect(stored.countParams()).toBe(55_488);
});

it.each<[GatedResidualBlockArgs, number[]]>([
  [{}, [...Array(25).keys()]], // two convolutions of 3 x 3
  [{ direction: 'down' }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]],
  [{ direction: 'down-right', activation: 'elu' }, [0, 1, 2, 5, 6, 7, 10, 11, 12]],
])('%o sees just what it says', (args, pixels) => {
  const block = new GatedResidualBlock({ kernelInitializer: 'ones', ...args });
  const middle = (x: tf.Tensor) => tf.sum(tf.slice(block.apply(x) as tf.Tensor, [0, 2, 2, 0], [1, 1, 1, -1]));
  const slopes = tf
    .grad(middle)(tf.randomUniform([1, 5, 5, 1], 0.01, 0.02, 'float32', 1))
    .dataSync();
  expect([...slopes].flatMap((slope, i) => (slope === 0 ? [] : [i]))).toEqual(pixels);
});

it('drops numbers in training alone: others each step, the same ones for the same seed', () => {
  const steps = (seed: number) => {
    const block = new GatedResidualBlock({ dropout: 0.5, seed, kernelInitializer: 'ones' });
    const x = tf.fill([1, 3, 3, 2], 0.1);
    const run = (training: boolean) => [...(block.apply(x, { training }) as tf.Tensor).dataSync()];
    return [run(false), run(true), run(true), run(false)];
  };
  const [still, first, second, again] = steps(0);
  expect(again).toEqual(still);
  expect(first).not.toEqual(still);
  expect(second).not.toEqual(first);
  expect(steps(0)[1]).toEqual(first);
  expect(steps(1)[1]).not.toEqual(first);
});

// A 1 x 1 convolution by ones of 2,000 kept numbers 2 elu(0.1) or dropped ones: the mean of the branch stays. 5 standard errors of a
// mean of 2,000 draws that are 0 or 2: 0.11.
it('drops its fraction, and scales up what it keeps', () => {
  const block = new GatedResidualBlock({
    dropout: 0.5,
    seed: 7,
    kernelSize: 1,
    activation: 'relu',
    kernelInitializer: 'ones',
  });
  const x = tf.ones([1, 1, 2000, 1]);
  const branch = (training: boolean) => tf.sub(block.apply(x, { training }) as tf.Tensor, x);
  const dropped = branch(true);
  const zeros = tf.sum(tf.cast(tf.equal(dropped, 0), 'float32')).dataSync()[0]! / 2000;
  expect(Math.abs(zeros - 0.5)).toBeLessThan(0.056);
  // Kept: h = 2, 2 sigmoid(2); without dropout h = 1.
  expect(tf.max(dropped).dataSync()[0]).toBeCloseTo(2 / (1 + Math.exp(-2)), 5);
  expect(tf.max(branch(false)).dataSync()[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 5);
});

it.each<[object, string]>([
  [{ direction: 'up' }, 'direction must be "down" or "down-right", got "up".'],
  [{ direction: 'down', kernelSize: 2 }, "the kernel's width must be odd, got [2, 2]."],
  [{ activation: 'gelu' }, 'activation must be one of concatElu, elu, relu, got gelu.'],
  [{ dropout: 0.5 }, 'dropout needs a seed, a non-negative safe integer, got undefined. Give each block its own.'],
  [{ dropout: 0.5, seed: -1 }, 'dropout needs a seed, a non-negative safe integer, got -1.'],
  [{ dropout: 1 }, 'dropout must be a fraction from 0 and below 1, got 1.'],
])('refuses %o', (args, message) => {
  const make = () => new GatedResidualBlock(args as GatedResidualBlockArgs);
  expect(make).toThrow(RangeError);
  expect(make).toThrow(message);
});

it('refuses inputs that are no images', () => {
  const apply = () => new GatedResidualBlock().apply(tf.ones([2, 3]));
  expect(apply).toThrow('inputs must be [B, H, W, C] and, for a skip, [B, H, W, S], got [2, 3].');
});
