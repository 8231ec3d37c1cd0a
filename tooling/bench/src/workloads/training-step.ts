import { Adam } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';

interface Weighted {
  readonly weights: Readonly<Record<string, tf.Variable>>;
  dispose(): void;
}

/** Forward, backward, Adam on every parameter, the loss read on the host. `dispose` frees the model too. */
export function optimizerStep(model: Weighted, loss: (seed: number) => tf.Scalar, learningRate: number) {
  const optimizer = new Adam(model.weights);
  const named = Object.entries(model.weights);
  const variables = Object.values(model.weights);
  let seed = 0;
  return {
    async step(): Promise<number> {
      const { value, grads } = tf.variableGrads(() => loss(seed++), variables);
      optimizer.update(Object.fromEntries(named.map(([name, weight]) => [name, grads[weight.name]])), learningRate);
      const [read] = await value.data();
      tf.dispose([value, grads]);
      return read!;
    },
    dispose(): void {
      optimizer.dispose();
      model.dispose();
    },
  };
}

export interface TrainingStep {
  readonly name: string;
  readonly model: Weighted & { loss(batch: tf.Tensor, seed: number): tf.Scalar };
  /** On the host, [items, itemSize]; the batches are of its type. */
  readonly data: Float32Array | Int32Array;
  readonly itemSize: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Steps of one unit. */
  readonly steps?: number;
  /** What a step gets through, and its name; by default the images of the batch. */
  readonly rate?: { readonly amount: number; readonly unit: string };
}

/** Consecutive runs of `size` numbers, whole ones, the last followed by the first. */
export function inTurn<T extends Float32Array | Int32Array>(data: T, size: number): () => T {
  const count = Math.floor(data.length / size);
  let at = 0;
  return () => {
    const from = (at++ % count) * size;
    return data.subarray(from, from + size) as T;
  };
}

/** Steps on batches copied from a host array, consecutive, the last followed by the first. */
export function trainingStep(definition: TrainingStep): Variant {
  const { name, model, data, itemSize, batch, learningRate, steps = 1 } = definition;
  const { amount, unit } = definition.rate ?? { amount: batch, unit: 'images/s' };
  const type = data instanceof Int32Array ? 'int32' : 'float32';
  const next = inTurn(data, batch * itemSize);
  let x: tf.Tensor;
  const { step, dispose } = optimizerStep(model, (seed) => model.loss(x, seed), learningRate);
  return {
    name,
    amount: amount * steps,
    rateUnit: unit,
    async run() {
      for (let i = 0; i < steps; i++) {
        x = tf.tensor(next(), [batch, itemSize], type);
        await step();
        x.dispose();
      }
    },
    dispose,
  };
}
