import { expInside, expOrZero, expReduced, log, negativeAbs } from './math';
import { transposeMatrix } from './transpose';
import { fma, splat, storeTail } from './vector';

/** -200 to 1e37: below, a sigmoid is 0 in float32; above, sums would be infinite. In this order of arguments NaN stays. */
// @ts-ignore
@inline
function clip(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, splat(1e37)), splat(-200));
}

/** Of a column of four: the i-th. */
// @ts-ignore
@inline
function column(p: usize, i: i32): usize {
  return p + ((<usize>i) << 4);
}

/** A likelihood from here on loses nothing to terms below float32's range. */
const LEAST: f32 = 1e-20;

/** Vectors that `logisticMixture` works in. */
export function logisticMixtureWork(components: i32, channels: i32, slopes: i32): i32 {
  return 3 * channels + components * (3 + 6 * channels + slopes);
}

/**
 * Log-likelihood of pixels under mixtures of K products of C discretised logistics, for values [from, to): value
 * [., C], of which number n has mixture n modulo `pixels`; logits [pixels, K]; loc and scale [pixels, K, C]; coefficients
 * [pixels, K, slopes], slopes C (C - 1) / 2 or 0. With r = unit scale and a = (upper - mu) / r, b = (lower - mu) / r:
 *
 *   log sum_k softmax(logits)_k prod_c (sigmoid(a) - sigmoid(b)),   mu = unit loc
 *   sigmoid(a) - sigmoid(b) = (1 - e^(b - a)) / ((1 + e^-a) (1 + e^b))
 *
 * where dLogits is not 0 also the gradients of it, of the same shapes for every value. Four pixels go side by side: a
 * column of four is one number of each. `work`: as many vectors as `logisticMixtureWork` says.
 */
export function logisticMixture(
  value: usize, logits: usize, loc: usize, scale: usize, coefficients: usize,
  logProb: usize, dLogits: usize, dLoc: usize, dScale: usize, dCoefficients: usize,
  work: usize, from: i32, to: i32, pixels: i32, components: i32, channels: i32, slopes: i32, low: f32, high: f32,
): void {
  const middle: f32 = (low + high) / 2;
  const unit: f32 = (high - low) / 2;
  const each = components * channels; // numbers of loc a pixel
  const links = components * slopes;
  const y = work; // C: the value on [-1, 1]
  const lower = column(y, channels);
  const upper = column(lower, channels);
  const l = column(upper, channels); // K
  const joint = column(l, components); // K
  const logs = column(joint, components); // K
  const m = column(logs, components); // K C each: loc, then a, then the difference of two sigmoids, then the gradient
  const s = column(m, each); // scale, then b, then where its gradient comes from, then the gradient
  const rate = column(s, each);
  const z = column(rate, each); // then the mass of a bin without its tails
  const width = column(z, each); // e^z, then the mass of the bin
  const near = column(width, each); // the larger of e^-|a| and e^-|b|, then the tails
  const q = column(near, each); // K slopes
  const overUnit = splat(1 / unit);

  for (let n = from; n < to; ) {
    const pixel = n % pixels;
    const count = min(4, min(to - n, pixels - pixel));
    transposeMatrix(value + ((<usize>n * channels) << 2), channels << 2, y, 16, count, channels);
    transposeMatrix(logits + ((<usize>pixel * components) << 2), components << 2, l, 16, count, components);
    transposeMatrix(loc + ((<usize>pixel * each) << 2), each << 2, m, 16, count, each);
    transposeMatrix(scale + ((<usize>pixel * each) << 2), each << 2, s, 16, count, each);
    if (links > 0) transposeMatrix(coefficients + ((<usize>pixel * links) << 2), links << 2, q, 16, count, links);

    for (let c = 0; c < channels; c++) {
      const v = v128.load(column(y, c));
      // From the middle, where halves are exact: a bin ends where the next begins.
      const begin = v128.bitselect(splat(-Infinity), f32x4.sub(v, splat(middle + 0.5)), f32x4.le(v, splat(low)));
      const end = v128.bitselect(splat(Infinity), f32x4.sub(v, splat(middle - 0.5)), f32x4.ge(v, splat(high)));
      v128.store(column(lower, c), begin);
      v128.store(column(upper, c), end);
      v128.store(column(y, c), f32x4.div(f32x4.sub(v, splat(middle)), splat(unit)));
    }

    // In loops so short that the processor works on several turns at once: the whole has long chains of dependent operations.
    let link = q;
    for (let k = 0, i = 0; k < components; k++) {
      for (let c = 0; c < channels; c++, i++) {
        let mu = v128.load(column(m, i));
        if (slopes > 0) {
          for (let j = 0; j < c; j++) {
            mu = fma(v128.load(link), v128.load(column(y, j)), mu);
            link += 16;
          }
        }
        mu = f32x4.mul(mu, splat(unit));
        const r = f32x4.div(overUnit, v128.load(column(s, i)));
        const begin = v128.load(column(lower, c)), end = v128.load(column(upper, c));
        v128.store(column(m, i), clip(f32x4.mul(f32x4.sub(mu, end), r))); // -a of above
        v128.store(column(s, i), clip(f32x4.mul(f32x4.sub(begin, mu), r)));
        // Not their sum, which would lose the width of a bin far out.
        v128.store(column(z, i), clip(f32x4.mul(f32x4.sub(begin, end), r)));
        v128.store(column(rate, i), r);
      }
    }
    for (let i = 0; i < each; i++) {
      v128.store(column(width, i), expOrZero(v128.load(column(z, i))));
      const nearer = f32x4.pmax(negativeAbs(v128.load(column(m, i))), negativeAbs(v128.load(column(s, i))));
      v128.store(column(near, i), expInside(f32x4.pmax(nearer, splat(-87))));
    }
    for (let i = 0; i < each; i++) {
      const a = v128.load(column(m, i)), b = v128.load(column(s, i));
      const d = v128.load(column(z, i)), e = v128.load(column(width, i)), larger = v128.load(column(near, i));
      const inside = v128.bitselect(f32x4.neg(expReduced(d)), f32x4.sub(splat(1), e), f32x4.gt(d, splat(-0.34)));
      // e^-|a| and e^-|b| from the larger of both, as a + b = z: on one side of the bin their ratio is e^z, inside it their
      // product.
      const within = f32x4.lt(f32x4.pmax(a, b), splat(0));
      const smaller = v128.bitselect(f32x4.div(e, larger), f32x4.mul(e, larger), within);
      const isA = f32x4.le(f32x4.abs(a), f32x4.abs(b));
      const ea = v128.bitselect(larger, smaller, isA), eb = v128.bitselect(smaller, larger, isA);
      const pa = f32x4.add(splat(1), ea), pb = f32x4.add(splat(1), eb);
      const over = f32x4.div(splat(1), f32x4.mul(pa, pb));
      v128.store(column(z, i), f32x4.mul(inside, over));
      v128.store(column(near, i), f32x4.add(f32x4.pmax(a, splat(0)), f32x4.pmax(b, splat(0))));
      const isAbove = f32x4.lt(splat(0), a), isBelow = f32x4.lt(splat(0), b);
      const tail = v128.bitselect(ea, v128.bitselect(eb, splat(1), isBelow), isAbove); // never both
      v128.store(column(width, i), f32x4.mul(f32x4.mul(inside, over), tail));
      if (dLogits == 0) continue;
      const above = f32x4.mul(f32x4.mul(v128.bitselect(ea, splat(1), f32x4.lt(a, splat(0))), pb), over);
      const below = f32x4.mul(f32x4.mul(v128.bitselect(eb, splat(1), f32x4.lt(b, splat(0))), pa), over);
      const ends = fma(above, a, f32x4.mul(below, b));
      v128.store(column(m, i), f32x4.sub(below, above));
      v128.store(column(s, i), f32x4.add(ends, f32x4.div(f32x4.mul(d, e), inside)));
    }
    let topLogit = splat(-Infinity);
    for (let k = 0; k < components; k++) topLogit = f32x4.pmax(topLogit, v128.load(column(l, k)));
    let sum = splat(0), sumLogit = sum;
    for (let k = 0, i = 0; k < components; k++) {
      const prior = expOrZero(f32x4.sub(v128.load(column(l, k)), topLogit));
      let share = prior;
      for (let c = 0; c < channels; c++, i++) share = f32x4.mul(share, v128.load(column(width, i)));
      v128.store(column(l, k), prior);
      v128.store(column(joint, k), share);
      sum = f32x4.add(sum, share);
      sumLogit = f32x4.add(sumLogit, prior);
    }
    let shift = splat(0);
    const tiny = f32x4.lt(sum, splat(LEAST));
    if (v128.any_true(tiny)) {
      // Far in all tails: the same by logarithms, for these pixels.
      transposeMatrix(logits + ((<usize>pixel * components) << 2), components << 2, logs, 16, count, components);
      let top = splat(-Infinity);
      for (let k = 0, i = 0; k < components; k++) {
        let total = v128.load(column(logs, k));
        for (let c = 0; c < channels; c++, i++) {
          total = f32x4.add(total, f32x4.sub(log(v128.load(column(z, i))), v128.load(column(near, i))));
        }
        v128.store(column(logs, k), total);
        top = f32x4.pmax(top, total);
      }
      let far = splat(0);
      for (let k = 0; k < components; k++) {
        const share = expOrZero(f32x4.sub(v128.load(column(logs, k)), top));
        v128.store(column(joint, k), v128.bitselect(share, v128.load(column(joint, k)), tiny));
        far = f32x4.add(far, share);
      }
      sum = v128.bitselect(far, sum, tiny);
      shift = v128.and(f32x4.sub(top, topLogit), tiny);
    }
    const result = f32x4.add(shift, log(f32x4.div(sum, sumLogit)));
    const at = <usize>n << 2;
    if (count == 4) v128.store(logProb + at, result);
    else storeTail(logProb + at, result, count);

    if (dLogits != 0) {
      const overSum = f32x4.div(splat(1), sum), overLogit = f32x4.div(splat(1), sumLogit);
      link = q;
      for (let k = 0, i = 0; k < components; k++) {
        const share = f32x4.mul(v128.load(column(joint, k)), overSum);
        v128.store(column(l, k), f32x4.sub(share, f32x4.mul(v128.load(column(l, k)), overLogit)));
        for (let c = 0; c < channels; c++, i++) {
          const perScale = f32x4.mul(share, f32x4.mul(v128.load(column(rate, i)), splat(unit)));
          const d = f32x4.mul(perScale, v128.load(column(m, i)));
          v128.store(column(m, i), d);
          v128.store(column(s, i), f32x4.mul(perScale, v128.load(column(s, i))));
          if (slopes == 0) continue;
          for (let j = 0; j < c; j++) {
            v128.store(link, f32x4.mul(d, v128.load(column(y, j))));
            link += 16;
          }
        }
      }
      transposeMatrix(l, 16, dLogits + at * components, components << 2, components, count);
      transposeMatrix(m, 16, dLoc + at * each, each << 2, each, count);
      transposeMatrix(s, 16, dScale + at * each, each << 2, each, count);
      if (links > 0) transposeMatrix(q, 16, dCoefficients + at * links, links << 2, links, count);
    }
    n += count;
  }
}
