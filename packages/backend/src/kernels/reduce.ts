import * as tf from '@tensorflow/tfjs-core';
import { type KernelArgs, type Own, replaceKernel } from '../wasm/own.ts';
import { sizeOf } from './size.ts';

type Reduction = 'sum' | 'sumInts' | 'max' | 'min';

/** One pass over [outer, n, inner]; the sum is divided by `divisor`. Columns longer than this need double totals. */
const CHUNK = 256;

function pass(
  own: Own,
  f: Reduction,
  x: number,
  y: number,
  outer: number,
  n: number,
  inner: number,
  divisor: number,
): void {
  if (inner === 1) own.run[`${f}Rows`]!(x, y, 0, outer, n, divisor);
  else if (n <= CHUNK || f !== 'sum') own.run[`${f}Columns`]!(x, y, 0, outer, n, inner, 0, inner, 0, divisor);
  else {
    const run = own.run[`${f}Columns`]!;
    own.scratch(inner * 8, (totals) => run(x, y, 0, outer, n, inner, 0, inner, totals, divisor));
  }
}

/** Bit i for axis i; undefined for an axis that is not there, on which tfjs's kernel throws. */
function maskOf(axis: number | number[] | null | undefined, rank: number): number | undefined {
  if (axis === null || axis === undefined) return 2 ** rank - 1;
  if (typeof axis === 'number') return axis >= -rank && axis < rank ? 1 << ((axis + rank) % rank) : undefined;
  let mask = 0;
  for (const one of axis) {
    if (one < -rank || one >= rank) return undefined;
    mask |= 1 << ((one + rank) % rank);
  }
  return mask;
}

/** Reduces axes where they stand, without turning the tensor: one pass for each run of neighbouring axes, the last first. */
function reduce(
  own: Own,
  f: Reduction,
  x: tf.TensorInfo,
  axis: number | number[] | null | undefined,
  keepDims: boolean,
  mean: boolean,
): tf.TensorInfo | undefined {
  const { shape } = x;
  const rank = shape.length;
  const mask = maskOf(axis, rank);
  if (x.dtype !== (f === 'sumInts' ? 'int32' : 'float32') || mask === undefined) return undefined;
  const outShape: number[] = [];
  const sizes: number[] = []; // of merged axes, in turn kept and reduced; the first is kept
  let reduced = false;
  let [size, count] = [1, 1];
  for (let i = 0; i < rank; i++) {
    const n = shape[i]!;
    const away = ((mask >> i) & 1) === 1;
    if (away) count *= n;
    if (!away) outShape.push(n);
    else if (keepDims) outShape.push(1);
    if (n === 1) continue;
    if (away !== reduced) {
      sizes.push(size);
      size = 1;
      reduced = away;
    }
    size *= n;
  }
  sizes.push(size);
  if (count === 0 && (f === 'max' || f === 'min')) return undefined; // NaN, as on the CPU engine: see mended.ts
  const divisor = mean ? count : 1;
  const out = own.output(outShape, x.dtype);
  if (sizeOf(outShape) === 0) return out;
  // Kept and reduced by turns from the front: sizes[1] is the first that goes.
  const to = own.address(out);
  if (sizes.length <= 3) {
    pass(own, f, own.address(x), to, sizes[0]!, sizes[1] ?? 1, sizes[2] ?? 1, divisor);
    return out;
  }
  let from = x;
  while (sizes.length > 3) {
    const at = sizes.length % 2 === 0 ? sizes.length - 1 : sizes.length - 2;
    const inner = sizes[at + 1] ?? 1;
    const outer = sizeOf(sizes.slice(0, at));
    const next = own.output([outer * inner]);
    pass(own, f, own.address(from), own.address(next), outer, sizes[at]!, inner, 1);
    if (from !== x) own.backend.disposeData(from.dataId);
    from = next;
    sizes.splice(at - 1, 3, sizes[at - 1]! * inner);
  }
  pass(own, f, own.address(from), to, sizes[0]!, sizes[1] ?? 1, sizes[2] ?? 1, divisor);
  own.backend.disposeData(from.dataId);
  return out;
}

type Args<Attrs> = KernelArgs<{ x: tf.TensorInfo }, Attrs>;

export function registerReductions(): void {
  replaceKernel(tf.Sum, ({ inputs, attrs }: Args<tf.SumAttrs>, own) =>
    reduce(own, inputs.x.dtype === 'int32' ? 'sumInts' : 'sum', inputs.x, attrs.axis, attrs.keepDims, false),
  );
  replaceKernel(tf.Mean, ({ inputs, attrs }: Args<tf.MeanAttrs>, own) =>
    reduce(own, 'sum', inputs.x, attrs.axis, attrs.keepDims, true),
  );
  replaceKernel(tf.Max, ({ inputs, attrs }: Args<tf.MaxAttrs>, own) =>
    reduce(own, 'max', inputs.x, attrs.reductionIndices, attrs.keepDims, false),
  );
  replaceKernel(tf.Min, ({ inputs, attrs }: Args<tf.MinAttrs>, own) =>
    reduce(own, 'min', inputs.x, attrs.axis, attrs.keepDims, false),
  );
  replaceKernel(
    tf.Softmax,
    ({ inputs: { logits }, attrs }: KernelArgs<{ logits: tf.TensorInfo }, tf.SoftmaxAttrs>, own) => {
      const rank = logits.shape.length;
      if (logits.dtype !== 'float32' || attrs.dim !== rank - 1) return undefined;
      const out = own.output(logits.shape);
      const n = logits.shape[rank - 1]!;
      if (n > 0) own.run.softmaxRows!(own.address(logits), own.address(out), 0, sizeOf(logits.shape) / n, n);
      return out;
    },
  );
}
