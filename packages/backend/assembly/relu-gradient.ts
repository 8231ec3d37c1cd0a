import { load4, store4 } from './recurrent';

/** dx = dy where x > 0, 0 where it is not, NaN where x is NaN; elements [from, to). */
export function reluGradient(dy: usize, x: usize, dx: usize, from: i32, to: i32): void {
  const zero = f32x4.splat(0);
  for (let i = from; i < to; i += 4) {
    const at = <usize>i << 2, left = to - i;
    const v = load4(x + at, left);
    store4(dx + at, v128.or(v128.and(load4(dy + at, left), f32x4.gt(v, zero)), f32x4.ne(v, v)), left);
  }
}
