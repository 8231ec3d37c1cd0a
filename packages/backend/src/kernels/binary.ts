import * as tf from '@tensorflow/tfjs-core';
import { type KernelArgs, type Own, replaceKernel } from '../wasm/own.ts';
import { sameShape, sizeOf } from './size.ts';

/** Functions of assembly/binary.ts and compare.ts: for floats, for integers where it has one, and whether a and b change places. */
const ARITHMETIC: Record<string, [string, string?]> = {
  [tf.Add]: ['addFloats', 'addInts'],
  [tf.Maximum]: ['maxFloats', 'maxInts'],
  [tf.Minimum]: ['minFloats', 'minInts'],
  [tf.Multiply]: ['mulFloats', 'mulInts'],
  [tf.RealDiv]: ['divFloats'],
  [tf.SquaredDifference]: ['squaredDifferenceFloats'],
  [tf.Sub]: ['subFloats', 'subInts'],
};
const COMPARISONS: Record<string, [string, string, boolean]> = {
  [tf.Equal]: ['eqFloats', 'eqInts', false],
  [tf.Greater]: ['gtFloats', 'gtInts', false],
  [tf.GreaterEqual]: ['geFloats', 'geInts', false],
  [tf.Less]: ['gtFloats', 'gtInts', true],
  [tf.LessEqual]: ['geFloats', 'geInts', true],
  [tf.NotEqual]: ['neFloats', 'neInts', false],
};

type Args = KernelArgs<{ a: tf.TensorInfo; b: tf.TensorInfo }>;

/**
 * The axes of an output merged into [outer, middle, inner], the strides of a along them and the strides of b: in elements, 0
 * where the operand repeats. One plan, used and forgotten within a call.
 */
const plan = { outer: 1, middle: 1, inner: 1, a: [0, 0, 0], b: [0, 0, 0] };
const sizes = [1, 1, 1];

/** Fills `plan` for an output that is not empty; false if the shapes do not broadcast or merge into more than three axes. */
function makePlan(a: readonly number[], b: readonly number[]): boolean {
  let group = 3; // plan's axes, filled from the innermost
  let last = 0;
  let [strideA, strideB] = [1, 1];
  plan.a.fill(0);
  plan.b.fill(0);
  sizes.fill(1);
  for (let i = 1; i <= a.length || i <= b.length; i++) {
    const sizeA = i <= a.length ? a[a.length - i]! : 1;
    const sizeB = i <= b.length ? b[b.length - i]! : 1;
    if (sizeA === 1 && sizeB === 1) continue;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) return false;
    const kind = sizeA === sizeB ? 1 : sizeB === 1 ? 2 : 3; // of both, of a, of b
    if (kind !== last) {
      if (--group < 0) return false;
      last = kind;
      if (kind !== 3) plan.a[group] = strideA;
      if (kind !== 2) plan.b[group] = strideB;
    }
    sizes[group]! *= sizeA === 1 ? sizeB : sizeA;
    strideA *= sizeA;
    strideB *= sizeB;
  }
  // The innermost axis must belong to one of them.
  if (last === 0) plan.a[2] = 1;
  plan.outer = sizes[0]!;
  plan.middle = sizes[1]!;
  plan.inner = sizes[2]!;
  return true;
}

/** `name` over two tensors of 4-byte elements, or undefined where their shapes are not merged into three axes. */
function run(
  own: Own,
  name: string,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  dtype: tf.DataType,
): tf.TensorInfo | undefined {
  const f = own.run[name]!;
  if (sameShape(a.shape, b.shape)) {
    const out = own.output(a.shape, dtype);
    const size = sizeOf(a.shape);
    if (size > 0) f(own.address(a), own.address(b), own.address(out), 0, 1, 1, size, 0, 0, 1, 0, 0, 1);
    return out;
  }
  if (!makePlan(a.shape, b.shape)) return undefined;
  const { outer, middle, inner, a: sa, b: sb } = plan;
  const out = own.output(tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape), dtype);
  if (outer * middle * inner === 0) return out;
  const [from, to, result] = [own.address(a), own.address(b), own.address(out)];
  f(from, to, result, 0, outer * middle, middle, inner, sa[0]!, sa[1]!, sa[2]!, sb[0]!, sb[1]!, sb[2]!);
  return out;
}

export function registerBinary(): void {
  for (const [kernelName, [floats, ints]] of Object.entries(ARITHMETIC)) {
    replaceKernel(kernelName, ({ inputs: { a, b } }: Args, own) => {
      if (a.dtype !== b.dtype) return undefined;
      if (a.dtype === 'float32') return run(own, floats, a, b, 'float32');
      return a.dtype === 'int32' && ints !== undefined ? run(own, ints, a, b, 'int32') : undefined;
    });
  }
  for (const [kernelName, [floats, ints, turned]] of Object.entries(COMPARISONS)) {
    replaceKernel(kernelName, ({ inputs: { a, b } }: Args, own) => {
      if (a.dtype !== b.dtype || (a.dtype !== 'float32' && a.dtype !== 'int32')) return undefined;
      const name = a.dtype === 'float32' ? floats : ints;
      return turned ? run(own, name, b, a, 'bool') : run(own, name, a, b, 'bool');
    });
  }
  replaceKernel(tf.EluGrad, ({ inputs: { dy, y } }: KernelArgs<{ dy: tf.TensorInfo; y: tf.TensorInfo }>, own) => {
    const floats = dy.dtype === 'float32' && y.dtype === 'float32' && sameShape(dy.shape, y.shape);
    return floats ? run(own, 'eluGradFloats', dy, y, 'float32') : undefined;
  });
  for (const [kernelName, name] of [
    [tf.LogicalAnd, 'logicalAnd'],
    [tf.LogicalOr, 'logicalOr'],
  ] as const) {
    replaceKernel(kernelName, ({ inputs: { a, b } }: Args, own) => {
      if (a.dtype !== 'bool' || b.dtype !== 'bool' || !sameShape(a.shape, b.shape)) return undefined;
      const out = own.output(a.shape, 'bool');
      own.run[name]!(own.address(a), own.address(b), own.address(out), 0, sizeOf(a.shape));
      return out;
    });
  }
  replaceKernel(tf.AddN, ({ inputs }: KernelArgs<tf.TensorInfo[]>, own) => addN(own, inputs));
  replaceKernel(tf.IsNan, ({ inputs: { x } }: KernelArgs<{ x: tf.TensorInfo }>, own) =>
    x.dtype === 'float32' ? run(own, 'neFloats', x, x, 'bool') : undefined,
  );
}

function addN(own: Own, terms: tf.TensorInfo[]): tf.TensorInfo | undefined {
  const first = terms[0]!;
  for (const term of terms) if (term.dtype !== 'float32' || !sameShape(term.shape, first.shape)) return undefined;
  if (terms.length < 2) return undefined;
  const size = sizeOf(first.shape);
  const out = own.output(first.shape);
  const to = own.address(out);
  let sum = own.address(first);
  for (let i = 1; i < terms.length; i++) {
    own.run.addFloats!(sum, own.address(terms[i]!), to, 0, 1, 1, size, 0, 0, 1, 0, 0, 1);
    sum = to;
  }
  return out;
}
