import { expOrZero } from './math';
import { maxOfNumbers } from './reduce';
import { loadTail, splat, storeTail } from './vector';

/** y = e^x / sum e^x of each row of n, for rows [from, to). */
export function softmaxRows(x: usize, y: usize, from: i32, to: i32, n: i32): void {
  const row = (<usize>n) << 2;
  for (let o = from; o < to; o++) {
    const out = y + (<usize>o) * row;
    let p = x + (<usize>o) * row;
    const top = splat(maxOfNumbers(p, n)); // NaN reaches the sum, and by it the whole row
    let q = out;
    let total = f64x2.splat(0);
    let left = n;
    for (; left >= 8; left -= 8) {
      const a = expOrZero(f32x4.sub(v128.load(p), top));
      const b = expOrZero(f32x4.sub(v128.load(p, 16), top));
      v128.store(q, a);
      v128.store(q, b, 16);
      total = f64x2.add(total, pairs(f32x4.add(a, b)));
      p += 32;
      q += 32;
    }
    for (; left >= 4; left -= 4) {
      const a = expOrZero(f32x4.sub(v128.load(p), top));
      v128.store(q, a);
      total = f64x2.add(total, pairs(a));
      p += 16;
      q += 16;
    }
    let sum = f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
    if (left > 0) {
      const a = expOrZero(f32x4.sub(loadTail(p, left), top));
      storeTail(q, a, left);
      for (let i = 0; i < left; i++) sum += <f64>f32.load(q + ((<usize>i) << 2));
    }
    const scale = splat(<f32>(1 / sum));
    q = out;
    for (left = n; left >= 4; left -= 4) {
      v128.store(q, f32x4.mul(v128.load(q), scale));
      q += 16;
    }
    if (left > 0) storeTail(q, f32x4.mul(loadTail(q, left), scale), left);
  }
}

/** The sums of the lanes 0 and 2, 1 and 3, as doubles. */
// @ts-ignore
@inline
export function pairs(v: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0)));
}
