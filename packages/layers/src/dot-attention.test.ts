import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { type AttentionOptions, DotAttention, dotAttention } from './dot-attention.ts';
import { expectGolden } from './fixtures/golden.ts';

// Golden: softmax of masked scores in PyTorch, fixtures/layers.py. With five attended positions of four, the last go together.
const MASK = () => tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [2, 5]);
it.each<[string, () => AttentionOptions]>([
  ['attention', () => ({})],
  ['attention, scale 1, causal', () => ({ scale: 1, causal: true })],
  ['attention, padded', () => ({ mask: MASK() })],
  ['attention, causal and padded', () => ({ causal: true, mask: tf.cast(MASK(), 'bool') })],
])('%s: PyTorch, gradients too', (name, options) => {
  expectGolden(name, ({ query, key, value }) => dotAttention(query!, key!, value!, options()));
});

it('works for any axes between, such as heads', () => {
  const [q, k, v] = [1, 2, 3].map((seed) => tf.randomNormal([2, 3, 4, 5], 0, 1, 'float32', seed)) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const mask = tf.tensor2d([1, 1, 1, 0, 0, 1, 1, 1], [2, 4]);
  const all = dotAttention(q, k, v, { causal: true, mask });
  for (const head of [0, 1, 2]) {
    const own = (t: tf.Tensor) => tf.squeeze(tf.slice(t, [0, head, 0, 0], [-1, 1, -1, -1]), [1]);
    const alone = dotAttention(own(q), own(k), own(v), { causal: true, mask });
    expect(tf.max(tf.abs(tf.sub(own(all), alone))).dataSync()[0]).toBeLessThan(1e-6);
  }
});

it('is causal bit for bit: later positions do not count, however large', () => {
  const x = tf.randomNormal([1, 6, 3], 0, 1, 'float32', 1);
  const run = (t: tf.Tensor) => dotAttention(t, t, t, { causal: true }).dataSync();
  const before = run(x);
  for (let step = 0; step < 6; step++) {
    const moved = x.dataSync().slice();
    moved[3 * step] = 1000;
    const after = run(tf.tensor(moved, x.shape));
    expect(after.slice(0, 3 * step)).toEqual(before.slice(0, 3 * step));
    expect(after.slice(3 * step, 3 * step + 3)).not.toEqual(before.slice(3 * step, 3 * step + 3));
  }
});

it('gives zeros where nothing is to be seen, with gradients of 0', () => {
  const x = tf.ones([2, 3, 2]);
  const mask = tf.tensor2d([0, 0, 0, 0, 1, 1], [2, 3]);
  const run = (t: tf.Tensor) => dotAttention(t, t, t, { causal: true, mask });
  expect([...run(x).dataSync()]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  expect(
    [
      ...tf
        .grad((t) => tf.sum(run(t)))(x)
        .dataSync(),
    ].every(Number.isFinite),
  ).toBe(true);
});

// Golden: Keras's Attention without a scale, softmax(x x^T) x, by hand: x = [0, log 2], weights of the second row 1 : 2^(log 2).
it('of itself, without a scale: the layer tokun uses', () => {
  const log2 = Math.log(2);
  const layer = new DotAttention({ scale: 1 });
  const y = layer.apply(tf.tensor3d([0, log2], [1, 2, 1])) as tf.Tensor;
  const share = 2 ** log2 / (1 + 2 ** log2);
  expect(y.dataSync()[0]).toBeCloseTo(log2 / 2, 6);
  expect(y.dataSync()[1]).toBeCloseTo(share * log2, 6);
  expect(layer.countParams()).toBe(0);
});

it('takes the mask that an embedding hands on', () => {
  const embedding = layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputLength: 4 });
  const model = sequential({ layers: [embedding, new DotAttention({ scale: 0.5 })] });
  const words = tf.tensor2d([[2, 3, 0, 0]]);
  const rows = embedding.apply(words) as tf.Tensor;
  const wanted = dotAttention(rows, rows, rows, { scale: 0.5, mask: tf.tensor2d([[1, 1, 0, 0]]) });
  const got = model.predict(words) as tf.Tensor;
  expect(got.arraySync()).toEqual(wanted.arraySync());
  expect(got.arraySync()).not.toEqual(dotAttention(rows, rows, rows, { scale: 0.5 }).arraySync());
});

it('takes query, value, key and mask in that order', () => {
  const [q, v, k] = [1, 2, 3].map((seed) => tf.randomNormal([2, 4, 3], 0, 1, 'float32', seed)) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const mask = tf.tensor2d([1, 1, 0, 0, 1, 1, 1, 0], [2, 4]);
  const run = (inputs: tf.Tensor[], usePaddingMask: boolean) =>
    (new DotAttention({ usePaddingMask }).apply(inputs) as tf.Tensor).arraySync();
  expect(run([q, v, k, mask], true)).toEqual(dotAttention(q, k, v, { mask }).arraySync());
  expect(run([q, v, mask], true)).toEqual(dotAttention(q, v, v, { mask }).arraySync());
  expect(run([q, mask], true)).toEqual(dotAttention(q, q, q, { mask }).arraySync());
  expect(run([q, v, k], false)).toEqual(dotAttention(q, k, v).arraySync());
});

it('says what does not fit', () => {
  const [q, k] = [tf.ones([2, 4, 3]), tf.ones([2, 5, 3])];
  expect(() => dotAttention(q, tf.ones([2, 5, 2]), k)).toThrow(RangeError);
  expect(() => dotAttention(q, tf.ones([2, 5, 2]), k)).toThrow(
    'value [B, ..., S, E] and a mask [B, S], got [2, 4, 3], [2, 5, 2], [2, 5, 3].',
  );
  expect(() => dotAttention(q, k, q)).toThrow('got [2, 4, 3], [2, 5, 3], [2, 4, 3].');
  expect(() => dotAttention(q, k, k, { mask: tf.ones([2, 4]) })).toThrow('[2, 5, 3], [2, 4].');
  expect(() => dotAttention(q, k, k, { scale: Number.NaN })).toThrow('scale must be a finite number, got NaN.');
  expect(() => new DotAttention({ scale: Number.POSITIVE_INFINITY })).toThrow(
    'DotAttention: scale must be a finite number',
  );
  expect(() => new DotAttention().apply(tf.ones([2, 3]))).toThrow('DotAttention: inputs must be a query [B, T, D]');
});

it('leaves nothing behind but its result', () => {
  const [q, mask] = [tf.ones([2, 4, 3]), tf.ones([2, 4])];
  const before = tf.memory().numTensors;
  dotAttention(q, q, q, { causal: true, mask }).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
