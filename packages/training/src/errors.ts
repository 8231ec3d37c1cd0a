/** The loss, the gradient or a weight became NaN or infinite. The 'last' checkpoint is from before it. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';

  /**
   * @param epoch counted from 1
   * @param step in the epoch, counted from 1
   * @param value the number that is not finite
   * @param what what it is the value of
   */
  constructor(
    readonly epoch: number,
    readonly step: number,
    readonly value: number,
    what = 'the loss',
  ) {
    super(
      `fit: ${what} must be finite, got ${value} at epoch ${epoch}, step ${step}. ` +
        'Lower learningRate or set clipNorm, and go on from the last checkpoint.',
    );
  }
}
