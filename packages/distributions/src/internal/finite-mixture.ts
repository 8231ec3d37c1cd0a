import * as tf from '@tensorflow/tfjs-core';
import type { Categorical } from '../categorical.ts';
import { Distribution, type Shape } from '../distribution.ts';
import { logSumExp } from '../math/log-sum-exp.ts';
import { splitSeed } from '../random.ts';
import { logProbs, oneHotOf } from './classes.ts';
import { complemented } from './complemented.ts';
import { constant } from './constant.ts';
import { withBatch } from './with-batch.ts';

type Named<T> = Readonly<Record<string, T>>;

/** What the mixtures share: everything but how the K components are kept. */
export abstract class FiniteMixture<E extends Shape> extends Distribution<E> {
  abstract readonly mixture: Categorical;
  readonly reparameterized = false;

  /** `f` of each component at `value`, stacked: [..., K]. */
  protected abstract valuesOf(f: (d: Distribution, x: tf.Tensor) => tf.Tensor, value: tf.Tensor): tf.Tensor;
  /** `f` of each component, an event of `rank` axes, stacked: [...batchShape, K, ...event]. */
  protected abstract statisticsOf(f: (d: Distribution) => tf.Tensor, rank: number): tf.Tensor;
  /** A draw of every component, stacked: [...sampleShape, ...batchShape, K, ...eventShape]. */
  protected abstract drawsOf(sampleShape: Shape, seed: number): tf.Tensor;

  /** One component's draw for each class drawn. Gradients end here. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const { batchShape, eventShape } = this;
    const [ofClasses, ofDraws] = splitSeed(seed) as [number, number];
    return constant(() => {
      const classes = withBatch(this.mixture, batchShape).sample({ sampleShape, seed: ofClasses });
      const draws = this.drawsOf(sampleShape, ofDraws);
      const chosen = tf.cast(oneHotOf(classes, this.mixture.classes), 'bool');
      const mask = tf.reshape(chosen, [...chosen.shape, ...eventShape.map(() => 1)]);
      return tf.sum(tf.where(mask, draws, tf.zerosLike(draws)), -1 - eventShape.length);
    })(...Object.values(this.parameters));
  }

  /** log sum_k w_k p_k(value). */
  protected _logProb(value: tf.Tensor): tf.Tensor {
    return this.logMix(this.valuesOf((d, x) => Distribution.logProbOf(d, x), value));
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return this.mix(
      this.valuesOf((d, x) => d.cdf(x), value),
      0,
    );
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return this.mix(
      this.valuesOf((d, x) => d.survival(x), value),
      0,
    );
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return complemented(this.logMix(this.valuesOf((d, x) => d.logCdf(x), value)), this._survival(value));
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return complemented(this.logMix(this.valuesOf((d, x) => d.logSurvival(x), value)), this._cdf(value));
  }

  protected override _mean(): tf.Tensor {
    const rank = this.eventShape.length;
    return this.mix(this.means(), rank);
  }

  /** Mean of the variances and variance of the means. */
  protected override _variance(): tf.Tensor {
    const rank = this.eventShape.length;
    const variances = this.statisticsOf((d) => d.variance(), rank);
    return this.mix(tf.add(variances, tf.square(this.deviations())), rank);
  }

  /** Mean of the covariances and covariance of the means. */
  protected override _covariance(): tf.Tensor | undefined {
    if (this.eventShape.length !== 1) return undefined;
    const deviations = this.deviations();
    const outer = tf.mul(tf.expandDims(deviations, -1), tf.expandDims(deviations, -2));
    return this.mix(
      tf.add(
        this.statisticsOf((d) => d.covariance(), 2),
        outer,
      ),
      2,
    );
  }

  private means(): tf.Tensor {
    return this.statisticsOf((d) => d.mean(), this.eventShape.length);
  }

  /** Of the components' means from the mixture's. */
  private deviations(): tf.Tensor {
    return tf.sub(this.means(), tf.expandDims(this._mean(), -1 - this.eventShape.length));
  }

  /** sum_k w_k t_k, where K stands before the last `rank` axes. */
  private mix(t: tf.Tensor, rank: number): tf.Tensor {
    const weights = tf.exp(logProbs(this.mixture.logits));
    const aligned = tf.reshape(weights, [...weights.shape, ...new Array<number>(rank).fill(1)]);
    return tf.sum(tf.mul(aligned, t), -1 - rank);
  }

  /** log sum_k w_k exp(t_k). */
  private logMix(t: tf.Tensor): tf.Tensor {
    return logSumExp(tf.add(logProbs(this.mixture.logits), t), -1);
  }
}

/** Entries of several distributions under one name each. */
export const prefixed = <T>(parts: Named<Named<T>>): Named<T> =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([part, entries]) =>
      Object.entries(entries).map(([key, value]) => [`${part}.${key}`, value]),
    ),
  );

/** @throws TypeError unless the mixture's weights come from a Categorical. */
export function checkMixture(who: string, mixture: Categorical): void {
  if (mixture?.name !== 'Categorical') {
    throw new TypeError(`${who}: mixture must be a Categorical, got ${mixture?.name ?? String(mixture)}.`);
  }
}
