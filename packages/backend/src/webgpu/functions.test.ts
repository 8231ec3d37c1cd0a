import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { values } from '../../tests/engines.ts';
import { noWebGpu, skipped } from '../../tests/webgpu.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const { E, PI } = Math;
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const selu = (x: number) => (x >= 0 ? 1.0507009873554805 * x : 1.7580993408473768 * Math.expm1(x));

/** The error function by its series; erf(3) is the last that differs from 1 much. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return Math.abs(x) > 3.9 ? Math.sign(x) : (2 / Math.sqrt(PI)) * sum;
}

// The function of tfjs, the same in float64, the ulps allowed. tfjs's own are off by up to 16 million.
const FUNCTIONS: [(x: tf.Tensor) => tf.Tensor, (x: number) => number, number][] = [
  [tf.exp, Math.exp, 3],
  [tf.expm1, Math.expm1, 3],
  [tf.log, Math.log, 3],
  [tf.log1p, Math.log1p, 4],
  [tf.sigmoid, (x) => 1 / (1 + Math.exp(-x)), 5],
  [tf.softplus, softplus, 4],
  [tf.tanh, Math.tanh, 4],
  [tf.erf, erf, 4],
  [tf.elu, (x) => (x >= 0 ? x : Math.expm1(x)), 3],
  [tf.selu, selu, 5],
  [tf.sinh, Math.sinh, 6],
  [tf.cosh, Math.cosh, 6],
  [tf.asinh, Math.asinh, 8],
  [tf.acosh, Math.acosh, 8],
  [tf.atanh, Math.atanh, 8],
  [tf.asin, Math.asin, 8],
  [tf.acos, Math.acos, 8],
  [tf.sin, Math.sin, 4],
  [tf.cos, Math.cos, 4],
  [tf.tan, Math.tan, 12],
];

const spread = noWebGpu ? new Float32Array() : await values([400], 1).data();
const ARGUMENTS = Float32Array.from([
  ...spread.map((x) => x * 20),
  ...spread.map((x) => x ** 3),
  ...spread.map((x) => Math.sign(x) * 10 ** (8 * Math.abs(x) - 8)),
  ...[1, 2, 4, 6].flatMap((n) => [Math.fround(n * PI), Math.fround((n - 0.5) * PI)]),
  ...[0, 1, -1, 0.5, -0.5, E, 80, -80, 1e-20, -1e-20, nan, inf, -inf],
]);

/** In units of the last place of the expected float; what is closer than 1e-12 counts as equal: sin of a multiple of pi. */
function ulps(got: number, expected: number): number {
  const float = Math.fround(expected);
  if (Object.is(got, float) || got === float || Math.abs(got - expected) < 1e-12) return 0;
  if (!Number.isFinite(float) || !Number.isFinite(got)) return inf;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(expected))), -126);
  return Math.abs(got - expected) / 2 ** (exponent - 23);
}

describe.skipIf(noWebGpu !== null)(`functions of one number on WebGPU${skipped}`, () => {
  it.each(FUNCTIONS.map((row) => [row[0].name.replace(/_+op$/, ''), ...row] as const))(
    '%s is exact to a few ulp, near 0 and far off, for NaN and infinities too',
    async (_name, f, exact, allowed) => {
      const x = tf.tensor1d(ARGUMENTS);
      const got = await f(x).data();
      expect(got.length).toBe(ARGUMENTS.length);
      const off = Array.from(ARGUMENTS, (a, i) => [a, got[i]!, exact(a), ulps(got[i]!, exact(a))]);
      expect(off.filter(([, , , ulp]) => !(ulp! <= allowed))).toEqual([]);
    },
  );

  it('relu6 keeps NaN', async () => {
    expect(Array.from(await tf.relu6(tf.tensor1d([nan, -1, 3, 7, inf])).data())).toEqual([nan, 0, 3, 6, 6]);
  });
});
