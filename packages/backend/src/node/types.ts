import * as tf from '@tensorflow/tfjs-core';
import { asTensor, type Kernel, mend } from '../kernels/mended.ts';
import { execute, type Native, TENSORFLOW } from './execute.ts';

/** Types that TensorFlow refuses and the other engines take: booleans as numbers, integers for real functions. */
export function mendTypes(): void {
  for (const name of [tf.Add, tf.AddN, tf.Multiply, tf.Pow, tf.SquaredDifference, tf.Sub]) {
    mend(name, TENSORFLOW, (args, original) => through('bool', 'int32', args, original, 'bool'));
  }
  mend(tf.RealDiv, TENSORFLOW, (args, original) => through('bool', 'float32', args, original, 'bool'));
  for (const name of [tf.Max, tf.Min]) mend(name, TENSORFLOW, extreme);
  for (const name of [tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.Cumsum, tf.Cumprod, tf.TopK]) {
    mend(name, TENSORFLOW, (args, original) => through('bool', 'int32', args, original));
  }
  for (const name of [tf.IsFinite, tf.IsInf, tf.IsNan, tf.LeakyRelu]) {
    mend(name, TENSORFLOW, (args, original) => through('int32', 'float32', args, original));
  }
  for (const name of [tf.Atan2, tf.Step]) {
    mend(name, TENSORFLOW, (args, original) => through('int32', 'float32', args, original, 'int32'));
  }
  mend(tf.Cast, TENSORFLOW, cast);
  mend(tf.Select, TENSORFLOW, select);
}

/** Runs a kernel whose inputs are all of type `from` on `by`; its results are cast to `to`, if given. */
function through(
  from: tf.DataType,
  by: tf.DataType,
  args: Kernel,
  original: tf.KernelFunc,
  to?: tf.DataType,
): ReturnType<tf.KernelFunc> {
  const entries = Object.entries(args.inputs) as [string, tf.Tensor][];
  if (entries.some(([, { dtype }]) => dtype !== from)) return original(args);
  return tf.tidy(() => {
    const numbers = entries.map(([, x]) => tf.cast(x, by));
    // AddN's inputs are a list
    const inputs = (
      Array.isArray(args.inputs) ? numbers : Object.fromEntries(entries.map(([name], i) => [name, numbers[i]!]))
    ) as tf.NamedTensorInfoMap;
    const results = [original({ ...args, inputs })].flat().map((info) => {
      const result = asTensor(info);
      return to === undefined ? result : tf.cast(result, to);
    });
    return results.length === 1 ? results[0]! : results;
  });
}

/** Of no numbers it is NaN, as on the other engines. */
function extreme(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { x } = args.inputs as { x: tf.Tensor };
  if (x.size > 0 || x.dtype !== 'float32') return through('bool', 'int32', args, original, 'bool');
  return tf.tidy(() => tf.add(asTensor(original(args) as tf.TensorInfo), Number.NaN));
}

/** What is no int32 becomes one as JavaScript has it (NaN 0, others modulo 2^32), not whatever the processor does. */
function cast(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { x } = args.inputs as { x: tf.Tensor };
  if ((args.attrs as { dtype: tf.DataType }).dtype !== 'int32' || x.dtype !== 'float32' || x.size === 0) {
    return original(args);
  }
  const largest = tf.tidy(() => tf.max(tf.abs(x)).dataSync()[0]!);
  if (largest < 2 ** 31) return original(args);
  return tf.tensor(Int32Array.from(x.dataSync()), x.shape, 'int32');
}

/** TensorFlow's second version takes shapes that broadcast, empty ones too; and it wants one type. */
function select({ inputs, backend }: Kernel): tf.Tensor {
  const { condition, t, e } = inputs as Record<'condition' | 't' | 'e', tf.Tensor>;
  const dtype = tf.upcastType(t.dtype, e.dtype);
  return tf.tidy(() => execute(backend as Native, 'SelectV2', [condition, tf.cast(t, dtype), tf.cast(e, dtype)], {}));
}
