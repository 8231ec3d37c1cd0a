import * as tf from '@tensorflow/tfjs-core';
import type { Categorical } from './categorical.ts';
import type { Constraint } from './constraint.ts';
import type { ChangeBatch, Distribution, Shape } from './distribution.ts';
import { expand } from './internal/expand.ts';
import { checkMixture, FiniteMixture, prefixed } from './internal/finite-mixture.ts';
import { broadcastShape, sameShape, showShape } from './internal/shape.ts';
import { withBatch } from './internal/with-batch.ts';
import { splitSeed } from './random.ts';

/**
 * Mixture of distributions of any families over events of one shape, with the weights of `mixture`: component k is drawn
 * as often as its class k. The batches broadcast. Gradients reach all of them through logProb, not through draws.
 *
 * Components of one family are cheaper as MixtureSameFamily.
 */
export class Mixture<E extends Shape = Shape> extends FiniteMixture<E> {
  readonly name = 'Mixture';
  readonly batchShape: Shape;
  readonly eventShape: E;

  /** @throws RangeError unless there is one component for each class of `mixture`, and all have one event shape. */
  constructor(
    readonly mixture: Categorical,
    readonly components: readonly Distribution<E>[],
  ) {
    super(components[0]?.validateArgs);
    checkMixture('Mixture', mixture);
    if (components.length !== mixture.classes) {
      throw new RangeError(
        `Mixture: there must be one component for each of the ${mixture.classes} classes, got ${components.length}.`,
      );
    }
    this.eventShape = components[0]!.eventShape;
    for (const { name, eventShape } of components) {
      if (sameShape(eventShape, this.eventShape)) continue;
      throw new RangeError(
        `Mixture: the components must have one event shape, got ${showShape(this.eventShape)} of ${components[0]!.name} and ` +
          `${showShape(eventShape)} of ${name}.`,
      );
    }
    this.batchShape = broadcastShape('Mixture', {
      'mixture.batchShape': mixture.batchShape,
      ...Object.fromEntries(components.map((c, k) => [`components[${k}].batchShape`, c.batchShape])),
    });
  }

  get support(): Constraint {
    const supports = this.components.map((c) => c.support);
    return {
      name: [...new Set(supports.map(({ name }) => name))].join(' or '),
      eventRank: supports[0]!.eventRank,
      check: (value) => supports.map((s) => s.check(value)).reduce((a, b) => tf.logicalOr(a, b)),
    };
  }

  get parameters(): Readonly<Record<string, tf.Tensor>> {
    return prefixed({ mixture: this.mixture.parameters, ...this.byComponent((c) => c.parameters) });
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return prefixed({ mixture: this.mixture.argConstraints, ...this.byComponent((c) => c.argConstraints) });
  }

  mapBatch(change: ChangeBatch): Mixture<E> {
    const mapped = this.components.map((c) => c.mapBatch(change));
    return new Mixture(this.mixture.mapBatch(change) as Categorical, mapped);
  }

  dispose(): void {
    this.mixture.dispose();
    for (const component of this.components) component.dispose();
  }

  protected valuesOf(f: (d: Distribution, x: tf.Tensor) => tf.Tensor, value: tf.Tensor): tf.Tensor {
    const rank = value.rank - this.eventShape.length;
    const shape = broadcastShape('Mixture', { value: value.shape.slice(0, rank), batchShape: this.batchShape });
    return tf.stack(
      this.components.map((c) => expand(f(c, value), shape)),
      shape.length,
    );
  }

  protected statisticsOf(f: (d: Distribution) => tf.Tensor, rank: number): tf.Tensor {
    const { batchShape } = this;
    const each = this.components.map((c) => {
      const t = f(c);
      return expand(t, [...batchShape, ...t.shape.slice(t.rank - rank)]);
    });
    return tf.stack(each, batchShape.length);
  }

  protected drawsOf(sampleShape: Shape, seed: number): tf.Tensor {
    const { batchShape, components } = this;
    const seeds = splitSeed(seed, components.length);
    const draws = components.map((c, k) => withBatch(c, batchShape).sample({ sampleShape, seed: seeds[k]! }));
    return tf.stack(draws, sampleShape.length + batchShape.length);
  }

  private byComponent<T>(f: (c: Distribution) => T): Record<string, T> {
    return Object.fromEntries(this.components.map((c, k) => [`components[${k}]`, f(c)]));
  }
}
