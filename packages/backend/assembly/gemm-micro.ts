// The inner product of packed panels: 6 rows by 8 columns stay in registers while k runs.
export const MR: i32 = 6;
export const NR: i32 = 8;

// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function lanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** c [6, 8], rows `ldc` bytes apart, = (or +=, unless `first`) the panel a [k, 6] transposed times the panel b [k, 8]. */
function micro(k: i32, a: usize, b: usize, c: usize, ldc: usize, first: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  const end = a + <usize>(k * 24);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = fma(s, b0, c00);
    c01 = fma(s, b1, c01);
    s = v128.load32_splat(a, 4);
    c10 = fma(s, b0, c10);
    c11 = fma(s, b1, c11);
    s = v128.load32_splat(a, 8);
    c20 = fma(s, b0, c20);
    c21 = fma(s, b1, c21);
    s = v128.load32_splat(a, 12);
    c30 = fma(s, b0, c30);
    c31 = fma(s, b1, c31);
    s = v128.load32_splat(a, 16);
    c40 = fma(s, b0, c40);
    c41 = fma(s, b1, c41);
    s = v128.load32_splat(a, 20);
    c50 = fma(s, b0, c50);
    c51 = fma(s, b1, c51);
    a += 24;
    b += 32;
  }
  if (!first) {
    c00 = f32x4.add(c00, v128.load(c)); c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(c + ldc)); c11 = f32x4.add(c11, v128.load(c + ldc, 16));
    c20 = f32x4.add(c20, v128.load(c + 2 * ldc)); c21 = f32x4.add(c21, v128.load(c + 2 * ldc, 16));
    c30 = f32x4.add(c30, v128.load(c + 3 * ldc)); c31 = f32x4.add(c31, v128.load(c + 3 * ldc, 16));
    c40 = f32x4.add(c40, v128.load(c + 4 * ldc)); c41 = f32x4.add(c41, v128.load(c + 4 * ldc, 16));
    c50 = f32x4.add(c50, v128.load(c + 5 * ldc)); c51 = f32x4.add(c51, v128.load(c + 5 * ldc, 16));
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(c + ldc, c10); v128.store(c + ldc, c11, 16);
  v128.store(c + 2 * ldc, c20); v128.store(c + 2 * ldc, c21, 16);
  v128.store(c + 3 * ldc, c30); v128.store(c + 3 * ldc, c31, 16);
  v128.store(c + 4 * ldc, c40); v128.store(c + 4 * ldc, c41, 16);
  v128.store(c + 5 * ldc, c50); v128.store(c + 5 * ldc, c51, 16);
}

/** One row of a tile, `count` <= 8 numbers, to c. */
function spill(tile: usize, c: usize, count: i32, first: bool): void {
  if (count == NR) {
    let lo = v128.load(tile), hi = v128.load(tile, 16);
    if (!first) {
      lo = f32x4.add(lo, v128.load(c));
      hi = f32x4.add(hi, v128.load(c, 16));
    }
    v128.store(c, lo);
    v128.store(c, hi, 16);
    return;
  }
  for (let j = 0; j < count; j++) {
    const v = f32.load(tile + (j << 2));
    f32.store(c + (j << 2), first ? v : f32.load(c + (j << 2)) + v);
  }
}

/** Up to this k the time goes into writing c: then row by row, else column by column, where the panel of b stays in the L1 cache. */
const SHALLOW: i32 = 64;

/**
 * Rows [0, m) by columns [0, n) of c from packed panels of a and b. `rows` is 0, and c's rows lie `ldc` bytes apart; or it
 * points to the address of every row, and c is 0 or an offset in bytes. `tile`: 192 bytes.
 */
export function panels(k: i32, pa: usize, pb: usize, m: i32, n: i32, c: usize, ldc: usize, rows: usize, first: bool, tile: usize): void {
  if (k > SHALLOW) {
    for (let jr = 0; jr < n; jr += NR) {
      for (let ir = 0; ir < m; ir += MR) panel(k, pa, pb, m, n, ir, jr, c, ldc, rows, first, tile);
    }
    return;
  }
  for (let ir = 0; ir < m; ir += MR) {
    for (let jr = 0; jr < n; jr += NR) panel(k, pa, pb, m, n, ir, jr, c, ldc, rows, first, tile);
  }
}

// @ts-ignore: decorator
@inline
function panel(
  k: i32, pa: usize, pb: usize, m: i32, n: i32, ir: i32, jr: i32, c: usize, ldc: usize, rows: usize, first: bool, tile: usize,
): void {
  const nr = min(NR, n - jr);
  const mr = min(MR, m - ir);
  const ap = pa + <usize>(ir * k << 2);
  const bp = pb + <usize>(jr * k << 2);
  const cc = c + <usize>(jr << 2);
  if (rows == 0 && mr == MR && nr == NR) {
    micro(k, ap, bp, cc + <usize>ir * ldc, ldc, first);
    return;
  }
  micro(k, ap, bp, tile, 32, true);
  for (let i = 0; i < mr; i++) {
    const row = rows == 0 ? cc + <usize>(ir + i) * ldc : cc + <usize>load<u32>(rows + (<usize>(ir + i) << 2));
    spill(tile + (<usize>i << 5), row, nr, first);
  }
}

/** Adds the bias [n] (0: none) to m rows of c and applies the activation: 0 linear, 1 relu, 2 relu6, 3 leakyrelu(alpha). */
export function finishRows(c: usize, ldc: usize, rows: usize, m: i32, n: i32, bias: usize, activation: i32, alpha: f32): void {
  if (bias == 0 && activation == 0) return;
  const zero = f32x4.splat(0), six = f32x4.splat(6), slope = f32x4.splat(alpha);
  for (let i = 0; i < m; i++) {
    const row = rows == 0 ? c + <usize>i * ldc : c + <usize>load<u32>(rows + (<usize>i << 2));
    for (let j = 0; j < n; j += 4) {
      const p = row + <usize>(j << 2);
      const q = bias + <usize>(j << 2);
      if (n - j >= 4) {
        let v = v128.load(p);
        if (bias != 0) v = f32x4.add(v, v128.load(q));
        if (activation == 1) v = f32x4.max(v, zero);
        else if (activation == 2) v = f32x4.min(f32x4.max(v, zero), six);
        else if (activation == 3) v = v128.bitselect(f32x4.mul(v, slope), v, f32x4.lt(v, zero));
        v128.store(p, v);
      } else {
        for (let t: usize = 0; t < <usize>(n - j) << 2; t += 4) {
          let v = f32.load(p + t);
          if (bias != 0) v += f32.load(q + t);
          if (activation == 1) v = max<f32>(v, 0);
          else if (activation == 2) v = min<f32>(max<f32>(v, 0), 6);
          else if (activation == 3) v = v < 0 ? v * alpha : v;
          f32.store(p + t, v);
        }
      }
    }
  }
}
