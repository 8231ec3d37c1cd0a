import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, it } from 'vitest';
import { always, distinct, holds, shapeOf } from '../../tests/differences.ts';
import { startEngines } from '../../tests/engines.ts';

beforeAll(startEngines);

/** A shape and two that broadcast to it. */
const pair = fc.tuple(shapeOf(0, 3), fc.nat(), fc.nat(), fc.nat({ max: 3 })).map(([shape, ones, others, cut]) => {
  const a = shape.map((n, axis) => (ones & (1 << axis) ? 1 : n));
  const b = shape.map((n, axis) => (others & (1 << axis) ? 1 : n)).slice(Math.min(cut, shape.length));
  return [a, b];
});

it('maximum, minimum and squaredDifference sum over what they repeat', async () => {
  const make = (shape: number[], seed: number) => tf.add(distinct(shape, seed), seed / 2); // no number of a is one of b
  await always(pair, async (shapes) => {
    await holds(tf.maximum, shapes, { step: 0.125, make });
    await holds(tf.minimum, shapes, { step: 0.125, make });
    await holds(tf.squaredDifference, shapes);
  });
});

it('matMul: batches that broadcast, any side transposed', async () => {
  const sizes = fc.tuple(pair, shapeOf(3, 3, 4), fc.boolean(), fc.boolean());
  await always(sizes, async ([[left, right], [m, k, n], transposeA, transposeB]) => {
    const a = [...left!, ...(transposeA ? [k!, m!] : [m!, k!])];
    const b = [...right!, ...(transposeB ? [n!, k!] : [k!, n!])];
    await holds((s, t) => tf.matMul(s, t, transposeA, transposeB), [a, b]);
  });
});
