import * as tf from '@tensorflow/tfjs-core';
import { drawPairs } from './split-edges.ts';

/** Undirected edges, each given once, without self-loops: int32 [E] each. */
export interface Edges {
  readonly from: tf.Tensor1D;
  readonly to: tf.Tensor1D;
}

export interface DecoderLossOptions {
  /** Sampled pairs per edge in place of all N^2: an unbiased estimate, in memory that grows with the edges. Default: all pairs. */
  negatives?: number;
  /** Draws those pairs. Default 0. */
  seed?: number;
}

/**
 * Weight of the positives and of the whole, from the 2 E entries of A without the diagonal.
 *
 * Source: the code of Kipf & Welling 2016 (tkipf/gae), arXiv:1611.07308.
 */
export function decoderWeights(nodes: number, edges: number): { posWeight: number; norm: number } {
  const [pairs, ones] = [nodes * nodes, 2 * edges];
  return { posWeight: (pairs - ones) / ones, norm: pairs / (2 * (pairs - ones)) };
}

/**
 * Loss of the inner-product decoder, l = z z^T with z [N, Z], against the labels A + I, a scalar:
 *
 *   norm x mean over all N^2 pairs of  (1 - y) softplus(l) + posWeight y softplus(-l)
 *
 * written as a sum over all pairs, as if each were a negative, and a correction over the few positives:
 *
 *   norm / N^2 x ( sum_all softplus(l) + sum_(y = 1) [posWeight softplus(-l) - softplus(l)] )
 *
 * so that neither y nor l is ever there as a whole. With `negatives` the pairs off the diagonal are sampled.
 */
export function innerProductLoss(
  z: tf.Tensor2D,
  edges: Edges,
  { negatives, seed = 0 }: DecoderLossOptions = {},
): tf.Scalar {
  const nodes = z.shape[0];
  const count = edges.from.size;
  const { posWeight, norm } = decoderWeights(nodes, count);
  return tf.tidy(() => {
    const onDiagonal = tf.sum(tf.square(z), 1); // [N]
    const correction = (l: tf.Tensor) =>
      tf.sum(tf.sub(tf.mul(posWeight, tf.softplus(tf.neg(l))), tf.softplus(l))) as tf.Scalar;
    const onEdges = pairLogits(z, edges.from, edges.to); // each stands for (i, j) and (j, i)
    const positives = tf.add(tf.mul(2, correction(onEdges)), correction(onDiagonal));
    const all =
      negatives === undefined
        ? sumSoftplusOfPairs(z)
        : tf.add(sampledSum(z, Math.ceil(negatives * count), seed), tf.sum(tf.softplus(onDiagonal)));
    return tf.mul(norm / nodes ** 2, tf.add(all, positives)) as tf.Scalar;
  });
}

/**
 * log p(A | z) in nats over the N (N - 1) / 2 pairs of different nodes, p(A_ij = 1) = sigmoid(z_i . z_j), a scalar: without weights
 * and without the diagonal, so that it is the likelihood of a graph.
 */
export function graphLogLikelihood(z: tf.Tensor2D, { from, to }: Edges): tf.Scalar {
  return tf.tidy(() => {
    const onDiagonal = tf.sum(tf.softplus(tf.sum(tf.square(z), 1)));
    const all = tf.mul(0.5, tf.sub(sumSoftplusOfPairs(z), onDiagonal)); // sum over i < j of softplus(l)
    return tf.sub(tf.sum(pairLogits(z, from, to)), all) as tf.Scalar;
  });
}

/**
 * z_i . z_j of each pair, [P]; from and to int32 [P].
 *
 * The gradient is written down: that of tf.gather is a kernel which wasm lacks, and on cpu goes through all pairs for every node.
 */
export function pairLogits(z: tf.Tensor2D, from: tf.Tensor1D, to: tf.Tensor1D): tf.Tensor1D {
  const op = tf.customGrad((x, save) => {
    const [starts, ends] = [tf.gather(x as tf.Tensor, from), tf.gather(x as tf.Tensor, to)]; // [P, Z]
    (save as tf.GradSaveFunc)([starts, ends, from, to]);
    return {
      value: tf.sum(tf.mul(starts, ends), 1),
      gradFunc: (dy, saved) => scatterBack(dy, saved as tf.Tensor[], z.shape),
    };
  });
  return op(z) as tf.Tensor1D;
}

/** dy z_j added to row i, and dy z_i to row j. */
function scatterBack(dy: tf.Tensor, [starts, ends, from, to]: tf.Tensor[], shape: [number, number]): tf.Tensor {
  if (dy.size === 0) return tf.zeros(shape);
  const slopes = tf.mul(tf.concat([ends!, starts!]), tf.expandDims(tf.tile(dy, [2]), 1)); // [2 P, Z]
  return tf.scatterND(tf.expandDims(tf.concat([from!, to!]), 1), slopes, shape);
}

/** Unbiased estimate of the sum over i != j of softplus(z_i . z_j), from `count` pairs with replacement. */
function sampledSum(z: tf.Tensor2D, count: number, seed: number): tf.Tensor {
  const nodes = z.shape[0];
  const pairs = drawPairs(nodes, count, seed);
  const end = (side: 0 | 1) =>
    tf.tensor1d(
      Int32Array.from({ length: count }, (_, k) => pairs[2 * k + side]!),
      'int32',
    );
  const logits = pairLogits(z, end(0), end(1));
  return tf.mul((nodes * (nodes - 1)) / count, tf.sum(tf.softplus(logits)));
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
