import type { DistributionOptions, Value } from './distribution.ts';
import { logisticHalfLine } from './internal/half-line.ts';
import { Truncated } from './internal/truncated.ts';

/**
 * Logistic distribution (`loc`, `scale`) cut to [low, high] and normed anew; `low` and `high` may be infinite. Everything is computed
 * on the host in float64, exact for windows far out in a tail too, so every method reads from the device. Its moments are closed forms
 * too, the variance by way of the dilogarithm.
 */
export class TruncatedLogistic extends Truncated {
  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(loc: Value, scale: Value, low: Value, high: Value, options?: DistributionOptions) {
    super('TruncatedLogistic', logisticHalfLine, [loc, scale, low, high], options);
  }
}
