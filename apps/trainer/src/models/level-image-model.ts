import * as tf from '@tensorflow/tfjs-core';
import type { Model } from '../tasks/task.ts';

export interface DrawImagesOptions {
  readonly count: number;
  readonly seed: number;
  readonly temperature?: number;
  /** Levels [count, H, W, C] and a mask that broadcasts to them: where it is not 0 they stay. */
  readonly given?: tf.Tensor;
  readonly mask?: tf.Tensor;
}

/** What the trainer asks of a model that gives images of integer levels a probability. It sees them at a size of its own. */
export interface LevelImageModel extends Model {
  /** Of the images it models. */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** A level is 0 .. levels - 1. */
  readonly levels: number;
  /** Grey images [B, D] of the data, in [0, 1], as the levels [B, H, W, C] that are modelled. */
  observe(x: tf.Tensor): tf.Tensor4D;
  /** Before the first step: some training images, [B, D]. */
  prepare?(x: tf.Tensor): void;
  /** The scalar to minimise for grey images x [B, D] of the data. */
  loss(x: tf.Tensor, seed: number, step: number): tf.Scalar;
  /** Metrics per image, each [B]. */
  metrics(x: tf.Tensor): Record<string, tf.Tensor1D>;
  /** Levels [count, H, W, C]. */
  draw(options: DrawImagesOptions): Promise<tf.Tensor4D>;
}

/**
 * Bytes at another size, bilinear with half-pixel centres and no antialiasing, as TensorFlow and PyTorch have it:
 * [B, D] in [0, 1], multiples of 1/255 -> [B, H, W, C] in [0, 255], exact while their numerators fit float32 (28 -> 16, 28 -> 32).
 */
export class Resizer {
  private readonly matrix: tf.Tensor2D | undefined;

  constructor(
    private readonly from: readonly [height: number, width: number, channels: number],
    private readonly to: readonly [height: number, width: number],
  ) {
    const [height, width] = from;
    if (height === to[0] && width === to[1]) return;
    const [rows, columns] = [weights(height, to[0]), weights(width, to[1])];
    const matrix = new Float32Array(height * width * to[0] * to[1]);
    rows.forEach((row, y) => {
      columns.forEach((column, x) => {
        for (const [sy, wy] of row) {
          for (const [sx, wx] of column) matrix[((sy * width + sx) * to[0] + y) * to[1] + x]! += wy * wx;
        }
      });
    });
    this.matrix = tf.tensor2d(matrix, [height * width, to[0] * to[1]]);
  }

  apply(x: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      const [height, width, channels] = this.from;
      const batch = x.shape[0]!;
      const bytes = tf.round(tf.mul(x, 255));
      if (this.matrix === undefined) return tf.reshape(bytes, [batch, height, width, channels]);
      const byChannel = tf.transpose(tf.reshape(bytes, [batch, height * width, channels]), [0, 2, 1]);
      const resized = tf.matMul(tf.reshape(byChannel, [batch * channels, height * width]) as tf.Tensor2D, this.matrix);
      const images = tf.transpose(tf.reshape(resized, [batch, channels, this.to[0] * this.to[1]]), [0, 2, 1]);
      return tf.reshape(images, [batch, ...this.to, channels]);
    });
  }

  dispose(): void {
    this.matrix?.dispose();
  }
}

/** Of every new place: the old places it is made of and their shares. */
function weights(from: number, to: number): [place: number, share: number][][] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(Math.floor(at), from - 1);
    const share = Math.min(at, from - 1) - low;
    return [
      [low, 1 - share],
      [Math.min(low + 1, from - 1), share],
    ];
  });
}
