import * as tf from '@tensorflow/tfjs-core';

/** Sums over what broadcasting has repeated: the gradient of an argument of shape `shape`. */
export function sumTo(dy: tf.Tensor, shape: number[]): tf.Tensor {
  const missing = dy.rank - shape.length;
  const axes = dy.shape
    .map((_, axis) => axis)
    .filter((i) => i < missing || (shape[i - missing] === 1 && dy.shape[i] !== 1));
  const sum = axes.length === 0 ? dy : tf.sum(dy, axes);
  return tf.reshape(sum, shape);
}

/** tfjs has these gradients, and forgets to sum over broadcast axes, so that they fail with a wrong shape. */
export function registerBroadcastingGradients(): void {
  const inputsToSave = ['a', 'b'];
  const pick =
    (first: typeof tf.less, second: typeof tf.less): tf.GradFunc =>
    (dy, [a, b]) => {
      const slope = (mask: tf.Tensor, { shape }: tf.Tensor) =>
        sumTo(tf.mul(dy as tf.Tensor, tf.cast(mask, 'float32')), shape);
      return { a: () => slope(first(a!, b!), a!), b: () => slope(second(a!, b!), b!) };
    };
  tf.registerGradient({ kernelName: tf.Maximum, inputsToSave, gradFunc: pick(tf.greaterEqual, tf.less) });
  tf.registerGradient({ kernelName: tf.Minimum, inputsToSave, gradFunc: pick(tf.lessEqual, tf.greater) });
  const gradFunc: tf.GradFunc = (dy, [a, b]) => {
    const slope = (from: tf.Tensor, minus: tf.Tensor) => tf.mul(dy as tf.Tensor, tf.mul(2, tf.sub(from, minus)));
    return { a: () => sumTo(slope(a!, b!), a!.shape), b: () => sumTo(slope(b!, a!), b!.shape) };
  };
  tf.registerGradient({ kernelName: tf.SquaredDifference, inputsToSave, gradFunc });
  tf.registerGradient({ kernelName: tf.BatchMatMul, inputsToSave, gradFunc: matMul });
}

/** Gradients of op(a) op(b), where batches broadcast: [..., M, K] x [..., K, N]. */
const matMul: tf.GradFunc = (dy, [a, b], attrs) => {
  const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
  const d = dy as tf.Tensor;
  return {
    a: () => {
      const slope = transposeA ? tf.matMul(b!, d, transposeB, true) : tf.matMul(d, b!, false, !transposeB);
      return sumTo(slope, a!.shape);
    },
    b: () => {
      const [left, right] = transposeA || !oneMatrix(b!) ? [a!, d] : [asRows(a!), asRows(d)];
      const slope = transposeB ? tf.matMul(right, left, true, transposeA) : tf.matMul(left, right, !transposeA, false);
      return sumTo(slope, b!.shape);
    },
  };
};

/** Then the rows of a batch meet one and the same matrix: its gradient is one product, not one for each of them. */
const oneMatrix = ({ size, shape }: tf.Tensor) => size === shape.at(-1)! * shape.at(-2)!;

function asRows(t: tf.Tensor): tf.Tensor {
  const columns = t.shape.at(-1)!;
  return t.rank === 2 ? t : tf.reshape(t, [t.shape.slice(0, -1).reduce((n, m) => n * m, 1), columns]);
}
