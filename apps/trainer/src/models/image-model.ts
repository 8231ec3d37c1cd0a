import type { Corruption } from '@proj/models';
import type * as tf from '@tensorflow/tfjs-core';
import type { Model, Shape } from '../tasks/task.ts';

export interface ImageShape extends Shape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** [H, W, C] of a run's shape. */
export const imageShape = (shape: Shape): [height: number, width: number, channels: number] => {
  const { height, width, channels } = shape as ImageShape;
  return [height, width, channels];
};

/** What the trainer asks of a model of images with codes. D = height * width * channels; pixels are in [0, 1]. */
export interface ImageModel extends Model {
  /** Images [B, D] as the model takes them, drawn from grey ones: binary ones. Absent: as they are. */
  observe?(x: tf.Tensor2D, seed: number): tf.Tensor2D;
  /** What its inputs were corrupted by in training. Absent: nothing. */
  readonly corruption?: Corruption;
  /** Before the first step: the mean of the training images, [D] in [0, 1]. */
  prepare(mean: Float64Array): void;
  /** The scalar to minimise for grey images x [B, D]. */
  loss(x: tf.Tensor, seed: number, step: number): tf.Scalar;
  /** Metrics per image, each [B]; `full` adds those too slow for every epoch. */
  metrics(x: tf.Tensor2D, seed: number, full: boolean): Record<string, tf.Tensor1D>;
  /** Adds what follows from the means (psnr from mse). */
  summarise(means: Record<string, number>): Record<string, number>;
  /** Codes [B, Z]: the posterior mean where there is one. */
  encode(x: tf.Tensor2D): tf.Tensor2D;
  /** Mean images [B, D] of codes [B, Z]. */
  decode(z: tf.Tensor2D): tf.Tensor2D;
  /** Codes [count, Z] from the prior. Absent: there is none, and a Gaussian is fitted to the codes of training images. */
  sampleCodes?(count: number, seed: number, temperature: number): tf.Tensor2D;
  /** How many dimensions of the code the images [N, D] tell apart; a scalar. Absent: there is no such figure. */
  activeUnits?(x: tf.Tensor2D): tf.Scalar;
}
