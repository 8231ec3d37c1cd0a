import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { distance, on, startEngines, values } from '../../../tests/engines.ts';

beforeAll(startEngines);

const size = fc.nat({ max: 5 });

it('sums by segment as the CPU engine does, ids outside the range left out', async () => {
  const property = fc.asyncProperty(
    fc.array(size, { minLength: 1, maxLength: 2 }),
    fc.array(size, { maxLength: 2 }),
    fc.integer({ min: 1, max: 6 }),
    fc.infiniteStream(fc.integer({ min: -2, max: 7 })),
    async (outer, inner, numSegments, stream) => {
      const rows = outer.reduce((a, b) => a * b, 1);
      const ids = Array.from({ length: rows }, () => stream.next().value as number);
      // tf.unsortedSegmentSum takes ids of rank 1 alone, and the CPU engine sums but the first axis.
      const run = (shape: number[], idShape: number[]) => () =>
        tf
          .engine()
          .runKernel(
            'UnsortedSegmentSum',
            { x: values(shape, 1), segmentIds: tf.tensor(ids, idShape, 'int32') },
            { numSegments },
          ) as tf.Tensor;
      const got = await on('wasm', run([...outer, ...inner], outer));
      const expected = await on('cpu', run([rows, ...inner], [rows]));
      expect(got.shape).toEqual(expected.shape);
      expect(distance(got.values, expected.values)).toBeLessThan(1e-6);
    },
  );
  await fc.assert(property, { seed: 1, numRuns: 150 });
});

it('keeps integers whole', async () => {
  const got = await on('wasm', () =>
    tf.unsortedSegmentSum(tf.tensor1d([2 ** 24, 1, 5], 'int32'), tf.tensor1d([0, 0, 1], 'int32'), 2),
  );
  expect(got).toEqual({ shape: [2], dtype: 'int32', values: [2 ** 24 + 1, 5] }); // not a float32
});

it('gather has the gradient that it has on the CPU engine', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }),
    fc.nat(),
    fc.infiniteStream(fc.nat()),
    async (shape, idShape, draw, stream) => {
      const axis = draw % shape.length;
      const count = idShape.reduce((a, b) => a * b, 1);
      const ids = Array.from({ length: count }, () => (stream.next().value as number) % shape[axis]!);
      const run = () => {
        const gather = (x: tf.Tensor) => tf.gather(x, tf.tensor(ids, idShape, 'int32'), axis);
        return tf.grad((x) => tf.sum(tf.square(gather(x))))(values(shape, 1));
      };
      const [got, expected] = [await on('wasm', run), await on('cpu', run)];
      expect(got.shape).toEqual(expected.shape);
      expect(distance(got.values, expected.values)).toBeLessThan(1e-5);
    },
  );
  await fc.assert(property, { seed: 2, numRuns: 100 });
});
