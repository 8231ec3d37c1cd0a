import { expm1 } from './math';
import { pairs } from './softmax';
import { fma, loadTail, splat } from './vector';

/** Half of e^v - 1 - v + m^2, as doubles of two lanes each. */
// @ts-ignore
@inline
function terms(m: v128, v: v128): v128 {
  return pairs(f32x4.mul(splat(0.5), fma(m, m, f32x4.sub(expm1(v), v))));
}

/**
 * KL(N(m, e^v) || N(0, 1)) for each row of n in [from, to), in nats: the sum of (e^v - 1 - v + m^2) / 2, collected in
 * double. Beyond e^89 it is infinite.
 */
export function gaussianKl(m: usize, v: usize, kl: usize, from: i32, to: i32, n: i32): void {
  const row = <usize>n << 2;
  for (let o = from; o < to; o++) {
    let p = m + <usize>o * row;
    let q = v + <usize>o * row;
    let total = f64x2.splat(0);
    let left = n;
    for (; left >= 4; left -= 4) {
      total = f64x2.add(total, terms(v128.load(p), v128.load(q)));
      p += 16;
      q += 16;
    }
    if (left > 0) total = f64x2.add(total, terms(loadTail(p, left), loadTail(q, left))); // 0 of the lanes beyond
    f32.store(kl + (<usize>o << 2), <f32>(f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1)));
  }
}
