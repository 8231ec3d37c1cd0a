import type * as tf from '@tensorflow/tfjs-core';

/** Sizes of the axes, first axis first; [] is a scalar. */
export type Shape = number[];

/** How much to draw, and from which seed. */
export interface SampleOptions {
  /** Shape of the independent draws from each distribution of the batch; [] (one draw) if omitted. */
  sampleShape?: Shape;
  /** Integer from 0 to 2^53 - 1: same seed, same draws on every engine. Omitted: fresh ones at each call. */
  seed?: number;
}

/**
 * A batch of probability distributions, each over events of one shape. Logs are in nats.
 *
 * Parameters and arguments are borrowed, results belong to the caller. What a family does not define throws an Error.
 */
export abstract class Distribution {
  /** The family, as error messages and `klDivergence` name it. */
  abstract readonly name: string;
  /** Whether gradients of `sample` reach the parameters. */
  abstract readonly reparameterized: boolean;
  /** Shape of the batch of distributions: of what `entropy` returns. */
  abstract readonly batchShape: Shape;
  /** Shape of one event. */
  abstract readonly eventShape: Shape;

  /** Draws of shape [...sampleShape, ...batchShape, ...eventShape]. */
  abstract sample(options?: SampleOptions): tf.Tensor;

  /** Log density, or log probability, of `value`, one number for each event in it. */
  abstract logProb(value: tf.Tensor): tf.Tensor;

  /** Expectation, shape [...batchShape, ...eventShape]. */
  mean(): tf.Tensor {
    throw this.undefinedHere('mean');
  }

  /** Variance of each element of an event, shape [...batchShape, ...eventShape]. */
  variance(): tf.Tensor {
    throw this.undefinedHere('variance');
  }

  /** Standard deviation of each element of an event, shape [...batchShape, ...eventShape]. */
  stddev(): tf.Tensor {
    throw this.undefinedHere('stddev');
  }

  /** The most likely event, shape [...batchShape, ...eventShape]. */
  mode(): tf.Tensor {
    throw this.undefinedHere('mode');
  }

  /** Entropy in nats, shape batchShape. */
  entropy(): tf.Tensor {
    throw this.undefinedHere('entropy');
  }

  /**
   * KL(this || other) in nats, shape = broadcast of both batch shapes.
   *
   * @throws TypeError if there is no formula for the pair.
   */
  klDivergence(other: Distribution): tf.Tensor {
    throw this.noKl(other);
  }

  protected noKl(other: Distribution): TypeError {
    return new TypeError(
      `klDivergence: no closed form is known here for KL(${this.name} || ${other?.name ?? String(other)}). ` +
        'Estimate it as the mean of p.logProb(x) - q.logProb(x) over samples x of p.',
    );
  }

  private undefinedHere(what: string): Error {
    return new Error(`${this.name}: ${what}() is not defined for this distribution.`);
  }
}
