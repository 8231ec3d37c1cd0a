// Products with one side so thin that packing would cost more than multiplying.
import { fma, lanes } from './gemm-micro';

/** Columns at a time: a row of c and four of b stay in the first cache. */
const WIDTH: i32 = 1024;

/** c [m, n] = a [m, k] b [k, n] for few rows m or a small k: a of any strides, b's rows contiguous and `ldb` elements apart. */
export function thinRows(a: usize, ars: i32, acs: i32, b: usize, ldb: i32, c: usize, m: i32, k: i32, n: i32): void {
  for (let j = 0; j < n; j += WIDTH) {
    const at = <usize>j << 2;
    const width = min(WIDTH, n - j);
    let kk = 0;
    for (; kk + 4 <= k; kk += 4) {
      for (let i = 0; i < m; i += 2) {
        const pair = i + 1 < m;
        four(a + (<usize>(i * ars + kk * acs) << 2), ars, acs, b + at + (<usize>(kk * ldb) << 2), ldb, c + at + (<usize>(i * n) << 2), n, width, kk == 0, pair);
      }
    }
    if (kk == k) continue;
    const q = b + at + (<usize>(kk * ldb) << 2);
    for (let i = 0; i < m; i++) {
      few(k - kk, a + (<usize>(i * ars + kk * acs) << 2), acs, q, ldb, c + at + (<usize>(i * n) << 2), width, kk == 0);
    }
  }
}

/** One row of c += one to three rows of b, weighted. */
function few(count: i32, a: usize, acs: i32, b: usize, ldb: i32, c: usize, n: i32, first: bool): void {
  if (count == 1) {
    single(f32.load(a), b, c, n, first);
    return;
  }
  const three = count == 3;
  const r = <usize>(ldb << 2), s = <usize>(acs << 2);
  const row = <usize>n << 2, end = row & ~15;
  const a0 = f32.load(a), a1 = f32.load(a + s), a2: f32 = three ? f32.load(a + 2 * s) : 0;
  const v0 = f32x4.splat(a0), v1 = f32x4.splat(a1), v2 = f32x4.splat(a2), zero = f32x4.splat(0);
  let j: usize = 0;
  for (; j < end; j += 16) {
    let sum = fma(v1, v128.load(b + j + r), fma(v0, v128.load(b + j), first ? zero : v128.load(c + j)));
    if (three) sum = fma(v2, v128.load(b + j + 2 * r), sum);
    v128.store(c + j, sum);
  }
  for (; j < row; j += 4) {
    let sum: f32 = first ? 0 : f32.load(c + j);
    sum += a0 * f32.load(b + j) + a1 * f32.load(b + j + r);
    if (three) sum += a2 * f32.load(b + j + 2 * r);
    f32.store(c + j, sum);
  }
}

/** One row of c, or two, += four rows of b, weighted. */
function four(a: usize, ars: i32, acs: i32, b: usize, ldb: i32, c: usize, ldc: i32, n: i32, first: bool, pair: bool): void {
  const r = <usize>(ldb << 2), s = <usize>(acs << 2), d = <usize>(ldc << 2);
  const zero = f32x4.splat(0);
  const row = <usize>n << 2, end = row & ~15;
  const a0 = f32.load(a), a1 = f32.load(a + s), a2 = f32.load(a + 2 * s), a3 = f32.load(a + 3 * s);
  const v0 = f32x4.splat(a0), v1 = f32x4.splat(a1), v2 = f32x4.splat(a2), v3 = f32x4.splat(a3);
  let j: usize = 0;
  if (pair) {
    const e = a + (<usize>ars << 2);
    const w0 = v128.load32_splat(e), w1 = v128.load32_splat(e + s), w2 = v128.load32_splat(e + 2 * s), w3 = v128.load32_splat(e + 3 * s);
    for (; j < end; j += 16) {
      const q = b + j, to = c + j;
      const b0 = v128.load(q), b1 = v128.load(q + r), b2 = v128.load(q + 2 * r), b3 = v128.load(q + 3 * r);
      v128.store(to, fma(v3, b3, fma(v2, b2, fma(v1, b1, fma(v0, b0, first ? zero : v128.load(to))))));
      v128.store(to + d, fma(w3, b3, fma(w2, b2, fma(w1, b1, fma(w0, b0, first ? zero : v128.load(to + d))))));
    }
    for (; j < row; j += 4) {
      const q = b + j, to = c + j;
      const b0 = f32.load(q), b1 = f32.load(q + r), b2 = f32.load(q + 2 * r), b3 = f32.load(q + 3 * r);
      f32.store(to, (first ? 0 : f32.load(to)) + (a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3));
      const sum = f32.load(e) * b0 + f32.load(e + s) * b1 + f32.load(e + 2 * s) * b2 + f32.load(e + 3 * s) * b3;
      f32.store(to + d, (first ? 0 : f32.load(to + d)) + sum);
    }
    return;
  }
  for (; j < end; j += 16) {
    const q = b + j, to = c + j;
    const sum = fma(v1, v128.load(q + r), fma(v0, v128.load(q), first ? zero : v128.load(to)));
    v128.store(to, fma(v3, v128.load(q + 3 * r), fma(v2, v128.load(q + 2 * r), sum)));
  }
  for (; j < row; j += 4) {
    const q = b + j, to = c + j;
    const sum = a0 * f32.load(q) + a1 * f32.load(q + r) + a2 * f32.load(q + 2 * r) + a3 * f32.load(q + 3 * r);
    f32.store(to, (first ? 0 : f32.load(to)) + sum);
  }
}

/** One row of c += one row of b, weighted. */
export function single(a: f32, b: usize, c: usize, n: i32, first: bool): void {
  const v = f32x4.splat(a);
  const row = <usize>n << 2, end = row & ~15;
  let j: usize = 0;
  if (first) {
    for (; j < end; j += 16) v128.store(c + j, f32x4.mul(v, v128.load(b + j)));
    for (; j < row; j += 4) f32.store(c + j, a * f32.load(b + j));
    return;
  }
  for (; j < end; j += 16) v128.store(c + j, fma(v, v128.load(b + j), v128.load(c + j)));
  for (; j < row; j += 4) f32.store(c + j, f32.load(c + j) + a * f32.load(b + j));
}

/**
 * c[i, j] = a[i] . b[j] for runs of k numbers: a [m, k] and b [n, k] with rows `lda` and `ldb` elements apart, c of any
 * strides. Few columns n. Beyond the last row or column the last one is done again.
 */
export function thinDots(a: usize, lda: i32, b: usize, ldb: i32, c: usize, crs: i32, ccs: i32, m: i32, k: i32, n: i32): void {
  for (let i = 0; i < m; i += 4) {
    const i1 = min(i + 1, m - 1), i2 = min(i + 2, m - 1), i3 = min(i + 3, m - 1);
    for (let j = 0; j < n; j += 2) {
      const j1 = min(j + 1, n - 1);
      let p0 = a + (<usize>(i * lda) << 2), p1 = a + (<usize>(i1 * lda) << 2);
      let p2 = a + (<usize>(i2 * lda) << 2), p3 = a + (<usize>(i3 * lda) << 2);
      let q0 = b + (<usize>(j * ldb) << 2), q1 = b + (<usize>(j1 * ldb) << 2);
      let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
      let kk = 0;
      for (; kk + 4 <= k; kk += 4) {
        const b0 = v128.load(q0), b1 = v128.load(q1);
        let v = v128.load(p0);
        s00 = fma(v, b0, s00); s01 = fma(v, b1, s01);
        v = v128.load(p1);
        s10 = fma(v, b0, s10); s11 = fma(v, b1, s11);
        v = v128.load(p2);
        s20 = fma(v, b0, s20); s21 = fma(v, b1, s21);
        v = v128.load(p3);
        s30 = fma(v, b0, s30); s31 = fma(v, b1, s31);
        p0 += 16; p1 += 16; p2 += 16; p3 += 16; q0 += 16; q1 += 16;
      }
      let r00 = lanes(s00), r01 = lanes(s01), r10 = lanes(s10), r11 = lanes(s11);
      let r20 = lanes(s20), r21 = lanes(s21), r30 = lanes(s30), r31 = lanes(s31);
      for (; kk < k; kk++) {
        const b0 = f32.load(q0), b1 = f32.load(q1);
        let v = f32.load(p0);
        r00 += v * b0; r01 += v * b1;
        v = f32.load(p1);
        r10 += v * b0; r11 += v * b1;
        v = f32.load(p2);
        r20 += v * b0; r21 += v * b1;
        v = f32.load(p3);
        r30 += v * b0; r31 += v * b1;
        p0 += 4; p1 += 4; p2 += 4; p3 += 4; q0 += 4; q1 += 4;
      }
      f32.store(c + (<usize>(i * crs + j * ccs) << 2), r00); f32.store(c + (<usize>(i * crs + j1 * ccs) << 2), r01);
      f32.store(c + (<usize>(i1 * crs + j * ccs) << 2), r10); f32.store(c + (<usize>(i1 * crs + j1 * ccs) << 2), r11);
      f32.store(c + (<usize>(i2 * crs + j * ccs) << 2), r20); f32.store(c + (<usize>(i2 * crs + j1 * ccs) << 2), r21);
      f32.store(c + (<usize>(i3 * crs + j * ccs) << 2), r30); f32.store(c + (<usize>(i3 * crs + j1 * ccs) << 2), r31);
    }
  }
}
