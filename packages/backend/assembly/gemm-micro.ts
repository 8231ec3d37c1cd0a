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

/** Three rows of `micro`. Where a product and a sum are two instructions, V8 keeps six rows no longer in registers: 30 GFLOP/s for 46 (Node 20). */
function half(k: i32, a: usize, b: usize, c: usize, ldc: usize, first: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
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
    a += 24;
    b += 32;
  }
  if (!first) {
    c00 = f32x4.add(c00, v128.load(c)); c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(c + ldc)); c11 = f32x4.add(c11, v128.load(c + ldc, 16));
    c20 = f32x4.add(c20, v128.load(c + 2 * ldc)); c21 = f32x4.add(c21, v128.load(c + 2 * ldc, 16));
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(c + ldc, c10); v128.store(c + ldc, c11, 16);
  v128.store(c + 2 * ldc, c20); v128.store(c + 2 * ldc, c21, 16);
}

/** c [6, 8], rows `ldc` bytes apart, = (or +=, unless `first`) the panel a [k, 6] transposed times the panel b [k, 8]. */
function micro(k: i32, a: usize, b: usize, c: usize, ldc: usize, first: bool): void {
  if (!ASC_FEATURE_RELAXED_SIMD) {
    half(k, a, b, c, ldc, first);
    half(k, a + 12, b, c + 3 * ldc, ldc, first);
    return;
  }
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

/** Whether V8 pairs vectors: 6 x 8 numbers are then too few for the processor's registers to work without pause. */
let wide: bool = false;

/** Says whether V8 was told to pair vectors (see `widenVectors` of src/wasm/build.ts): the numbers stay the same. */
export function wideVectors(on: bool): void {
  wide = on;
}

/** Two panels of b [k, 8], b and d, at once: c [6, 16]. */
function microWide(k: i32, a: usize, b: usize, d: usize, c: usize, ldc: usize, first: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c02 = c00, c03 = c00, c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  let c20 = c00, c21 = c00, c22 = c00, c23 = c00, c30 = c00, c31 = c00, c32 = c00, c33 = c00;
  let c40 = c00, c41 = c00, c42 = c00, c43 = c00, c50 = c00, c51 = c00, c52 = c00, c53 = c00;
  const end = a + <usize>(k * 24);
  while (a < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(d), b3 = v128.load(d, 16);
    let s = v128.load32_splat(a);
    c00 = fma(s, b0, c00);
    c01 = fma(s, b1, c01);
    c02 = fma(s, b2, c02);
    c03 = fma(s, b3, c03);
    s = v128.load32_splat(a, 4);
    c10 = fma(s, b0, c10);
    c11 = fma(s, b1, c11);
    c12 = fma(s, b2, c12);
    c13 = fma(s, b3, c13);
    s = v128.load32_splat(a, 8);
    c20 = fma(s, b0, c20);
    c21 = fma(s, b1, c21);
    c22 = fma(s, b2, c22);
    c23 = fma(s, b3, c23);
    s = v128.load32_splat(a, 12);
    c30 = fma(s, b0, c30);
    c31 = fma(s, b1, c31);
    c32 = fma(s, b2, c32);
    c33 = fma(s, b3, c33);
    s = v128.load32_splat(a, 16);
    c40 = fma(s, b0, c40);
    c41 = fma(s, b1, c41);
    c42 = fma(s, b2, c42);
    c43 = fma(s, b3, c43);
    s = v128.load32_splat(a, 20);
    c50 = fma(s, b0, c50);
    c51 = fma(s, b1, c51);
    c52 = fma(s, b2, c52);
    c53 = fma(s, b3, c53);
    a += 24;
    b += 32;
    d += 32;
  }
  if (!first) {
    c00 = f32x4.add(c00, v128.load(c)); c01 = f32x4.add(c01, v128.load(c, 16));
    c02 = f32x4.add(c02, v128.load(c, 32)); c03 = f32x4.add(c03, v128.load(c, 48));
    c10 = f32x4.add(c10, v128.load(c + ldc)); c11 = f32x4.add(c11, v128.load(c + ldc, 16));
    c12 = f32x4.add(c12, v128.load(c + ldc, 32)); c13 = f32x4.add(c13, v128.load(c + ldc, 48));
    c20 = f32x4.add(c20, v128.load(c + 2 * ldc)); c21 = f32x4.add(c21, v128.load(c + 2 * ldc, 16));
    c22 = f32x4.add(c22, v128.load(c + 2 * ldc, 32)); c23 = f32x4.add(c23, v128.load(c + 2 * ldc, 48));
    c30 = f32x4.add(c30, v128.load(c + 3 * ldc)); c31 = f32x4.add(c31, v128.load(c + 3 * ldc, 16));
    c32 = f32x4.add(c32, v128.load(c + 3 * ldc, 32)); c33 = f32x4.add(c33, v128.load(c + 3 * ldc, 48));
    c40 = f32x4.add(c40, v128.load(c + 4 * ldc)); c41 = f32x4.add(c41, v128.load(c + 4 * ldc, 16));
    c42 = f32x4.add(c42, v128.load(c + 4 * ldc, 32)); c43 = f32x4.add(c43, v128.load(c + 4 * ldc, 48));
    c50 = f32x4.add(c50, v128.load(c + 5 * ldc)); c51 = f32x4.add(c51, v128.load(c + 5 * ldc, 16));
    c52 = f32x4.add(c52, v128.load(c + 5 * ldc, 32)); c53 = f32x4.add(c53, v128.load(c + 5 * ldc, 48));
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  v128.store(c + ldc, c10); v128.store(c + ldc, c11, 16); v128.store(c + ldc, c12, 32); v128.store(c + ldc, c13, 48);
  v128.store(c + 2 * ldc, c20); v128.store(c + 2 * ldc, c21, 16); v128.store(c + 2 * ldc, c22, 32); v128.store(c + 2 * ldc, c23, 48);
  v128.store(c + 3 * ldc, c30); v128.store(c + 3 * ldc, c31, 16); v128.store(c + 3 * ldc, c32, 32); v128.store(c + 3 * ldc, c33, 48);
  v128.store(c + 4 * ldc, c40); v128.store(c + 4 * ldc, c41, 16); v128.store(c + 4 * ldc, c42, 32); v128.store(c + 4 * ldc, c43, 48);
  v128.store(c + 5 * ldc, c50); v128.store(c + 5 * ldc, c51, 16); v128.store(c + 5 * ldc, c52, 32); v128.store(c + 5 * ldc, c53, 48);
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
  if (wide && rows == 0) {
    panelsWide(k, pa, pb, m, n, c, ldc, first, tile);
    return;
  }
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

function panelsWide(k: i32, pa: usize, pb: usize, m: i32, n: i32, c: usize, ldc: usize, first: bool, tile: usize): void {
  let jr = 0;
  for (; jr + 2 * NR <= n; jr += 2 * NR) {
    const b = pb + (<usize>(jr * k) << 2), d = b + (<usize>k << 5), cc = c + (<usize>jr << 2);
    let ir = 0;
    for (; ir + MR <= m; ir += MR) microWide(k, pa + (<usize>(ir * k) << 2), b, d, cc + <usize>ir * ldc, ldc, first);
    if (ir < m) {
      panel(k, pa, pb, m, n, ir, jr, c, ldc, 0, first, tile);
      panel(k, pa, pb, m, n, ir, jr + NR, c, ldc, 0, first, tile);
    }
  }
  for (; jr < n; jr += NR) {
    for (let ir = 0; ir < m; ir += MR) panel(k, pa, pb, m, n, ir, jr, c, ldc, 0, first, tile);
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
