import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { CausalConv1d, type CausalConv1dArgs, causalConv1d } from './causal-conv1d.ts';
import { expectGolden } from './fixtures/golden.ts';

// Golden: torch.nn.functional.conv1d of an input padded in front, fixtures/layers.py; tfjs itself cannot train dilated convolutions.
it.each([
  [2, 1, 0],
  [3, 2, 0],
  [3, 3, 1],
  [2, 2, 9], // all of the seven steps are hidden
  [1, 1, 1],
])('%i taps, dilation %i, shift %i: PyTorch, gradients too', (taps, dilation, shift) => {
  expectGolden(`causal ${taps} taps, dilation ${dilation}, shift ${shift}`, ({ x, kernel, bias }) =>
    causalConv1d(x!, kernel!, bias, { dilation, shift }),
  );
});

it('a net of them sees no later step, bit for bit, and the earlier ones of its field', () => {
  const layers = [1, 2, 4].map(
    (dilation) =>
      new CausalConv1d({ filters: 2, kernelSize: 2, dilation, shift: dilation === 1 ? 1 : 0, activation: 'tanh' }),
  );
  const net = (x: tf.Tensor) => layers.reduce((h, layer) => layer.apply(h) as tf.Tensor, x);
  const x = tf.randomNormal([1, 12, 2], 0, 1, 'float32', 1);
  const before = net(x).dataSync();
  for (let step = 0; step < 12; step++) {
    const moved = x.dataSync().slice();
    moved[2 * step]! += 1;
    const after = net(tf.tensor(moved, x.shape)).dataSync();
    const changed = Array.from({ length: 12 }, (_, t) => t).filter((t) => after[2 * t] !== before[2 * t]);
    // The field: steps t - 1 to t - 8.
    expect(changed).toEqual(Array.from({ length: 12 }, (_, t) => t).filter((t) => step < t && t <= step + 8));
  }
});

it.each<[Partial<CausalConv1dArgs>, string]>([
  [{ filters: 0 }, 'CausalConv1d: filters must be a positive integer, got 0.'],
  [{ kernelSize: 1.5 }, 'CausalConv1d: kernelSize must be a positive integer, got 1.5.'],
  [{ dilation: 0 }, 'CausalConv1d: dilation must be a positive integer, got 0.'],
  [{ shift: -1 }, 'CausalConv1d: shift must be an integer from 0, got -1.'],
])('refuses %o', (args, message) => {
  const make = () => new CausalConv1d({ filters: 2, kernelSize: 2, ...args });
  expect(make).toThrow(RangeError);
  expect(make).toThrow(message);
});

it('says which shapes do not fit', () => {
  const run = () => causalConv1d(tf.ones([1, 4, 2]), tf.ones([2, 3, 2]), undefined);
  expect(run).toThrow(RangeError);
  expect(run).toThrow(
    'causalConv1d: x must be [B, T, C], the kernel [k, C, F] and a bias [F], got [1, 4, 2], [2, 3, 2].',
  );
  const apply = () => new CausalConv1d({ filters: 2, kernelSize: 2 }).apply(tf.ones([1, 4, 4, 2]));
  expect(apply).toThrow('CausalConv1d: the input must be [B, T, C] with a known number of channels, got [1, 4, 4, 2].');
});
