import { exp, log1pInside, negativeAbs } from './math';
import { pairs } from './softmax';
import { loadTail, splat, storeTail } from './vector';

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
    for (; left > 0; left -= 4) {
      const whole = left >= 4;
      const pixel = whole ? v128.load(p) : loadTail(p, left);
      const logit = whole ? v128.load(q) : loadTail(q, left);
      const e = exp(negativeAbs(logit));
      const tiny = f32x4.lt(e, splat(1e-8)); // log(1 + e) = e
      const y = v128.bitselect(e, log1pInside(e), tiny);
      let term = f32x4.sub(f32x4.add(f32x4.pmax(logit, splat(0)), y), f32x4.mul(pixel, logit));
      if (!whole) term = v128.and(term, i32x4.gt_s(i32x4.splat(left), lanes()));
      total = f64x2.add(total, pairs(term));
      if (grad != 0) {
        const s = f32x4.div(v128.bitselect(e, splat(1), f32x4.lt(logit, splat(0))), f32x4.add(splat(1), e));
        const slope = f32x4.sub(s, pixel);
        if (whole) v128.store(g, slope);
        else storeTail(g, slope, left);
        g += 16;
      }
      p += 16;
      q += 16;
    }
    f32.store(loss + (<usize>o << 2), <f32>(f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1)));
  }
}

// @ts-ignore
@inline
function lanes(): v128 {
  return v128(0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0);
}
