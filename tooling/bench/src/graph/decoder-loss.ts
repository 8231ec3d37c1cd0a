import * as tf from '@tensorflow/tfjs-core';

/** Undirected edges, each given once, without self-loops: int32 [E] each. */
export interface Edges {
  readonly from: tf.Tensor1D;
  readonly to: tf.Tensor1D;
}

/** Weight of the positives and of the whole: those of Kipf and Welling's code, from the entries of A without the diagonal. */
export function decoderWeights(nodes: number, edges: number): { posWeight: number; norm: number } {
  const [pairs, ones] = [nodes * nodes, 2 * edges];
  return { posWeight: (pairs - ones) / ones, norm: pairs / (2 * (pairs - ones)) };
}

/**
 * Loss of the inner-product decoder, l = z z^T, against the labels A + I:
 *
 *   norm x mean over all N^2 pairs of  (1 - y) softplus(l) + posWeight y softplus(-l)
 *
 * written as a sum over all pairs, as if each were a negative, and a correction over the few positives:
 *
 *   norm / N^2 x ( sum_all softplus(l) + sum_(y = 1) [posWeight softplus(-l) - softplus(l)] )
 *
 * so that neither y nor l is ever there as a whole.
 */
export function innerProductLoss(z: tf.Tensor2D, { from, to }: Edges): tf.Scalar {
  const nodes = z.shape[0];
  const { posWeight, norm } = decoderWeights(nodes, from.size);
  return tf.tidy(() => {
    const onEdges = tf.sum(tf.mul(tf.gather(z, from), tf.gather(z, to)), 1); // [E], each stands for (i, j) and (j, i)
    const onDiagonal = tf.sum(tf.square(z), 1); // [N]
    const correction = (l: tf.Tensor) =>
      tf.sum(tf.sub(tf.mul(posWeight, tf.softplus(tf.neg(l))), tf.softplus(l))) as tf.Scalar;
    const positives = tf.add(tf.mul(2, correction(onEdges)), correction(onDiagonal));
    return tf.mul(norm / nodes ** 2, tf.add(sumSoftplusOfPairs(z), positives)) as tf.Scalar;
  });
}

/** Rows of l made at once: [64, N] floats are 0.7 MB for Cora, which stay in the cache from one operation to the next. */
const BLOCK = 64;

/**
 * `sum over all i, j of softplus(z_i . z_j)`, a scalar. Its gradient is 2 sigmoid(l) z, as l is symmetric.
 *
 * Row blocks of l, from the diagonal to the right alone: what is left of it is there by symmetry. The gradient is made
 * with the value, while a block of l is there.
 */
export function sumSoftplusOfPairs(z: tf.Tensor2D, block = BLOCK): tf.Scalar {
  const op = tf.customGrad((x, save) => {
    const { value, half } = tf.tidy(() => valueAndHalfGradient(x as tf.Tensor2D, block));
    (save as tf.GradSaveFunc)([half]);
    return {
      value,
      gradFunc: (dy, saved) => tf.mul((saved as tf.Tensor[])[0]!, tf.mul(dy, 2)),
    };
  });
  return op(z) as tf.Scalar;
}

function valueAndHalfGradient(z: tf.Tensor2D, block: number): { value: tf.Tensor; half: tf.Tensor } {
  const [nodes, size] = z.shape;
  let value: tf.Tensor = tf.scalar(0);
  let below: tf.Tensor2D = tf.zeros(z.shape); // of the rows from the block on: what earlier blocks gave them
  let rest = z; // the same rows of z
  const done: tf.Tensor2D[] = [];
  for (let start = 0; start < nodes; start += block) {
    const rows = Math.min(block, nodes - start);
    const left = nodes - start - rows;
    const here = tf.tidy(() => {
      const zs = tf.slice(rest, [0, 0], [rows, size]);
      const logits = tf.matMul(zs, rest, false, true); // [rows, rows + left]
      const columns = tf.sum(tf.softplus(logits), 0); // [rows + left]; those right of the square count twice
      const twice = tf.sub(tf.mul(2, tf.sum(columns)), tf.sum(tf.slice(columns, 0, rows)));
      const sigmoid = tf.sigmoid(logits);
      const mine = tf.add(tf.matMul(sigmoid, rest), tf.slice(below, [0, 0], [rows, size])) as tf.Tensor2D;
      if (left === 0) return { value: tf.add(value, twice), mine, below, rest };
      const given = tf.add(below, tf.matMul(sigmoid, zs, true)); // its first rows are the square's, counted in `mine`
      return {
        value: tf.add(value, twice),
        mine,
        below: tf.slice(given, [rows, 0], [left, size]) as tf.Tensor2D,
        rest: tf.slice(rest, [rows, 0], [left, size]),
      };
    });
    done.push(here.mine);
    if (left > 0) tf.dispose([value, below, ...(rest === z ? [] : [rest])]);
    ({ value, below, rest } = here);
  }
  return { value, half: tf.concat(done) };
}
