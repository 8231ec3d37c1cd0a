// Products of a few rows with packed panels of 8 columns, everything that follows done in registers. Rows of `a` are read in place.
import { elu } from './causal-activation';
import { fma, loadTail, storeTail } from './vector';

/** c [m, n] = activation(a [m, k] b + bias (0: none) + plus [m, n] (0: none)), b in panels [k, 8]; `lda` in bytes, c and plus dense. */
export function causalMatrix(
  a: usize, lda: usize, b: usize, k: i32, c: usize, bias: usize, plus: usize, m: i32, n: i32, activation: i32,
): void {
  const panel = <usize>k << 5, row = <usize>n << 2;
  let j = 0;
  if (m == 1) {
    for (; j + 32 <= n; j += 32) {
      const at = <usize>j << 2;
      wide(a, b, panel, k, c + at, bias == 0 ? 0 : bias + at, plus == 0 ? 0 : plus + at, activation);
      b += panel << 2;
    }
  }
  for (; j < n; j += 8) {
    const at = <usize>j << 2;
    const left = min(8, n - j);
    const q = bias == 0 ? 0 : bias + at;
    let i = 0;
    let p = a, to = c + at, from = plus == 0 ? 0 : plus + at;
    for (; i + 5 <= m; i += 5) {
      tile(5, p, lda, b, k, to, row, q, from, left, activation);
      p += 5 * lda;
      to += 5 * row;
      if (from != 0) from += 5 * row;
    }
    for (; i + 2 <= m; i += 2) {
      tile(2, p, lda, b, k, to, row, q, from, left, activation);
      p += 2 * lda;
      to += 2 * row;
      if (from != 0) from += 2 * row;
    }
    if (i < m) tile(1, p, lda, b, k, to, row, q, from, left, activation);
    b += panel;
  }
}

/** One row by 32 columns: as many sums as hide the latency of an addition. */
function wide(a: usize, b: usize, panel: usize, k: i32, c: usize, bias: usize, plus: usize, activation: i32): void {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  const b1 = b + panel, b2 = b1 + panel, b3 = b2 + panel;
  for (let i: usize = 0; i < <usize>k << 5; i += 32) {
    const s = v128.load32_splat(a);
    c0 = fma(s, v128.load(b + i), c0);
    c1 = fma(s, v128.load(b + i, 16), c1);
    c2 = fma(s, v128.load(b1 + i), c2);
    c3 = fma(s, v128.load(b1 + i, 16), c3);
    c4 = fma(s, v128.load(b2 + i), c4);
    c5 = fma(s, v128.load(b2 + i, 16), c5);
    c6 = fma(s, v128.load(b3 + i), c6);
    c7 = fma(s, v128.load(b3 + i, 16), c7);
    a += 4;
  }
  finish(c0, c, bias, plus, 4, activation);
  finish(c1, c + 16, next(bias, 16), next(plus, 16), 4, activation);
  finish(c2, c + 32, next(bias, 32), next(plus, 32), 4, activation);
  finish(c3, c + 48, next(bias, 48), next(plus, 48), 4, activation);
  finish(c4, c + 64, next(bias, 64), next(plus, 64), 4, activation);
  finish(c5, c + 80, next(bias, 80), next(plus, 80), 4, activation);
  finish(c6, c + 96, next(bias, 96), next(plus, 96), 4, activation);
  finish(c7, c + 112, next(bias, 112), next(plus, 112), 4, activation);
}

// @ts-ignore: decorator
@inline
function next(p: usize, by: usize): usize {
  return p == 0 ? 0 : p + by;
}

/** `rows` <= 5, a constant, by `left` <= 8 columns. */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32, a: usize, lda: usize, b: usize, k: i32, c: usize, row: usize, bias: usize, plus: usize, left: i32, activation: i32,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00;
  const a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda;
  const end = <usize>k << 2;
  for (let i: usize = 0; i < end; i += 4) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load32_splat(a + i);
    c00 = fma(s, b0, c00);
    c01 = fma(s, b1, c01);
    if (rows > 1) {
      s = v128.load32_splat(a1 + i);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
    }
    if (rows > 2) {
      s = v128.load32_splat(a2 + i);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.load32_splat(a3 + i);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      s = v128.load32_splat(a4 + i);
      c40 = fma(s, b0, c40);
      c41 = fma(s, b1, c41);
    }
    b += 32;
  }
  both(c00, c01, c, bias, plus, left, activation);
  if (rows > 1) both(c10, c11, c + row, bias, next(plus, row), left, activation);
  if (rows > 2) {
    both(c20, c21, c + 2 * row, bias, next(plus, 2 * row), left, activation);
    both(c30, c31, c + 3 * row, bias, next(plus, 3 * row), left, activation);
    both(c40, c41, c + 4 * row, bias, next(plus, 4 * row), left, activation);
  }
}

function both(low: v128, high: v128, c: usize, bias: usize, plus: usize, left: i32, activation: i32): void {
  finish(low, c, bias, plus, min(4, left), activation);
  if (left > 4) finish(high, c + 16, next(bias, 16), next(plus, 16), left - 4, activation);
}

// @ts-ignore: decorator
@inline
function finish(sum: v128, c: usize, bias: usize, plus: usize, left: i32, activation: i32): void {
  let v = sum;
  if (bias != 0) v = f32x4.add(v, left == 4 ? v128.load(bias) : loadTail(bias, left));
  if (plus != 0) v = f32x4.add(v, left == 4 ? v128.load(plus) : loadTail(plus, left));
  if (activation == 1) v = f32x4.max(v, f32x4.splat(0));
  else if (activation == 2) v = elu(v);
  if (left == 4) v128.store(c, v);
  else storeTail(c, v, left);
}
