import { normal } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { robustness } from './robustness.ts';

beforeAll(() => tf.setBackend('cpu'));

const [TOKENS, DIM] = [400, 6];
/** Feature d has the deviation d + 1 and the mean 10 d. */
const vectors = () =>
  tf.tensor2d(
    normal(TOKENS * DIM, 1).map((x, i) => 10 * (i % DIM) + ((i % DIM) + 1) * x),
    [TOKENS, DIM],
  );

/** What was added to each number, [N, D]. */
const added = async (noisy: tf.Tensor2D, z: tf.Tensor2D) => {
  const difference = tf.sub(noisy, z);
  const values = await difference.array();
  difference.dispose();
  return values as number[][];
};
const meanSquare = (values: number[]) => values.reduce((sum, x) => sum + x * x, 0) / values.length;

it('each kind of noise is what it says, in deviations of the vectors', async () => {
  const z = vectors();
  const noises: number[][][] = [];
  const rows = await robustness(z, 3, async (noisy) => {
    noises.push(await added(noisy, z));
    return noises.length;
  });
  expect(rows.map(({ sigma }) => sigma)).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4]);
  expect(rows[2]).toEqual({ sigma: 0.5, independent: 7, shared: 8, structured: 9 });
  const deviation = Array.from((await tf.sqrt(tf.moments(z, 0).variance).data()) as Float32Array);
  for (const [i, { sigma }] of rows.entries()) {
    const [independent, shared, structured] = noises.slice(3 * i, 3 * i + 3) as [number[][], number[][], number[][]];
    for (let d = 0; d < DIM; d++) {
      const wanted = (sigma * deviation[d]!) ** 2;
      const found = meanSquare(independent.map((row) => row[d]!));
      expect(Math.abs(found - wanted)).toBeLessThanOrEqual(5 * wanted * Math.sqrt(2 / TOKENS) + 1e-6); // 5 standard errors
      for (const row of structured) expect(Math.abs(row[d]! - sigma * deviation[d]!)).toBeLessThan(1e-4);
      for (const row of shared) expect(Math.abs(row[d]! - shared[0]![d]!)).toBeLessThan(1e-4); // all tokens alike
    }
    if (sigma > 0) expect(shared[0]!.map(Math.sign)).not.toEqual(structured[0]!.map(Math.sign));
  }
  // One draw of 6 numbers for each of 9 deviations, each over sigma times the mean deviation: 54 standard normals.
  const mean = deviation.reduce((sum, x) => sum + x, 0) / DIM;
  const standard = rows.flatMap(({ sigma }, i) =>
    sigma > 0 ? noises[3 * i + 1]![0]!.map((x) => x / (sigma * mean)) : [],
  );
  expect(Math.abs(meanSquare(standard) - 1)).toBeLessThan(5 * Math.sqrt(2 / 54));
  z.dispose();
});

it('the same seed, the same noise; nothing is left behind', async () => {
  const z = vectors();
  const run = async (seed: number) => {
    const sums: number[] = [];
    await robustness(z, seed, async (noisy) => {
      const sum = tf.sum(noisy);
      sums.push((await sum.data())[0]!);
      sum.dispose();
      return 0;
    });
    return sums;
  };
  const before = tf.memory().numTensors;
  const first = await run(1);
  expect(tf.memory().numTensors).toBe(before);
  expect(await run(1)).toEqual(first);
  expect(await run(2)).not.toEqual(first);
  z.dispose();
});
