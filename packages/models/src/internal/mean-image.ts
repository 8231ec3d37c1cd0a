import * as tf from '@tensorflow/tfjs-core';

/**
 * Sets the biases of a decoder's outputs so that it begins with the mean image of the training set, whatever the code: one bias
 * a pixel, or one a channel, which gets the channel's mean. `outputOf` is the output whose mean is a grey value.
 *
 * @throws RangeError unless `mean` has `pixels` numbers in [0, 1].
 */
export function startOutputs(
  who: string,
  bias: tf.Variable,
  { mean, pixels, outputOf }: { mean: ArrayLike<number>; pixels: number; outputOf: (mean: number) => number },
): void {
  const outside = Array.from(mean).find((value) => !(value >= 0 && value <= 1));
  if (mean.length !== pixels || outside !== undefined) {
    const got = mean.length === pixels ? outside : `${mean.length} numbers`;
    throw new RangeError(`${who}: expected ${pixels} means in [0, 1], got ${got}. Divide bytes by 255.`);
  }
  const sums = new Float64Array(bias.size);
  for (let i = 0; i < pixels; i++) sums[i % bias.size]! += mean[i]!;
  const outputs = Float32Array.from(sums, (sum) => outputOf((sum * bias.size) / pixels));
  tf.tidy(() => bias.assign(tf.tensor1d(outputs)));
}
