// Gradients of the depthwise convolution, NHWC: the output's channel c M + m comes from the input's channel c alone.
import { fma } from './gemm-micro';

/** First (rounded up) and last + 1 of the `size` output columns whose input column i stride + shift is in [0, limit). */
// @ts-ignore: decorator
@inline
function firstInside(shift: i32, stride: i32, size: i32): i32 {
  return shift >= 0 ? 0 : min(size, (stride - 1 - shift) / stride);
}
// @ts-ignore: decorator
@inline
function endInside(shift: i32, stride: i32, size: i32, limit: i32): i32 {
  return shift >= limit ? 0 : min(size, (limit - 1 - shift) / stride + 1);
}

/** sums [C M] += x [pixels, C] dy [pixels, C M], pixel by pixel; the pixels' distances are in bytes. */
function addSlope(x: usize, xStep: usize, dy: usize, pixels: i32, c: i32, m: i32, sums: usize): void {
  const step = <usize>(c * m) << 2;
  let i = 0;
  if (m == 1) {
    for (; i + 4 <= c; i += 4) {
      let p = x + (<usize>i << 2), q = dy + (<usize>i << 2);
      let sum = f32x4.splat(0);
      for (let t = 0; t < pixels; t++, p += xStep, q += step) sum = fma(v128.load(p), v128.load(q), sum);
      const to = sums + (<usize>i << 2);
      v128.store(to, f32x4.add(v128.load(to), sum));
    }
  }
  for (; i < c; i++) {
    for (let j = i * m; j < (i + 1) * m; j++) {
      let p = x + (<usize>i << 2), q = dy + (<usize>j << 2);
      let sum: f32 = 0;
      for (let t = 0; t < pixels; t++, p += xStep, q += step) sum += f32.load(p) * f32.load(q);
      const to = sums + (<usize>j << 2);
      f32.store(to, f32.load(to) + sum);
    }
  }
}

/** dx [pixels, C] += w [C, M] dy [pixels, C M], pixel by pixel. */
function addImage(dx: usize, xStep: usize, dy: usize, pixels: i32, c: i32, m: i32, w: usize): void {
  const step = <usize>(c * m) << 2;
  for (let t = 0; t < pixels; t++, dx += xStep, dy += step) {
    let i = 0;
    if (m == 1) {
      for (; i + 4 <= c; i += 4) {
        const at = <usize>i << 2;
        v128.store(dx + at, fma(v128.load(w + at), v128.load(dy + at), v128.load(dx + at)));
      }
    }
    for (; i < c; i++) {
      let sum: f32 = 0;
      for (let j = <usize>(i * m) << 2, end = j + (<usize>m << 2); j < end; j += 4) sum += f32.load(w + j) * f32.load(dy + j);
      const to = dx + (<usize>i << 2);
      f32.store(to, f32.load(to) + sum);
    }
  }
}

/**
 * Gradient by the filter [tapsH, tapsW, C, M], `weights`, or, if `byInput`, by the images [B, H, W, C], `x`: the one of the two
 * that is written, added to what is there. Output pixel (i, j) has tap (h, w) at input row i strideH - top + h stepH, and so
 * for columns. Images [from, to).
 */
export function depthwise(
  byInput: bool, x: usize, h: i32, w: i32, c: i32, m: i32, gridH: i32, gridW: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, tapsH: i32, tapsW: i32, stepH: i32, stepW: i32, weights: usize, dy: usize, from: i32, to: i32,
): void {
  const filters = <usize>(c * m) << 2;
  const pixel = <usize>c << 2;
  const xStep = <usize>strideW * pixel;
  for (let b = from; b < to; b++) {
    for (let i = 0; i < gridH; i++) {
      const slopes = dy + <usize>(b * gridH + i) * <usize>gridW * filters;
      for (let kh = 0; kh < tapsH; kh++) {
        const ih = i * strideH - top + kh * stepH;
        if (<u32>ih >= <u32>h) continue;
        const row = x + <usize>(b * h + ih) * <usize>w * pixel;
        for (let kw = 0; kw < tapsW; kw++) {
          const shift = kw * stepW - left;
          const first = firstInside(shift, strideW, gridW);
          const count = endInside(shift, strideW, gridW, w) - first;
          if (count <= 0) continue;
          const image = row + <usize>(first * strideW + shift) * pixel;
          const slope = slopes + <usize>first * filters;
          const tap = weights + <usize>(kh * tapsW + kw) * filters;
          if (byInput) addImage(image, xStep, slope, count, c, m, tap);
          else addSlope(image, xStep, slope, count, c, m, tap);
        }
      }
    }
  }
}
