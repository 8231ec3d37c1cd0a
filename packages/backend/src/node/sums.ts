import * as tf from '@tensorflow/tfjs-core';
import { asTensor, type Kernel, mend } from '../kernels/mended.ts';
import { TENSORFLOW, withChanges } from './execute.ts';

/**
 * TensorFlow adds the rows of a matrix one after the other: of 20,000 equal ones four digits are left. Here sums and means
 * over many rows are those of blocks of rows first, then of the blocks, and so on.
 */
export function mendSums(): void {
  mend(tf.Sum, TENSORFLOW, inBlocks);
  mend(tf.Mean, TENSORFLOW, inBlocks);
}

/** Rows that are added one after the other. */
const FEW = 64;

function inBlocks(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { axis, keepDims } = args.attrs as { axis: number | number[]; keepDims?: boolean };
  const { x } = args.inputs as { x: tf.Tensor };
  const axes = tf.util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const count = axes.length;
  const leading = count > 0 && count < x.shape.length && axes.every((at, i) => at === i);
  const rows = axes.reduce((n, at) => n * x.shape[at]!, 1);
  const few = leading && rows > FEW && x.dtype === 'float32' ? divisor(rows) : 1;
  if (few === 1) return original(args);
  return tf.tidy(() => {
    const rest = x.shape.slice(count);
    const blocks = tf.reshape(x, [rows / few, few, x.size / rows]);
    const inner = withChanges(args, { x: blocks }, { axis: [1], keepDims: false });
    const partial = asTensor(original(inner) as tf.TensorInfo);
    const whole = inBlocks(withChanges(args, { x: partial }, { axis: [0], keepDims: false }), original);
    return tf.reshape(asTensor(whole as tf.TensorInfo), keepDims ? [...axes.map(() => 1), ...rest] : rest);
  });
}

/** The largest divisor of n up to FEW for which blocks pay: 8 at least, else 1. */
function divisor(n: number): number {
  for (let few = FEW; few >= 8; few--) if (n % few === 0) return few;
  return 1;
}
