/** Peak signal-to-noise ratio in decibels, for pixels in [0, 1], from the mean squared error; Infinity where it is 0. */
export function psnr(meanSquaredError: number): number {
  if (!(meanSquaredError >= 0)) {
    // written so that NaN fails too
    throw new RangeError(`psnr: the mean squared error must not be negative, got ${meanSquaredError}.`);
  }
  return -10 * Math.log10(meanSquaredError);
}
