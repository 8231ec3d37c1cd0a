import { normal } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { arrayDataset, type Checkpoint, type CheckpointStore, type TrainableModel } from '../src/index.ts';

/** 23 points [3]: with batches of 5, five steps an epoch and a last batch of 3. */
export const points = arrayDataset(normal(23 * 3, 1), [3]);
export const batchSize = 5;
export const steps = 5;

export interface Toy extends TrainableModel<tf.Tensor> {
  loss(x: tf.Tensor, seed: number): tf.Scalar;
  numbers(): Record<string, number[]>;
  dispose(): void;
}

/** Denoising through a bottleneck of 2, with noise from the seed: small, not convex, and different for every seed. */
export function toy(start = 0): Toy {
  const weights = {
    encoder: tf.variable(tf.tensor2d(normal(6, start + 11), [3, 2])),
    decoder: tf.variable(tf.tensor2d(normal(6, start + 12), [2, 3])),
    bias: tf.variable(tf.zeros([3])),
  };
  return {
    weights,
    loss: (x, seed) =>
      tf.tidy(() => {
        const noise = tf.tensor(normal(x.size, seed), x.shape);
        const code = tf.tanh(tf.matMul(tf.add(x, noise) as tf.Tensor2D, weights.encoder as tf.Tensor2D));
        const back = tf.add(tf.matMul(code, weights.decoder as tf.Tensor2D), weights.bias);
        return tf.mean(tf.square(tf.sub(back, x)));
      }),
    numbers: () => Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, [...weight.dataSync()]])),
    dispose: () => tf.dispose(weights),
  };
}

/** Keeps checkpoints as a file would: state as JSON text, tensors copied. */
export class FileLike implements CheckpointStore {
  readonly saves: string[] = [];
  private readonly files = new Map<string, { state: string; tensors: Checkpoint['tensors'] }>();

  async save(name: 'last' | 'best', { state, tensors }: Checkpoint): Promise<void> {
    this.saves.push(`${name} ${state.globalStep}`);
    this.files.set(name, { state: JSON.stringify(state), tensors: structuredClone(tensors) });
  }

  async load(name: 'last' | 'best'): Promise<Checkpoint | undefined> {
    const file = this.files.get(name);
    return file && { state: JSON.parse(file.state), tensors: structuredClone(file.tensors) };
  }
}
