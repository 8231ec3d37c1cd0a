// C[M,N] = A[M,K] B[K,N]; element strides given for A and B.
const MR: i32 = 6;
const NR: i32 = 8;
const KC: i32 = 256;
const MC: i32 = 96;
const NC: i32 = 1024;

// @ts-ignore
@inline
function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

function packA(a: usize, rs: i32, cs: i32, m: i32, k: i32, out: usize): void {
  for (let i = 0; i < m; i += MR) {
    const rows = min(MR, m - i);
    const src = a + ((i * rs) << 2);
    if (rows == MR) {
      const r = <usize>(rs << 2);
      const c = <usize>(cs << 2);
      let p = src;
      for (let kk = 0; kk < k; kk++) {
        f32.store(out, f32.load(p));
        f32.store(out, f32.load(p + r), 4);
        f32.store(out, f32.load(p + 2 * r), 8);
        f32.store(out, f32.load(p + 3 * r), 12);
        f32.store(out, f32.load(p + 4 * r), 16);
        f32.store(out, f32.load(p + 5 * r), 20);
        p += c;
        out += 24;
      }
    } else {
      for (let kk = 0; kk < k; kk++) {
        for (let r = 0; r < MR; r++) {
          f32.store(out, r < rows ? f32.load(src + ((r * rs + kk * cs) << 2)) : 0);
          out += 4;
        }
      }
    }
  }
}

function packB(b: usize, rs: i32, cs: i32, k: i32, n: i32, out: usize): void {
  for (let j = 0; j < n; j += NR) {
    const columns = min(NR, n - j);
    const src = b + ((j * cs) << 2);
    if (columns == NR && cs == 1) {
      let p = src;
      const r = <usize>(rs << 2);
      for (let kk = 0; kk < k; kk++) {
        v128.store(out, v128.load(p));
        v128.store(out, v128.load(p, 16), 16);
        p += r;
        out += 32;
      }
    } else if (columns == NR && rs == 1) {
      const c = <usize>(cs << 2);
      let kk = 0;
      let p = src;
      for (; kk + 4 <= k; kk += 4) {
        for (let h = 0; h < 2; h++) {
          const q = p + <usize>h * 4 * c;
          const a0 = v128.load(q), a1 = v128.load(q + c), a2 = v128.load(q + 2 * c), a3 = v128.load(q + 3 * c);
          const t0 = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5);
          const t1 = v128.shuffle<f32>(a2, a3, 0, 4, 1, 5);
          const t2 = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
          const t3 = v128.shuffle<f32>(a2, a3, 2, 6, 3, 7);
          const o = out + (<usize>h << 4);
          v128.store(o, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
          v128.store(o, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), 32);
          v128.store(o, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 64);
          v128.store(o, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 96);
        }
        p += 16;
        out += 128;
      }
      for (; kk < k; kk++) {
        for (let c2 = 0; c2 < NR; c2++) f32.store(out + (c2 << 2), f32.load(p + <usize>c2 * c));
        p += 4;
        out += 32;
      }
    } else {
      for (let kk = 0; kk < k; kk++) {
        for (let c = 0; c < NR; c++) {
          f32.store(out, c < columns ? f32.load(src + ((kk * rs + c * cs) << 2)) : 0);
          out += 4;
        }
      }
    }
  }
}

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

/** scratch: MC*KC + KC*NC + 48 floats. */
export function gemm(a: usize, ars: i32, acs: i32, b: usize, brs: i32, bcs: i32, c: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  const pa = scratch;
  const pb = pa + (MC * KC << 2);
  const tile = pb + (KC * NC << 2);
  const ldc = <usize>(n << 2);
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      packB(b + ((pc * brs + jc * bcs) << 2), brs, bcs, kc, nc, pb);
      for (let ic = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        packA(a + ((ic * ars + pc * acs) << 2), ars, acs, mc, kc, pa);
        for (let jr = 0; jr < nc; jr += NR) {
          const nr = min(NR, nc - jr);
          for (let ir = 0; ir < mc; ir += MR) {
            const mr = min(MR, mc - ir);
            const cc = c + (((ic + ir) * n + jc + jr) << 2);
            const ap = pa + (ir * kc << 2);
            const bp = pb + (jr * kc << 2);
            if (mr == MR && nr == NR) micro(kc, ap, bp, cc, ldc, pc == 0);
            else {
              micro(kc, ap, bp, tile, 32, true);
              for (let i = 0; i < mr; i++) for (let j = 0; j < nr; j++) {
                const d = cc + ((i * n + j) << 2);
                const v = f32.load(tile + ((i * 8 + j) << 2));
                f32.store(d, pc == 0 ? v : f32.load(d) + v);
              }
            }
          }
        }
      }
    }
  }
}
