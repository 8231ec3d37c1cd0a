import { foldIn } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import type { Dataset } from './dataset.ts';
import { checkPositiveInteger, checkSeed } from './internal/options.ts';
import { pacer } from './internal/pacer.ts';

/**
 * Means over all of `data` of metrics given one number an example.
 *
 * `metrics` gets a batch and a seed of its own, and returns tensors [B], which are added up in float64 on the host: the means don't depend
 * on the batch size but for the seeds. It runs in a tidy; the batch is disposed here. The event loop gets its turns.
 * `onExample`, if given, is called with the numbers of each example, in order.
 * @throws RangeError if the data is empty or a metric is not [B]; TypeError if the metrics' names change between batches.
 */
export async function meanMetrics<B extends tf.TensorContainer>(
  data: Dataset<B>,
  batchSize: number,
  metrics: (batch: B, seed: number) => Record<string, tf.Tensor1D>,
  seed = 0,
  onExample?: (index: number, metrics: Record<string, number>) => void,
): Promise<Record<string, number>> {
  checkPositiveInteger('meanMetrics', 'batchSize', batchSize);
  checkSeed('meanMetrics', seed);
  if (!(data.size > 0))
    throw new RangeError(`meanMetrics: data must hold at least one example, got size ${data.size}.`);
  const pace = pacer();
  const sums: Record<string, number> = {};
  for (let start = 0, step = 0; start < data.size; start += batchSize, step++) {
    const count = Math.min(batchSize, data.size - start);
    const batch = data.batch(Uint32Array.from({ length: count }, (_, i) => start + i));
    let values: Record<string, tf.Tensor1D> = {};
    try {
      values = tf.tidy(() => metrics(batch, foldIn(seed, step)));
      if (step > 0 && Object.keys(values).sort().join() !== Object.keys(sums).sort().join()) {
        throw new TypeError(
          `meanMetrics: metrics must have the same names in every batch, got ${Object.keys(values)} after ${Object.keys(sums)}.`,
        );
      }
      const columns: [name: string, numbers: Float32Array][] = [];
      for (const [name, tensor] of Object.entries(values)) {
        if (tensor.rank !== 1 || tensor.shape[0] !== count) {
          throw new RangeError(
            `meanMetrics: '${name}' must have shape [${count}], a number an example, got [${tensor.shape}].`,
          );
        }
        const numbers = (await tensor.data()) as Float32Array;
        let sum = sums[name] ?? 0;
        for (const value of numbers) sum += value;
        sums[name] = sum;
        columns.push([name, numbers]);
      }
      for (let i = 0; onExample && i < count; i++) {
        onExample(start + i, Object.fromEntries(columns.map(([name, numbers]) => [name, numbers[i]!])));
      }
    } finally {
      tf.dispose([values, batch]); // a metric may be a part of the batch itself
    }
    await pace();
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / data.size]));
}
