import * as tf from '@tensorflow/tfjs-core';

export function lstmStep(x: tf.Tensor, w: any, { h, c }: any) {
  const gates = tf.split(tf.add(tf.add(tf.matMul(x as any, w.kernel), w.bias), tf.matMul(h, w.recurrentKernel)), 4, -1);
  const [i, f, g, o] = gates as any;
  const c2 = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
  return { h: tf.mul(tf.sigmoid(o), tf.tanh(c2)), c: c2 };
}
export function lstm(x: tf.Tensor, w: any, { initialState }: any = {}) {
  const [b] = x.shape;
  const units = w.recurrentKernel.shape[0];
  let s = initialState ?? { h: tf.zeros([b!, units]), c: tf.zeros([b!, units]) };
  const outs: tf.Tensor[] = [];
  for (const xt of tf.unstack(x, 1)) {
    s = lstmStep(xt, w, s);
    outs.push(s.h);
  }
  return { outputs: tf.stack(outs, 1), ...s };
}
export function gru(x: tf.Tensor, w: any, { initialState, mask }: any = {}) {
  const [b] = x.shape;
  const units = w.recurrentKernel.shape[0];
  let h = initialState ?? tf.zeros([b!, units]);
  const outs: tf.Tensor[] = [];
  const ms = mask ? tf.unstack(tf.expandDims(mask, -1), 1) : undefined;
  const [bias, rb] = tf.unstack(w.bias) as any;
  for (const [t, xt] of tf.unstack(x, 1).entries()) {
    const [xz, xr, xn] = tf.split(tf.add(tf.matMul(xt as any, w.kernel), bias), 3, -1) as any;
    const [hz, hr, hn] = tf.split(tf.add(tf.matMul(h, w.recurrentKernel), rb), 3, -1) as any;
    const z = tf.sigmoid(tf.add(xz, hz));
    const r = tf.sigmoid(tf.add(xr, hr));
    const n = tf.tanh(tf.add(xn, tf.mul(r, hn)));
    const next = tf.add(n, tf.mul(z, tf.sub(h, n)));
    h = ms ? tf.add(h, tf.mul(ms[t]!, tf.sub(next, h))) : next;
    outs.push(h);
  }
  return { outputs: tf.stack(outs, 1), h };
}
