import { expOrZero, negativeAbs } from './math';
import { pairs } from './softmax';
import { fma, loadTail, splat, storeTail } from './vector';

/**
 * log(1 + e) for e in [0, 1]: 2 atanh(s), s = e / (2 + e) in [0, 1/3], by its series. What is left out, 2 s^15 / 15, is
 * below 1e-8; a small e comes out as itself.
 */
// @ts-ignore
@inline
function log1pOfUnit(e: v128): v128 {
  const s = f32x4.div(e, f32x4.add(splat(2), e));
  const t = f32x4.mul(s, s);
  let p = fma(splat(1.0 / 13), t, splat(1.0 / 11));
  p = fma(p, t, splat(1.0 / 9));
  p = fma(p, t, splat(1.0 / 7));
  p = fma(p, t, splat(1.0 / 5));
  p = fma(p, t, splat(1.0 / 3));
  p = fma(p, t, splat(1));
  return f32x4.mul(f32x4.add(s, s), p);
}

/** softplus(l) - x l, given e = e^-|l| */
// @ts-ignore
@inline
function term(e: v128, pixel: v128, logit: v128): v128 {
  return f32x4.sub(f32x4.add(f32x4.pmax(logit, splat(0)), log1pOfUnit(e)), f32x4.mul(pixel, logit));
}

/** sigmoid(l) - x, given e = e^-|l| */
// @ts-ignore
@inline
function slope(e: v128, pixel: v128, logit: v128): v128 {
  const top = v128.bitselect(e, splat(1), f32x4.lt(logit, splat(0)));
  return f32x4.sub(f32x4.div(top, f32x4.add(splat(1), e)), pixel);
}

/**
 * Cross-entropy of n pixels x under Bernoulli logits l, for each row of [from, to): sum of softplus(l) - x l to `loss`, and
 * where `grad` is not 0, its gradient sigmoid(l) - x. Both share e^-|l|. Sums are collected in double.
 */
export function sigmoidCrossEntropy(x: usize, l: usize, loss: usize, grad: usize, from: i32, to: i32, n: i32): void {
  const row = <usize>n << 2;
  for (let o = from; o < to; o++) {
    let p = x + <usize>o * row;
    let q = l + <usize>o * row;
    let g = grad + <usize>o * row;
    let total = f64x2.splat(0);
    let left = n;
    for (; left >= 8; left -= 8) {
      const pixel = v128.load(p), next = v128.load(p, 16);
      const logit = v128.load(q), after = v128.load(q, 16);
      const e = expOrZero(negativeAbs(logit)), f = expOrZero(negativeAbs(after));
      total = f64x2.add(total, pairs(f32x4.add(term(e, pixel, logit), term(f, next, after))));
      if (grad != 0) {
        v128.store(g, slope(e, pixel, logit));
        v128.store(g, slope(f, next, after), 16);
        g += 32;
      }
      p += 32;
      q += 32;
    }
    for (; left > 0; left -= 4) {
      const whole = left >= 4;
      const pixel = whole ? v128.load(p) : loadTail(p, left);
      const logit = whole ? v128.load(q) : loadTail(q, left);
      const e = expOrZero(negativeAbs(logit));
      const inside = i32x4.gt_s(i32x4.splat(left), v128(0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0));
      total = f64x2.add(total, pairs(v128.and(term(e, pixel, logit), inside)));
      if (grad != 0) {
        if (whole) v128.store(g, slope(e, pixel, logit));
        else storeTail(g, slope(e, pixel, logit), left);
        g += 16;
      }
      p += 16;
      q += 16;
    }
    f32.store(loss + (<usize>o << 2), <f32>(f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1)));
  }
}
