// What this package's WASM kernels gain over tfjs's own: pnpm build && node examples/speed.mjs
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { useEngine } from '@proj/backend';

await tf.setBackend('wasm');
const random = (...shape) => tf.randomUniform(shape, -1, 1, 'float32', 1);
const kernel = (name, inputs, attrs) => () => tf.engine().runKernel(name, inputs, attrs);

/** Median and minimum in ms, after one run, of 5 runs or more in at least a second; a run of over a second is timed once. */
function time(f) {
  const run = () => {
    const start = performance.now();
    f().dispose();
    return performance.now() - start;
  };
  run();
  const times = [];
  for (let total = 0; total < 1000 || (times.length < 5 && times[0] < 1000); total += times.at(-1)) times.push(run());
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1], min: times[0] };
}

const [a, b] = [random(1024, 1024), random(1024, 1024)];
const [q, k] = [random(64, 128, 64), random(64, 128, 64)];
const cases = [
  ['matMul 1024 NN', 2 * 1024 ** 3, () => tf.matMul(a, b)],
  ['matMul 1024 TN', 2 * 1024 ** 3, () => tf.matMul(a, b, true, false)],
  ['matMul 1024 NT', 2 * 1024 ** 3, () => tf.matMul(a, b, false, true)],
  ['matMul 1024 TT', 2 * 1024 ** 3, () => tf.matMul(a, b, true, true)],
  ['matMul 64 x [128, 64] [64, 128] NT', 2 * 64 * 128 * 128 * 64, () => tf.matMul(q, k, false, true)],
];
for (const [batch, size, channels, stride, out] of [
  [32, 28, 64, 1, 64],
  [128, 14, 32, 2, 64],
]) {
  const x = random(batch, size, size, channels);
  const filter = random(3, 3, channels, out);
  const dy = random(batch, size / stride, size / stride, out);
  const attrs = { strides: stride, pad: 'same', dataFormat: 'NHWC', filterShape: filter.shape, inputShape: x.shape };
  const flop = 2 * dy.size * 9 * channels;
  const name = `conv [${x.shape}] 3x3/${stride} -> ${out}`;
  cases.push([`${name}: forward`, flop, () => tf.conv2d(x, filter, stride, 'same')]);
  cases.push([`${name}: by filter`, flop, kernel('Conv2DBackpropFilter', { x, dy }, attrs)]);
  cases.push([`${name}: by input`, flop, kernel('Conv2DBackpropInput', { dy, filter }, attrs)]);
}

const measure = () =>
  cases.map(([name, flop, f]) => {
    try {
      const { median, min } = time(f);
      return {
        name,
        'median ms': +median.toFixed(1),
        'min ms': +min.toFixed(1),
        'GFLOP/s': +(flop / min / 1e6).toFixed(1),
      };
    } catch (error) {
      return { name, 'median ms': error.message.split('\n')[0] };
    }
  });

console.log(`tfjs ${tf.version_core}, Node ${process.version}`);
console.table(measure());
await useEngine('wasm');
console.log('with @proj/backend');
console.table(measure());
