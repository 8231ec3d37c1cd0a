import type * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';

export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface LayerRow {
  readonly name: string;
  readonly type: string;
  readonly outputShape: readonly (number | null)[];
  readonly params: number;
}

/** What the trainer asks of a model of images. D = height * width * channels; pixels are in [0, 1]. */
export interface ImageModel {
  readonly weights: Readonly<Record<string, tf.Variable>>;
  countParams(): number;
  describe(): readonly LayerRow[];
  /** Before the first step: the mean of the training images, [D] in [0, 1]. */
  prepare(mean: Float64Array): void;
  /** The scalar to minimise for grey images x [B, D]. */
  loss(x: tf.Tensor2D, seed: number): tf.Scalar;
  /** Metrics per image, each [B]; `full` adds those too slow for every epoch. */
  metrics(x: tf.Tensor2D, seed: number, full: boolean): Record<string, tf.Tensor1D>;
  /** Adds what follows from the means (psnr from mse). */
  summarise(means: Record<string, number>): Record<string, number>;
  /** Codes [B, Z]: the posterior mean where there is one. */
  encode(x: tf.Tensor2D): tf.Tensor2D;
  /** Mean images [B, D] of codes [B, Z]. */
  decode(z: tf.Tensor2D): tf.Tensor2D;
  /** Dimensions of a code: Z. */
  readonly latent: number;
  /** Whether codes are drawn from N(0, I) (else from a Gaussian fitted to the codes of training images). */
  readonly hasPrior: boolean;
  dispose(): void;
}

export type Settings = Record<string, string | number | boolean>;

export interface ModelSpec {
  readonly name: string;
  readonly summary: string;
  /** Keys of `--set`, with their defaults and bounds. */
  readonly schema: z.ZodObject;
  readonly defaults: {
    readonly data: string;
    readonly epochs: number;
    readonly batch: number;
    readonly learningRate: number;
  };
  /** The validation metric that chooses the best weights. */
  readonly monitor: { readonly metric: string; readonly mode: 'min' | 'max' };
  /** What the reader of a figure must know: binarisation, units. */
  readonly notes: (settings: Settings) => readonly string[];
  readonly create: (settings: Settings, shape: ImageShape, seed: number) => ImageModel;
}
