import { useEngine, type WasmBuild } from '@proj/backend';
import { normal } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import basic from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';

const wasmPaths = {
  'tfjs-backend-wasm.wasm': basic,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': threaded,
};

let seed = 0;
const random = <T extends tf.Tensor>(...shape: number[]) =>
  tf.tensor(
    normal(
      shape.reduce((a, b) => a * b, 1),
      seed++,
    ),
    shape,
  ) as T;

const image = () => random<tf.Tensor4D>(2, 9, 7, 5);
const filter = () => random<tf.Tensor4D>(3, 3, 5, 6);
const gradients = (f: (...inputs: tf.Tensor[]) => tf.Tensor, ...inputs: tf.Tensor[]) =>
  tf.grads((...xs: tf.Tensor[]) => tf.sum(tf.square(f(...xs))) as tf.Scalar)(inputs);

/** What training is made of, by name; each starts from the same seed on every engine. */
const cases: Record<string, () => tf.Tensor | tf.Tensor[]> = {
  'matMul NN': () => tf.matMul(random(33, 70), random(70, 41)),
  'matMul TN': () => tf.matMul(random(70, 33), random(70, 41), true, false),
  'matMul NT': () => tf.matMul(random(33, 70), random(41, 70), false, true),
  'matMul TT, batch': () => tf.matMul(random(3, 70, 33), random(3, 41, 70), true, true),
  'conv2d and its gradients': () =>
    gradients((x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), image(), filter()),
  'strided conv2d and its gradients': () =>
    gradients((x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'valid'), image(), filter()),
  'unary functions': () => {
    const x = random(1000);
    return [tf.exp(x), tf.tanh(x), tf.softplus(x), tf.sigmoid(x), tf.log(tf.abs(x)), tf.relu(x)];
  },
  'softmax, logSoftmax': () => [tf.softmax(random(50, 33)), tf.logSoftmax(random(50, 33))],
  'sums and means': () => {
    const x = random(20, 30, 7);
    return [tf.sum(x, 0), tf.sum(x, 1), tf.sum(x, -1), tf.mean(x), tf.max(x, 1)];
  },
  'comparisons inside a gradient': () => gradients((x) => tf.where(tf.greater(x, 0.1), x, tf.mul(x, 3)), random(30, 4)),
  'gather and its gradient': () => gradients((x) => tf.gather(x, tf.tensor1d([3, 1, 3, 0], 'int32')), random(5, 6)),
  'slices, joins, turns': () => {
    const x = random(8, 9, 10);
    return [
      tf.slice(x, [1, 2, 3], [5, 4, 3]),
      tf.concat([x, x], 1),
      tf.transpose(x, [2, 0, 1]),
      tf.stack([x, x]),
      tf.cumsum(x, 1),
    ];
  },
};

async function outputs(run: () => tf.Tensor | tf.Tensor[]): Promise<number[]> {
  seed = 1;
  const tensors = [run()].flat();
  const values = await Promise.all(tensors.map((tensor) => tensor.data()));
  return values.flatMap((numbers) => [...numbers]);
}

/** Largest difference from the CPU engine by case, relative to 1 + |value|, for each build that runs here. */
async function compare(): Promise<Record<string, Record<string, number>>> {
  const expected: Record<string, number[]> = {};
  await useEngine('cpu');
  for (const [name, run] of Object.entries(cases)) expected[name] = await outputs(run);
  const report: Record<string, Record<string, number>> = {};
  for (const wasmBuild of ['plain', 'fused'] satisfies WasmBuild[]) {
    await useEngine('wasm', { wasmPaths, wasmBuild });
    const errors: Record<string, number> = {};
    for (const [name, run] of Object.entries(cases)) {
      const got = await outputs(run);
      const same = got.length === expected[name]!.length;
      errors[name] = same
        ? got.reduce(
            (worst, value, i) => Math.max(worst, Math.abs(value - expected[name]![i]!) / (1 + Math.abs(value))),
            0,
          )
        : Number.POSITIVE_INFINITY;
    }
    report[wasmBuild] = errors;
  }
  return report;
}

declare global {
  interface Window {
    kernels?: Promise<Record<string, Record<string, number>>>;
  }
}

window.kernels = compare();
