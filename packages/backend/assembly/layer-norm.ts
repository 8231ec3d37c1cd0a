import { sumRow } from './reduce';
import { pairs } from './softmax';
import { fma, loadTail, splat, storeTail } from './vector';

// @ts-ignore
@inline
function total(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Lanes below n of v, 0 in the others. */
// @ts-ignore
@inline
function first(v: v128, n: i32): v128 {
  return v128.and(v, i32x4.gt_s(i32x4.splat(n), v128(0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0)));
}

/** Sum of (x - mean)^2 over a row, in double. */
function sumSquares(p: usize, n: i32, mean: v128): f64 {
  let a = f64x2.splat(0);
  for (; n >= 8; n -= 8) {
    const d = f32x4.sub(v128.load(p), mean), e = f32x4.sub(v128.load(p, 16), mean);
    a = f64x2.add(a, pairs(fma(d, d, f32x4.mul(e, e))));
    p += 32;
  }
  for (; n > 0; n -= 4) {
    const d = n >= 4 ? f32x4.sub(v128.load(p), mean) : first(f32x4.sub(loadTail(p, n), mean), n);
    a = f64x2.add(a, pairs(f32x4.mul(d, d)));
    p += 16;
  }
  return total(a);
}

/**
 * For rows [from, to) of n: y = (x - mean) inverse gamma + beta, inverse = 1 / sqrt(mean of (x - mean)^2 + epsilon). What a
 * row needs is read from memory once.
 */
export function layerNorm(
  x: usize, gamma: usize, beta: usize, y: usize, mean: usize, inverse: usize, from: i32, to: i32, n: i32, epsilon: f64,
): void {
  const row = <usize>n << 2;
  for (let o = from; o < to; o++) {
    let p = x + <usize>o * row;
    const average = <f32>(sumRow(p, n) / <f64>n);
    const center = splat(average);
    const one = <f32>(1 / Math.sqrt(sumSquares(p, n, center) / <f64>n + epsilon));
    f32.store(mean + (<usize>o << 2), average);
    f32.store(inverse + (<usize>o << 2), one);
    const over = splat(one);
    let q = y + <usize>o * row;
    let g = gamma, b = beta;
    let left = n;
    for (; left >= 4; left -= 4) {
      v128.store(q, fma(f32x4.mul(f32x4.sub(v128.load(p), center), over), v128.load(g), v128.load(b)));
      p += 16;
      q += 16;
      g += 16;
      b += 16;
    }
    if (left > 0) {
      const hat = f32x4.mul(f32x4.sub(loadTail(p, left), center), over);
      storeTail(q, fma(hat, loadTail(g, left), loadTail(b, left)), left);
    }
  }
}

/** Rows whose gradients by gamma and beta are added up in single precision before they go to double. */
const CHUNK: i32 = 64;

/** sums of n doubles += part of n floats, which is 0 after. */
function collect(sums: usize, part: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const at = sums + (<usize>i << 3);
    f64.store(at, f64.load(at) + <f64>f32.load(part + (<usize>i << 2)));
  }
  memory.fill(part, 0, <usize>n << 2);
}

function round(sums: usize, to: usize, n: i32): void {
  for (let i = 0; i < n; i++) f32.store(to + (<usize>i << 2), <f32>f64.load(sums + (<usize>i << 3)));
}

/**
 * The gradients of the same, from dy, for rows [from, to): with h = (x - mean) inverse and d = dy gamma,
 *
 *   dx = inverse (d - mean of d - h mean of d h),   dGamma = sum over rows of dy h,   dBeta = sum over rows of dy
 *
 * work: 24 n bytes.
 */
export function layerNormGradient(
  dy: usize, x: usize, gamma: usize, mean: usize, inverse: usize, dx: usize, dGamma: usize, dBeta: usize,
  work: usize, from: i32, to: i32, n: i32,
): void {
  const row = <usize>n << 2;
  const sumsGamma = work, sumsBeta = work + 2 * row; // doubles
  const partGamma = work + 4 * row, partBeta = work + 5 * row;
  memory.fill(work, 0, 6 * row);
  for (let o = from; o < to; o++) {
    const center = splat(f32.load(mean + (<usize>o << 2)));
    const over = splat(f32.load(inverse + (<usize>o << 2)));
    let p = x + <usize>o * row, e = dy + <usize>o * row, g = gamma, a = partGamma, b = partBeta;
    let sumD = f64x2.splat(0), sumDH = sumD;
    let left = n;
    for (; left >= 4; left -= 4) {
      const h = f32x4.mul(f32x4.sub(v128.load(p), center), over);
      const t = v128.load(e);
      const d = f32x4.mul(t, v128.load(g));
      sumD = f64x2.add(sumD, pairs(d));
      sumDH = f64x2.add(sumDH, pairs(f32x4.mul(d, h)));
      v128.store(a, fma(t, h, v128.load(a)));
      v128.store(b, f32x4.add(t, v128.load(b)));
      p += 16;
      e += 16;
      g += 16;
      a += 16;
      b += 16;
    }
    if (left > 0) {
      const h = f32x4.mul(f32x4.sub(loadTail(p, left), center), over);
      const t = loadTail(e, left);
      const d = f32x4.mul(t, loadTail(g, left)); // 0 in the lanes beyond
      sumD = f64x2.add(sumD, pairs(d));
      sumDH = f64x2.add(sumDH, pairs(f32x4.mul(d, h)));
      storeTail(a, fma(t, h, loadTail(a, left)), left);
      storeTail(b, f32x4.add(t, loadTail(b, left)), left);
    }
    const meanD = splat(<f32>(total(sumD) / <f64>n));
    const meanDH = splat(<f32>(total(sumDH) / <f64>n));
    p = x + <usize>o * row;
    e = dy + <usize>o * row;
    g = gamma;
    let q = dx + <usize>o * row;
    for (left = n; left >= 4; left -= 4) {
      const h = f32x4.mul(f32x4.sub(v128.load(p), center), over);
      const d = f32x4.mul(v128.load(e), v128.load(g));
      v128.store(q, f32x4.mul(over, f32x4.sub(f32x4.sub(d, meanD), f32x4.mul(h, meanDH))));
      p += 16;
      e += 16;
      g += 16;
      q += 16;
    }
    if (left > 0) {
      const h = f32x4.mul(f32x4.sub(loadTail(p, left), center), over);
      const d = f32x4.mul(loadTail(e, left), loadTail(g, left));
      storeTail(q, f32x4.mul(over, f32x4.sub(f32x4.sub(d, meanD), f32x4.mul(h, meanDH))), left);
    }
    if ((o - from) % CHUNK == CHUNK - 1) {
      collect(sumsGamma, partGamma, n);
      collect(sumsBeta, partBeta, n);
    }
  }
  collect(sumsGamma, partGamma, n);
  collect(sumsBeta, partBeta, n);
  round(sumsGamma, dGamma, n);
  round(sumsBeta, dBeta, n);
}
