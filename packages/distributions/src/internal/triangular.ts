import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../distribution.ts';
import { expand } from './expand.ts';
import { broadcastShape } from './shape.ts';
import { sumTo } from './sum-to.ts';

/** The lower triangle with its diagonal, shape [..., N, N]; zeros above, whatever stands there, and so is the gradient. */
export const lowerTriangle = (matrix: tf.Tensor): tf.Tensor =>
  keep(matrix, (n) => tf.linalg.bandPart(tf.ones([n, n]), -1, 0));

/** The diagonal, shape [..., N] of [..., N, N]. */
export const diagonal = (matrix: tf.Tensor): tf.Tensor => tf.sum(keep(matrix, tf.eye), -1);

/** The numbers where `pattern` is 1, zeros elsewhere: a product would be NaN where 0 meets Infinity. */
function keep(matrix: tf.Tensor, pattern: (n: number) => tf.Tensor): tf.Tensor {
  return tf.tidy(() =>
    tf.customGrad((input) => {
      const x = input as tf.Tensor;
      const kept = tf.greater(expand(pattern(x.shape.at(-1)!), x.shape), 0);
      return { value: tf.where(kept, x, tf.zerosLike(x)), gradFunc: (dy: tf.Tensor) => keep(dy, pattern) };
    })(matrix),
  );
}

/**
 * The y with L y = b, or with `transposed` the one with L' y = b, for L [..., N, N] and b [..., N, M] whose first axes
 * broadcast. Only the lower triangle of L counts. Gradients of every order reach both.
 *
 * Reads from the device: the substitution runs on the host in float64, and y is rounded once.
 */
export function solveTriangular(lower: tf.Tensor, b: tf.Tensor, transposed = false): tf.Tensor {
  return tf.tidy(() => {
    const [n, m] = b.shape.slice(-2) as [number, number];
    const batch = broadcastShape('solveTriangular', { lower: lower.shape.slice(0, -2), b: b.shape.slice(0, -2) });
    const solve = tf.customGrad((...inputs) => {
      const save = inputs.pop() as tf.GradSaveFunc;
      const [matrix, columns] = inputs as tf.Tensor[];
      save([matrix!, columns!]);
      return {
        value: substitute(matrix!, columns!, batch, n, m, transposed),
        // L y = b: b' = L^-T y', and L' = -b' y^T below the diagonal. For L^T y = b the product is turned.
        gradFunc: (dy: tf.Tensor, [l, right]: tf.Tensor[]) => {
          const dB = solveTriangular(l!, dy, !transposed);
          // Again, since a result that is saved has lost its own gradient.
          const y = solveTriangular(l!, right!, transposed);
          const dL = tf.neg(lowerTriangle(tf.matMul(transposed ? y : dB, transposed ? dB : y, false, true)));
          return [sumTo(dL, matrix!.shape), sumTo(dB, columns!.shape)];
        },
      };
    });
    return solve(lower, b);
  });
}

function substitute(l: tf.Tensor, b: tf.Tensor, batch: Shape, n: number, m: number, transposed: boolean): tf.Tensor {
  // Each matrix is read where it lies: those that broadcast are not copied.
  const [matrices, columns] = [l.dataSync(), b.dataSync()];
  const [lAt, bAt] = [offsets(l.shape.slice(0, -2), batch, n * n), offsets(b.shape.slice(0, -2), batch, n * m)];
  const out = new Float32Array(lAt.length * n * m);
  const y = new Float64Array(n * m);
  lAt.forEach((from, k) => {
    for (let step = 0; step < n; step++) {
      const i = transposed ? n - 1 - step : step;
      for (let c = 0; c < m; c++) {
        let sum = columns[bAt[k]! + i * m + c]!;
        for (let s = 0; s < step; s++) {
          const j = transposed ? n - 1 - s : s;
          sum -= matrices[from + (transposed ? j * n + i : i * n + j)]! * y[j * m + c]!;
        }
        y[i * m + c] = sum / matrices[from + i * n + i]!;
      }
    }
    out.set(y, k * n * m);
  });
  return tf.tensor(out, [...batch, n, m]);
}

/** Where in the data of `own` batches each of `batch` begins, `size` numbers apart. */
function offsets(own: Shape, batch: Shape, size: number): Float64Array {
  const numbers = tf.tidy(() => {
    const count = tf.util.sizeFromShape(own);
    return expand(tf.reshape(tf.range(0, count), own), batch).dataSync();
  });
  return Float64Array.from(numbers, (index) => index * size);
}
