import * as tf from '@tensorflow/tfjs-core';
import { zeros } from './zeros.ts';

const BINARY = [
  tf.Equal,
  tf.NotEqual,
  tf.Greater,
  tf.GreaterEqual, // tfjs has it, but fails on integers, whose zeros it leaves integers
  tf.Less,
  tf.LessEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
  tf.FloorDiv, // a step function; tfjs gives it the gradient of a division
];
const UNARY = [tf.LogicalNot, tf.IsNan, tf.IsInf, tf.IsFinite, tf.All, tf.Any];

/**
 * Registers a gradient of zero for comparisons, logical operations and floorDiv, on every engine, so that
 * `where(greater(x, c), ...)` can be differentiated: they are constant wherever they have a derivative at all.
 */
export function registerComparisonGradients(): void {
  for (const kernelName of BINARY) {
    const gradFunc: tf.GradFunc = (_dy, [a, b]) => ({ a: () => zeros(a!), b: () => zeros(b!) });
    tf.registerGradient({ kernelName, inputsToSave: ['a', 'b'], gradFunc });
  }
  for (const kernelName of UNARY) {
    const gradFunc: tf.GradFunc = (_dy, [x]) => ({ x: () => zeros(x!) });
    tf.registerGradient({ kernelName, inputsToSave: ['x'], gradFunc });
  }
}
