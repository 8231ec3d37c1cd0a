import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { expectLayerGolden } from './fixtures/golden.ts';
import { MultiHeadAttention, type MultiHeadAttentionArgs } from './multi-head-attention.ts';

const WEIGHTS = ['query', 'key', 'value', 'output'].flatMap((name) => [`${name}Kernel`, `${name}Bias`]);

// Golden: torch.nn.functional.multi_head_attention_forward, fixtures/layers.py.
it('is that of PyTorch, and so are its gradients', () => {
  const inputs = ['query', 'value'];
  expectLayerGolden('two heads', new MultiHeadAttention({ heads: 2 }), { inputs, weights: WEIGHTS });
  expectLayerGolden(
    'two heads, causal and padded',
    new MultiHeadAttention({ heads: 2, causal: true, usePaddingMask: true }),
    {
      inputs,
      weights: WEIGHTS,
      also: [tf.tensor2d([1, 1, 1, 1, 1, 1, 0, 0], [2, 4])],
    },
  );
});

// Counts: Keras 3, keras.layers.MultiHeadAttention(num_heads=3, key_dim=5, value_dim=4) on [B, T, 8] is 8*15+15 twice, 8*12+12 and
// 12*8+8.
it('has as many parameters as in Keras', () => {
  const layer = new MultiHeadAttention({ heads: 3, headSize: 5, valueSize: 4 });
  layer.build([null, 7, 8]);
  expect(layer.countParams()).toBe(2 * (8 * 15 + 15) + (8 * 12 + 12) + (12 * 8 + 8));
  const bare = new MultiHeadAttention({ heads: 2, useBias: false, outputSize: 3 });
  bare.build([null, 7, 8]);
  expect(bare.countParams()).toBe(3 * 64 + 8 * 3);
});

it('is causal bit for bit', () => {
  const layer = new MultiHeadAttention({ heads: 2, causal: true });
  const x = tf.randomNormal([1, 5, 4], 0, 1, 'float32', 1);
  const before = (layer.apply(x) as tf.Tensor).dataSync();
  const moved = x.dataSync().slice();
  moved[3 * 4] = 100;
  const after = (layer.apply(tf.tensor(moved, x.shape)) as tf.Tensor).dataSync();
  expect(after.slice(0, 12)).toEqual(before.slice(0, 12));
  expect(after.slice(12, 16)).not.toEqual(before.slice(12, 16));
});

it.each<[Partial<MultiHeadAttentionArgs>, string]>([
  [{ heads: 0 }, 'MultiHeadAttention: heads must be a positive integer, got 0.'],
  [{ headSize: 1.5 }, 'MultiHeadAttention: headSize must be a positive integer, got 1.5.'],
  [{ heads: 5 }, 'MultiHeadAttention: D must be a multiple of heads, got D = 64 and heads = 5. Set headSize.'],
])('refuses %o', (args, message) => {
  const make = () => new MultiHeadAttention({ heads: 4, ...args }).build([null, 3, 64]);
  expect(make).toThrow(RangeError);
  expect(make).toThrow(message);
});
