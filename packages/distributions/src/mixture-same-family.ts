import * as tf from '@tensorflow/tfjs-core';
import type { Categorical } from './categorical.ts';
import type { Constraint } from './constraint.ts';
import type { ChangeBatch, Distribution, Shape } from './distribution.ts';
import { expand } from './internal/expand.ts';
import { checkMixture, FiniteMixture, prefixed } from './internal/finite-mixture.ts';
import { broadcastShape, showShape } from './internal/shape.ts';
import { withBatch } from './internal/with-batch.ts';

/**
 * Mixture of K distributions of one family, which are the last batch axis of `components`: batch [..., K]. `mixture` has
 * their weights; its batch and the other axes of the components' broadcast. Gradients reach both through logProb, not
 * through draws.
 *
 * A mixture of K Gaussians over [D] has components `new Independent(new Normal(loc, scale), 1)`, loc and scale [K, D].
 */
export class MixtureSameFamily<E extends Shape = Shape> extends FiniteMixture<E> {
  readonly name = 'MixtureSameFamily';
  readonly batchShape: Shape;
  readonly eventShape: E;

  /** @throws RangeError unless the components' last batch axis has one entry for each class of `mixture`. */
  constructor(
    readonly mixture: Categorical,
    readonly components: Distribution<E>,
  ) {
    super(components.validateArgs);
    checkMixture('MixtureSameFamily', mixture);
    const batch = components.batchShape;
    if (batch.at(-1) !== mixture.classes) {
      throw new RangeError(
        `MixtureSameFamily: the last batch axis must have one entry for each of the ${mixture.classes} classes, ` +
          `got batch shape ${showShape(batch)} of ${components.name}.`,
      );
    }
    this.batchShape = broadcastShape('MixtureSameFamily', {
      'mixture.batchShape': mixture.batchShape,
      'components.batchShape[:-1]': batch.slice(0, -1),
    });
    this.eventShape = components.eventShape;
  }

  get support(): Constraint {
    const { support } = this.components;
    return {
      name: `${support.name} for one of the components`,
      eventRank: support.eventRank,
      check: (value) => tf.any(support.check(this.spread(value)), -1),
    };
  }

  get parameters(): Readonly<Record<string, tf.Tensor>> {
    return prefixed({ mixture: this.mixture.parameters, components: this.components.parameters });
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return prefixed({ mixture: this.mixture.argConstraints, components: this.components.argConstraints });
  }

  mapBatch(change: ChangeBatch): MixtureSameFamily<E> {
    const { mixture, components } = this;
    // The components' axis stays as it is: to the change it is part of the parameter.
    const mapped = components.mapBatch((t, rank) =>
      tf.tidy(() => change(expand(t, [...components.batchShape, ...t.shape.slice(t.rank - rank)]), rank + 1)),
    );
    return new MixtureSameFamily(mixture.mapBatch(change) as Categorical, mapped);
  }

  dispose(): void {
    this.mixture.dispose();
    this.components.dispose();
  }

  protected valuesOf(f: (d: Distribution, x: tf.Tensor) => tf.Tensor, value: tf.Tensor): tf.Tensor {
    return f(this.components, this.spread(value));
  }

  protected statisticsOf(f: (d: Distribution) => tf.Tensor): tf.Tensor {
    return f(this.components);
  }

  protected drawsOf(sampleShape: Shape, seed: number): tf.Tensor {
    const all = [...this.batchShape, this.mixture.classes];
    return withBatch(this.components, all).sample({ sampleShape, seed });
  }

  /** An axis for the components before those of the event. */
  private spread(value: tf.Tensor): tf.Tensor {
    return tf.expandDims(value, -1 - this.eventShape.length);
  }
}
