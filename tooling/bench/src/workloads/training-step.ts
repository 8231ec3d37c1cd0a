import { Adam, type TrainableModel } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';

/**
 * A training step of the benchmark: next batch from a host array (consecutive, wrapping round), forward, backward, Adam on
 * every parameter, loss read on the host.
 */
export function trainingStep(
  name: string,
  model: TrainableModel<tf.Tensor> & { dispose(): void },
  data: Uint8Array,
  itemSize: number,
  batch: number,
  learningRate: number,
  steps = 1,
): Variant {
  const optimizer = new Adam(model.weights);
  const variables = Object.values(model.weights);
  const items = data.length / itemSize;
  let at = 0;
  let seed = 0;
  const step = async () => {
    const values = new Float32Array(batch * itemSize);
    for (let i = 0; i < batch; i++) {
      const from = ((at + i) % items) * itemSize;
      for (let k = 0; k < itemSize; k++) values[i * itemSize + k] = data[from + k]! / 255;
    }
    at = (at + batch) % items;
    const x = tf.tensor(values, [batch, itemSize], 'float32');
    const { value, grads } = tf.variableGrads(() => model.loss(x, seed++), variables);
    const named = Object.entries(model.weights).map(([key, weight]) => [key, grads[weight.name]]);
    optimizer.update(Object.fromEntries(named), learningRate);
    await value.data();
    tf.dispose([x, value, grads]);
  };
  return {
    name,
    amount: batch * steps,
    rateUnit: 'images/s',
    async run() {
      for (let i = 0; i < steps; i++) await step();
    },
    dispose() {
      optimizer.dispose();
      model.dispose();
    },
  };
}
