import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { distance, on, startEngines, values } from '../../tests/engines.ts';

beforeAll(startEngines);

// Thin and packed products, whole and cut panels of 6 by 8, axes of 0 and 1 among them.
const axis = fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 20, max: 40 }));

/** Two batch shapes that broadcast: the full one with some axes 1, and perhaps shorter. */
const batches = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom('both', 'a', 'b')), { maxLength: 3 })
  .chain((axes) => fc.tuple(fc.constant(axes), fc.nat({ max: axes.length }), fc.boolean()))
  .map(([axes, cut, cutA]) => {
    const a = axes.map(([n, where]) => (where === 'b' ? 1 : n));
    const b = axes.map(([n, where]) => (where === 'a' ? 1 : n));
    return { a: cutA ? a.slice(cut) : a, b: cutA ? b : b.slice(cut) };
  });

it('matMul gives what the CPU engine gives: batches, broadcasting, transposes, empty and single axes', async () => {
  const property = fc.asyncProperty(
    batches,
    axis,
    axis,
    axis,
    fc.boolean(),
    fc.boolean(),
    async (batch, m, k, n, transposeA, transposeB) => {
      const a = [...batch.a, ...(transposeA ? [k, m] : [m, k])];
      const b = [...batch.b, ...(transposeB ? [n, k] : [k, n])];
      const got = await on('wasm', () => tf.matMul(values(a, 1), values(b, 2), transposeA, transposeB));
      // The CPU engine gets equal batches: its own broadcasting of [2, 1] with [1, 3] is wrong.
      const outer = tf.broadcast_util.assertAndGetBroadcastShape(batch.a, batch.b);
      const whole = (shape: number[], seed: number) =>
        tf.broadcastTo(values(shape, seed), [...outer, ...shape.slice(-2)]);
      const expected =
        m * k * n * outer.reduce((x, y) => x * y, 1) === 0
          ? { shape: [...outer, m, n], values: new Array<number>(outer.reduce((x, y) => x * y, m * n)).fill(0) }
          : await on('cpu', () => tf.matMul(whole(a, 1), whole(b, 2), transposeA, transposeB));
      expect(got.shape).toEqual(expected.shape);
      expect(distance(got.values, expected.values)).toBeLessThan(1e-5);
    },
  );
  await fc.assert(property, { seed: 1, numRuns: 300 });
});

it.each(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const)(
  'fused matMul with bias and %s gives what the CPU engine gives',
  async (activation) => {
    const property = fc.asyncProperty(
      fc.constantFrom([1, 1], [3, 1], [3, 3], [1, 3]),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      fc.boolean(),
      async ([batchA, batchB], m, k, n, transposeA, transposeB) => {
        const run = () =>
          tf.fused.matMul({
            a: values([batchA!, ...(transposeA ? [k, m] : [m, k])], 1),
            b: values([batchB!, ...(transposeB ? [n, k] : [k, n])], 2),
            transposeA,
            transposeB,
            bias: values([n], 3),
            activation,
            leakyreluAlpha: 0.3,
            ...(activation === 'prelu'
              ? { preluActivationWeights: values([Math.max(batchA!, batchB!), m, n], 4) }
              : {}),
          });
        const [got, expected] = [await on('wasm', run), await on('cpu', run)];
        expect(got.shape).toEqual(expected.shape);
        expect(distance(got.values, expected.values)).toBeLessThan(1e-5);
      },
    );
    await fc.assert(property, { seed: 2, numRuns: 40 });
  },
);

it('the gradients of a transposed product match differences', async () => {
  // The product is linear in each argument: a central difference of any step is exact but for rounding.
  await tf.setBackend('wasm');
  const [a, b, weight] = [values([2, 30, 25], 1), values([2, 35, 25], 2), values([2, 30, 35], 3)];
  const f = (x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.mul(tf.matMul(x, y, false, true), weight)) as tf.Scalar;
  const [da, db] = tf.grads(f)([a, b]);
  for (const [at, slope] of [[7, 0] as const, [1200, 1] as const]) {
    const inputs = [a, b];
    const moved = [1, -1].map((step) => {
      const data = inputs[slope]!.dataSync();
      data[at] = data[at]! + step;
      const args = inputs.map((x, i) => (i === slope ? tf.tensor(data, x.shape) : x));
      return f(args[0]!, args[1]!).dataSync()[0]!;
    });
    expect([da, db][slope]!.dataSync()[at]).toBeCloseTo((moved[0]! - moved[1]!) / 2, 3);
  }
});

it('leaves mismatched shapes and integers to the original and its words', async () => {
  await tf.setBackend('wasm');
  expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))).toThrow(/inner shapes/);
});

it('does not grow with repetition', async () => {
  await tf.setBackend('wasm');
  const backend = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  const [a, b] = [values([256, 256], 1), values([256, 256], 2)];
  const repeat = (times: number): number => {
    for (let i = 0; i < times; i++) tf.dispose([tf.matMul(a, b, true, false), tf.matMul(a, b, false, true)]);
    return backend.wasm.HEAPU8.length;
  };
  const before = repeat(5);
  expect(repeat(300)).toBe(before); // 300 matrices are 75 MB
});
