import * as tf from '@tensorflow/tfjs-core';

interface Attrs {
  size: [number, number];
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

type Taps = (position: number, size: number) => [at: number, weight: number][];

/**
 * tfjs's gradient of resizing fails unless images are square (bilinear) and does not know halfPixelCenters (both).
 * Resizing is a matrix for the rows and one for the columns; the gradient goes through both transposed.
 */
export function registerResizeGradients(): void {
  register(tf.ResizeBilinear, ({ halfPixelCenters }) => ({
    shift: halfPixelCenters ? [0.5, 0.5] : [0, 0],
    taps: (position, size) => {
      const low = Math.max(0, Math.floor(position));
      const share = position - low;
      const high = Math.min(size - 1, Math.max(0, Math.ceil(position)));
      return [
        [Math.min(low, size - 1), 1 - share],
        [high, share],
      ];
    },
  }));
  register(tf.ResizeNearestNeighbor, ({ halfPixelCenters, alignCorners }) => ({
    shift: halfPixelCenters ? [0.5, 0] : [0, 0],
    taps: (position, size) => {
      const nearest = alignCorners ? Math.round(position) : Math.floor(position);
      return [[Math.max(0, Math.min(size - 1, nearest)), 1]];
    },
  }));
}

interface Kind {
  /** Added to the position in the output, and taken from that in the input. */
  shift: [number, number];
  taps: Taps;
}

function register(kernelName: string, kind: (attrs: Attrs) => Kind): void {
  const gradFunc: tf.GradFunc = (dy, [images], attrs) => {
    const { alignCorners, size } = attrs as unknown as Attrs;
    const { shift, taps } = kind(attrs as unknown as Attrs);
    const matrix = (axis: 0 | 1) => {
      const [input, output] = [images!.shape[axis + 1]!, size[axis]];
      const aligned = alignCorners && output > 1 ? 1 : 0;
      const ratio = (input - aligned) / (output - aligned);
      const weights = new Float32Array(input * output);
      for (let o = 0; o < output; o++) {
        for (const [at, weight] of taps(ratio * (o + shift[0]) - shift[1], input)) {
          weights[at * output + o] = weights[at * output + o]! + weight;
        }
      }
      return tf.tensor2d(weights, [input, output]);
    };
    return {
      images: () => {
        const [batch, height, width, channels] = images!.shape as [number, number, number, number];
        const rows = tf.matMul(matrix(0), tf.reshape(dy as tf.Tensor, [batch, size[0], size[1] * channels]));
        const columns = tf.matMul(matrix(1), tf.reshape(rows, [batch * height, size[1], channels]));
        return tf.reshape(columns, [batch, height, width, channels]);
      },
    };
  };
  tf.registerGradient({ kernelName, inputsToSave: ['images'], gradFunc });
}
