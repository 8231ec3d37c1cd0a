// What this package's WASM kernels gain over tfjs's own, as a Markdown table: pnpm build && node examples/speed.mjs
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { useEngine } from '@proj/backend';

await tf.setBackend('wasm');
const random = (...shape) => tf.randomUniform(shape, -1, 1, 'float32', 1);
const kernel = (name, inputs, attrs) => () => tf.engine().runKernel(name, inputs, attrs);

/** Minimum in ms, after one run, of 5 runs or more in at least half a second; a run of over a second is timed once. */
function time(f) {
  const run = () => {
    const start = performance.now();
    tf.dispose(tf.tidy(f));
    return performance.now() - start;
  };
  try {
    run();
  } catch (error) {
    return /not registered/.test(error.message) ? 'missing' : error.message.split('\n')[0];
  }
  const times = [];
  for (let total = 0; total < 500 || (times.length < 5 && times[0] < 1000); total += times.at(-1)) times.push(run());
  return Number(Math.min(...times).toPrecision(3));
}

const [a, b] = [random(1024, 1024), random(1024, 1024)];
const [x, dy, filter] = [random(64, 16, 16, 128), random(64, 16, 16, 128), random(3, 3, 128, 128)];
const conv = { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: filter.shape, inputShape: x.shape };
const [table, resident, updates] = [random(10_000, 100), random(60_000, 784), random(6400, 100)];
const rows = tf.range(0, 6400, 1, 'int32');
const cases = {
  'matMul [1024, 1024]': () => tf.matMul(a, b),
  'the same, a transposed': () => tf.matMul(a, b, true, false),
  'the same, b transposed': () => tf.matMul(a, b, false, true),
  'conv2d 3x3, [64, 16, 16, 128] to 128': () => tf.conv2d(x, filter, 1, 'same'),
  'its gradient by input': kernel('Conv2DBackpropInput', { dy, filter }, conv),
  'its gradient by filter': kernel('Conv2DBackpropFilter', { x, dy }, conv),
  'exp of 1M': () => tf.exp(a),
  'tanh of 1M': () => tf.tanh(a),
  'softplus of 1M': () => tf.softplus(a),
  'logSoftmax [1024, 1024]': () => tf.logSoftmax(a),
  'sum over axis 0 of 1M': () => tf.sum(a, 0),
  'maximum of 1M': () => tf.maximum(a, b),
  'where(greater) of 1M': () => tf.where(tf.greater(a, b), a, b),
  'transpose [1024, 1024]': () => tf.transpose(a),
  'cumsum along axis 1 of 1M': () => tf.cumsum(a, 1),
  'gather 6,400 rows of [10000, 100]': () => tf.gather(table, rows),
  'its gradient': () => tf.unsortedSegmentSum(updates, rows, 10_000),
  'slice [128, 784] of [60000, 784]': () => tf.slice(resident, [1280, 0], [128, 784]),
};
const measure = () => Object.values(cases).map(time);

const before = measure();
const { build } = await useEngine('wasm');
const after = measure();
console.log(
  `| ms, minimum; Node ${process.versions.node} | tfjs ${tf.version_core} | with @proj/backend (${build} build) |`,
);
console.log('| --- | --- | --- |');
Object.keys(cases).forEach((name, i) => {
  console.log(`| ${name} | ${before[i]} | ${after[i]} |`);
});
