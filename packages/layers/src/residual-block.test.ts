import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { expectLayerGolden } from './fixtures/golden.ts';
import { ResidualBlock, type ResidualBlockArgs } from './residual-block.ts';

const WEIGHTS = ['reduceKernel', 'reduceBias', 'spatialKernel', 'spatialBias', 'expandKernel', 'expandBias'];

// Golden: the book's block in PyTorch's operations, fixtures/layers.py.
it('masked, it is that of PyTorch, and so are its gradients', () => {
  expectLayerGolden('masked residual block', new ResidualBlock({ masked: true }), { inputs: ['x'], weights: WEIGHTS });
});

// Count: systems.md 4.2, 8,256 + 36,928 + 8,320.
it('stores 53,504 parameters for 128 channels', () => {
  const block = new ResidualBlock({ masked: true });
  block.build([null, 16, 16, 128]);
  expect(block.countParams()).toBe(53_504);
});

/** Pixels of a 5 x 5 image that the output in the middle sees. */
function seen(block: ResidualBlock): number[] {
  const middle = (x: tf.Tensor) => tf.sum(tf.slice(block.apply(x) as tf.Tensor, [0, 2, 2, 0], [1, 1, 1, -1]));
  const slopes = tf.sum(tf.abs(tf.grad(middle)(tf.randomUniform([1, 5, 5, 2], 1, 2, 'float32', 1))), -1);
  return [...slopes.dataSync()].flatMap((slope, i) => (slope === 0 ? [] : [i]));
}

it('sees its neighbours, masked just the earlier ones', () => {
  const positive = { kernelInitializer: 'ones' };
  expect(seen(new ResidualBlock(positive))).toEqual([6, 7, 8, 11, 12, 13, 16, 17, 18]);
  expect(seen(new ResidualBlock({ ...positive, masked: true }))).toEqual([6, 7, 8, 11, 12]);
  expect(seen(new ResidualBlock({ ...positive, kernelSize: [1, 3] }))).toEqual([11, 12, 13]);
});

it('masked with colours, keeps their order through all three convolutions', () => {
  const block = new ResidualBlock({ masked: true, colours: 3, hidden: 3, kernelInitializer: 'ones' });
  const x = tf.randomUniform([1, 3, 3, 3], 1, 2, 'float32', 1);
  block.apply(x);
  const sees = [0, 1, 2].map((output) => {
    const middle = (t: tf.Tensor) => tf.sum(tf.slice(block.apply(t) as tf.Tensor, [0, 1, 1, output], [1, 1, 1, 1]));
    const own = tf.slice(tf.grad(middle)(x), [0, 1, 1, 0], [1, 1, 1, 3]).dataSync();
    return [...own].map((slope) => slope !== 0);
  });
  expect(sees).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});

it.each<[ResidualBlockArgs, number, string]>([
  [{ hidden: 0 }, 4, 'ResidualBlock: hidden must be a positive integer, got 0.'],
  [{ masked: true, kernelSize: 2 }, 4, 'so that there is a centre, got [2, 2].'],
  [{ kernelSize: [0, 3] }, 4, 'ResidualBlock: kernelSize must be one or two positive integers, got [0, 3].'],
  [{}, 1, 'ResidualBlock: one channel has no half. Set hidden.'],
  [{ masked: true, colours: 3 }, 4, 'must be multiples of colours = 3, got 4 and 2.'],
])('refuses %o for %i channels', (args, channels, message) => {
  const make = () => new ResidualBlock(args).build([null, 4, 4, channels]);
  expect(make).toThrow(RangeError);
  expect(make).toThrow(message);
});
