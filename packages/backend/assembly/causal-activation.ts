import { expm1, sigmoid } from './math';
import { load4, store4 } from './recurrent';

/** x, or e^x - 1 below 0. */
// @ts-ignore: decorator
@inline
export function elu(x: v128): v128 {
  const below = f32x4.lt(x, f32x4.splat(0));
  if (!v128.any_true(below)) return x;
  return v128.bitselect(expm1(f32x4.min(x, f32x4.splat(0))), x, below);
}

/** y = x or 0, n numbers. */
export function reluAll(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    const at = <usize>i << 2;
    store4(y + at, f32x4.max(load4(x + at, n - i), f32x4.splat(0)), n - i);
  }
}

/** y = elu(x), or of -x, n numbers. */
export function eluAll(x: usize, y: usize, n: i32, negative: bool): void {
  for (let i = 0; i < n; i += 4) {
    const at = <usize>i << 2;
    const v = load4(x + at, n - i);
    store4(y + at, elu(negative ? f32x4.neg(v) : v), n - i);
  }
}

/** z = x + y, n numbers. */
export function addAll(x: usize, y: usize, z: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    const at = <usize>i << 2;
    store4(z + at, f32x4.add(load4(x + at, n - i), load4(y + at, n - i)), n - i);
  }
}

/** y = g sigmoid(h), plus x unless that is 0, n numbers. */
export function gateAll(x: usize, g: usize, h: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    const at = <usize>i << 2;
    const v = f32x4.mul(load4(g + at, n - i), sigmoid(load4(h + at, n - i)));
    store4(y + at, x == 0 ? v : f32x4.add(load4(x + at, n - i), v), n - i);
  }
}
