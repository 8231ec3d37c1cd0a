import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILDS, DTYPES, type Dtype, data, same, shape, start } from '../../../tests/move.ts';

const number = fc.constantFrom<Dtype>('float32', 'int32');
const by = fc.nat({ max: 11 });

describe.each(BUILDS)('%s build', (build) => {
  beforeAll(() => start(build));

  it('cumsum and cumprod, by every axis, exclusive and in reverse', async () => {
    const options = [shape(1, 4), number, by, fc.boolean(), fc.boolean(), fc.boolean()] as const;
    const property = fc.asyncProperty(...options, async (sizes, type, draw, exclusive, reverse, special) => {
      const axis = draw % sizes.length;
      const x = () => data(sizes, type, draw, special);
      await same(() => tf.cumsum(x(), axis, exclusive, reverse));
      const signs = () => tf.sub(tf.mul(2, tf.cast(tf.greater(x(), 0), 'float32')), 1);
      await same(() => tf.cumprod(signs(), axis, exclusive, reverse));
    });
    await fc.assert(property, { seed: 1, numRuns: 200 });
  });

  it('argMax and argMin: the first of equals; NaN wins where it comes first', async () => {
    const property = fc.asyncProperty(shape(1, 4), number, by, fc.boolean(), async (sizes, type, draw, special) => {
      const axis = draw % sizes.length;
      if (sizes.includes(0)) return;
      await same(() => tf.argMax(data(sizes, type, draw, special), axis));
      await same(() => tf.argMin(data(sizes, type, draw, special), axis));
    });
    await fc.assert(property, { seed: 2, numRuns: 200 });
    for (const n of [16, 40, 1000]) {
      await same(() => tf.argMax(tf.concat([data([n], 'float32', 1), tf.tensor1d([Number.NaN])])));
      await same(() => tf.argMin(tf.fill([n], Number.NaN)));
      await same(() => tf.argMax(tf.mod(tf.range(0, n), 13)));
    }
  });

  it('cast: to int32 as JavaScript does, to bool whatever is not 0', async () => {
    const odd = [0.5, -0.5, -1.9, 2 ** 31, -(2 ** 31) - 256, 2 ** 32, 3e9, -7e12, 1e30, 256, 1e-40];
    const pairs = DTYPES.flatMap((from) => DTYPES.map((to) => [from, to] as const));
    const property = fc.asyncProperty(shape(0, 3), fc.constantFrom(...pairs), async (sizes, [from, to]) => {
      await same(() => tf.cast(data(sizes, from, 1), to));
      if (from === 'float32') await same(() => tf.cast(tf.tile(tf.tensor1d(odd), [3]), to));
    });
    await fc.assert(property, { seed: 3, numRuns: 100 });
  });

  it('a clone shares its data and outlives its original', async () => {
    await tf.setBackend('wasm');
    const x = data([2, 3], 'float32', 1, false);
    const values = Array.from(x.dataSync());
    const before = tf.memory();
    const copy = tf.clone(x);
    const turned = tf.transpose(tf.reshape(copy, [2, 1, 3]), [1, 0, 2]);
    x.dispose();
    const moved = tf.tidy(() => tf.add(copy, 1));
    expect(Array.from(copy.dataSync())).toEqual(values);
    expect(Array.from(turned.dataSync())).toEqual(values);
    await tf.setBackend('cpu'); // its data goes there and back
    expect(Array.from(tf.neg(copy).dataSync())).toEqual(values.map((v) => -v));
    await tf.setBackend('wasm');
    expect(Array.from(tf.neg(turned).dataSync())).toEqual(values.map((v) => -v));
    tf.dispose([copy, turned, moved]);
    expect(tf.memory().numDataBuffers).toBeLessThan(before.numDataBuffers + 4);
  });
});
