import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';

const ours = process.argv[2] !== 'tfjs';
if (ours) {
  const { useEngine } = await import('./dist/index.js');
  const s = await useEngine('wasm', { wideVectors: process.argv[2] === 'auto' ? 'auto' : false });
  console.log(s.reason, s.wideVectors);
} else {
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  await tf.ready();
}
const a = tf.randomNormal([1024, 1024]),
  b = tf.randomNormal([1024, 1024]);
const x = tf.randomNormal([64, 16, 16, 128]),
  w = tf.randomNormal([3, 3, 128, 128]);
const cases = { NN: () => tf.matMul(a, b) };
if (ours)
  Object.assign(cases, {
    TN: () => tf.matMul(a, b, true),
    NT: () => tf.matMul(a, b, false, true),
    TT: () => tf.matMul(a, b, true, true),
  });
if (process.argv[3]) {
  const dy = tf.randomNormal([64, 16, 16, 128]);
  Object.assign(cases, {
    conv: () => tf.conv2d(x, w, 1, 'same'),
    dx: () =>
      tf
        .engine()
        .runKernel(
          'Conv2DBackpropInput',
          { dy, filter: w },
          { strides: 1, pad: 'same', dataFormat: 'NHWC', inputShape: x.shape },
        ),
    dw: () =>
      tf
        .engine()
        .runKernel(
          'Conv2DBackpropFilter',
          { x, dy },
          { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: w.shape },
        ),
  });
}
const best = {};
for (let round = 0; round < 60; round++)
  for (const [k, f] of Object.entries(cases)) {
    const t = performance.now();
    const y = f();
    y.dispose();
    const ms = performance.now() - t;
    best[k] = Math.min(best[k] ?? 1e9, ms);
  }
for (const [k, ms] of Object.entries(best))
  console.log(
    k,
    ms.toFixed(2),
    'ms',
    (((k.length === 2 && k !== 'dx' && k !== 'dw' ? 2.147 : 4.832) / ms) * 1e3).toFixed(1),
    'GFLOP/s',
  );
