// What stands between the convolutions of PixelCNN++'s blocks, one pass over memory each: rows [from, to) of n numbers.
import { expm1, sigmoid } from './math';
import { load4, store4 } from './recurrent';
import { fma } from './vector';

/** y = elu of x and of -x side by side, 2n a row: of the two one is |x|, the other e^-|x| - 1. */
export function concatElu(x: usize, y: usize, from: i32, to: i32, n: i32): void {
  const half = <usize>n << 2;
  for (let r = from; r < to; r++) {
    const p = x + <usize>r * half;
    const q = y + <usize>r * (half << 1);
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2;
      const v = load4(p + at, n - i);
      const below = f32x4.lt(v, f32x4.splat(0));
      const size = f32x4.abs(v);
      const flat = expm1(f32x4.neg(size));
      store4(q + at, v128.bitselect(flat, size, below), n - i);
      store4(q + half + at, v128.bitselect(size, flat, below), n - i);
    }
  }
}

/** dx = dy1 elu'(x) - dy2 elu'(-x); where y = elu is negative, its slope is y + 1. */
export function concatEluGradient(dy: usize, y: usize, dx: usize, from: i32, to: i32, n: i32): void {
  const half = <usize>n << 2;
  const zero = f32x4.splat(0);
  for (let r = from; r < to; r++) {
    const p = dy + <usize>r * (half << 1);
    const q = y + <usize>r * (half << 1);
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2;
      const first = load4(p + at, n - i);
      const second = load4(p + half + at, n - i);
      const up = fma(first, f32x4.min(load4(q + at, n - i), zero), first);
      const down = fma(second, f32x4.min(load4(q + half + at, n - i), zero), second);
      store4(dx + <usize>r * half + at, f32x4.sub(up, down), n - i);
    }
  }
}

/** y = x + a sigmoid(b), h = [a, b] of 2n a row. */
export function gatedResidual(x: usize, h: usize, y: usize, from: i32, to: i32, n: i32): void {
  const half = <usize>n << 2;
  for (let r = from; r < to; r++) {
    const p = h + <usize>r * (half << 1);
    const row = <usize>r * half;
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2;
      const open = sigmoid(load4(p + half + at, n - i));
      store4(y + row + at, fma(load4(p + at, n - i), open, load4(x + row + at, n - i)), n - i);
    }
  }
}

/** dh = [dy s, dy a s (1 - s)], s = sigmoid(b). */
export function gatedResidualGradient(dy: usize, h: usize, dh: usize, from: i32, to: i32, n: i32): void {
  const half = <usize>n << 2;
  const one = f32x4.splat(1);
  for (let r = from; r < to; r++) {
    const p = h + <usize>r * (half << 1);
    const q = dh + <usize>r * (half << 1);
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2;
      const open = sigmoid(load4(p + half + at, n - i));
      const passed = f32x4.mul(load4(dy + <usize>r * half + at, n - i), open);
      store4(q + at, passed, n - i);
      const slope = f32x4.mul(load4(p + at, n - i), f32x4.sub(one, open));
      store4(q + half + at, f32x4.mul(passed, slope), n - i);
    }
  }
}
