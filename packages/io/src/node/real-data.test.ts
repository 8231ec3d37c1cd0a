import { expect, it } from 'vitest';
import { fetchDataSet, verifyDataSet } from './find.ts';
import { loadImages } from './load-images.ts';

// The real files, PROJ_DATA_DIR names their folder.
const real = it.skipIf(!process.env.PROJ_DATA_DIR);
if (!process.env.PROJ_DATA_DIR) console.warn('skipped: the tests on real data need PROJ_DATA_DIR');

real('mnist loads whole, in less than a second where the machine is free (needs PROJ_DATA_DIR)', async () => {
  const start = performance.now();
  const data = await loadImages('mnist');
  const seconds = (performance.now() - start) / 1000;
  expect([data.train.count, data.validation.count, data.test.count]).toEqual([54_000, 6_000, 10_000]);
  const labels = new Array<number>(10).fill(0);
  let sum = 0;
  for (const part of [data.train, data.validation]) {
    for (const label of part.labels!) labels[label]!++;
    for (const value of part.images) sum += value;
  }
  // Golden: the data's README, "Training labels per digit" and "Mean pixel 0.1307 of 1".
  expect(labels).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  expect(sum / 255 / 784 / 60_000).toBeCloseTo(0.1307, 4);
  expect([...data.test.labels!.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]); // as every MNIST tutorial prints
  expect(seconds).toBeLessThan(4); // 0.4 s alone; other tests run beside this one
});

real('fashion-mnist and cifar10 say that they are not whole (needs PROJ_DATA_DIR)', async () => {
  const fashion = await loadImages('fashion-mnist');
  expect(fashion.source).toContain('not the whole set: the first 8,226 of 60,000 training');
  expect([fashion.train.count + fashion.validation.count, fashion.test.count]).toEqual([8226, 6978]);
  const cifar = await loadImages('cifar10', { limit: 1500 });
  expect(cifar.source).toContain('not the whole set: the first 2,000');
  expect(cifar).toMatchObject({ height: 32, width: 32, channels: 3 });
  expect([...new Set(cifar.train.labels!)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

real('all other sets are found and right (needs PROJ_DATA_DIR)', async () => {
  for (const name of ['recipes', 'names', 'cora', 'shakespeare']) {
    const { files, source } = await fetchDataSet(name, { cacheDir: '/nonexistent' });
    expect(source).toContain(process.env.PROJ_DATA_DIR);
    expect((await verifyDataSet(name, { cacheDir: '/nonexistent' })).files).toEqual(files);
  }
});
