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

/** Vectors that `logisticMixture` works in. */
export function logisticMixtureWork(components: i32, channels: i32, slopes: i32): i32 {
  return 3 * channels + components * (2 + 3 * channels + slopes);
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
  const m = column(joint, components); // K C: loc, then the difference of two sigmoids, then the gradient
  const s = column(m, each); // K C: scale, then where its gradient comes from, then the gradient
  const inverse = column(s, each); // K C: 1 / scale
  const q = column(inverse, each); // K slopes

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

    let top = splat(-Infinity), topLogit = top;
    for (let k = 0; k < components; k++) {
      let total = v128.load(column(l, k));
      topLogit = f32x4.pmax(topLogit, total);
      let slope = column(q, k * slopes);
      for (let c = 0; c < channels; c++) {
        const i = k * channels + c;
        let mu = v128.load(column(m, i));
        if (slopes > 0) {
          for (let j = 0; j < c; j++) {
            mu = fma(v128.load(slope), v128.load(column(y, j)), mu);
            slope += 16;
          }
        }
        mu = f32x4.mul(mu, splat(unit));
        const rate = f32x4.div(splat(1 / unit), v128.load(column(s, i)));
        const begin = v128.load(column(lower, c)), end = v128.load(column(upper, c));
        const a = clip(f32x4.mul(f32x4.sub(mu, end), rate)); // -a and b of above
        const b = clip(f32x4.mul(f32x4.sub(begin, mu), rate));
        const z = clip(f32x4.mul(f32x4.sub(begin, end), rate)); // not a + b, which would lose the width of a bin far out
        const width = expOrZero(z);
        const inside = v128.bitselect(
          f32x4.neg(expReduced(z)),
          f32x4.sub(splat(1), width),
          f32x4.gt(z, splat(-0.34)),
        );
        // e^-|a| and e^-|b| from the larger of both, as a + b = z: on one side of the bin their ratio is e^z, inside it
        // their product.
        const na = negativeAbs(a), nb = negativeAbs(b);
        const near = expInside(f32x4.pmax(f32x4.pmax(na, nb), splat(-87)));
        const within = f32x4.lt(f32x4.pmax(a, b), splat(0));
        const far = v128.bitselect(f32x4.div(width, near), f32x4.mul(width, near), within);
        const isA = f32x4.ge(na, nb);
        const ea = v128.bitselect(near, far, isA), eb = v128.bitselect(far, near, isA);
        const pa = f32x4.add(splat(1), ea), pb = f32x4.add(splat(1), eb);
        const over = f32x4.div(splat(1), f32x4.mul(pa, pb));
        const tails = f32x4.add(f32x4.pmax(a, splat(0)), f32x4.pmax(b, splat(0)));
        total = f32x4.add(total, f32x4.sub(log(f32x4.mul(inside, over)), tails));
        if (dLogits == 0) continue;
        const above = f32x4.mul(f32x4.mul(v128.bitselect(ea, splat(1), f32x4.lt(a, splat(0))), pb), over);
        const below = f32x4.mul(f32x4.mul(v128.bitselect(eb, splat(1), f32x4.lt(b, splat(0))), pa), over);
        v128.store(column(m, i), f32x4.sub(below, above));
        const ends = fma(above, a, f32x4.mul(below, b));
        v128.store(column(s, i), f32x4.add(ends, f32x4.div(f32x4.mul(z, width), inside)));
        v128.store(column(inverse, i), f32x4.mul(rate, splat(unit)));
      }
      v128.store(column(joint, k), total);
      top = f32x4.pmax(top, total);
    }

    let sum = splat(0), sumLogit = sum;
    for (let k = 0; k < components; k++) {
      const share = expOrZero(f32x4.sub(v128.load(column(joint, k)), top));
      const prior = expOrZero(f32x4.sub(v128.load(column(l, k)), topLogit));
      v128.store(column(joint, k), share);
      v128.store(column(l, k), prior);
      sum = f32x4.add(sum, share);
      sumLogit = f32x4.add(sumLogit, prior);
    }
    const result = f32x4.add(f32x4.sub(top, topLogit), log(f32x4.div(sum, sumLogit)));
    const at = <usize>n << 2;
    if (count == 4) v128.store(logProb + at, result);
    else storeTail(logProb + at, result, count);

    if (dLogits != 0) {
      const overSum = f32x4.div(splat(1), sum), overLogit = f32x4.div(splat(1), sumLogit);
      for (let k = 0; k < components; k++) {
        const share = f32x4.mul(v128.load(column(joint, k)), overSum);
        v128.store(column(l, k), f32x4.sub(share, f32x4.mul(v128.load(column(l, k)), overLogit)));
        let slope = column(q, k * slopes);
        for (let c = 0; c < channels; c++) {
          const i = k * channels + c;
          const perScale = f32x4.mul(share, v128.load(column(inverse, i)));
          const d = f32x4.mul(perScale, v128.load(column(m, i)));
          v128.store(column(m, i), d);
          v128.store(column(s, i), f32x4.mul(perScale, v128.load(column(s, i))));
          if (slopes == 0) continue;
          for (let j = 0; j < c; j++) {
            v128.store(slope, f32x4.mul(d, v128.load(column(y, j))));
            slope += 16;
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
