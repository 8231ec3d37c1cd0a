// Packing of matrices with any element strides into the panels of gemm-micro.ts; short panels are filled with 0.
import { MR, NR } from './gemm-micro';

/** out [count, 6] = six runs of `count` numbers, interleaved. */
export function interleave(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, count: i32, out: usize): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const a0 = v128.load(p0), a1 = v128.load(p1), a2 = v128.load(p2);
    const a3 = v128.load(p3), a4 = v128.load(p4), a5 = v128.load(p5);
    const t0 = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5);
    const t1 = v128.shuffle<f32>(a2, a3, 0, 4, 1, 5);
    const t2 = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
    const t3 = v128.shuffle<f32>(a2, a3, 2, 6, 3, 7);
    const t4 = v128.shuffle<f32>(a4, a5, 0, 4, 1, 5);
    const t5 = v128.shuffle<f32>(a4, a5, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
    v128.store64_lane(out, t4, 0, 16);
    v128.store(out, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), 24);
    v128.store64_lane(out, t4, 1, 40);
    v128.store(out, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 48);
    v128.store64_lane(out, t5, 0, 64);
    v128.store(out, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 72);
    v128.store64_lane(out, t5, 1, 88);
    p0 += 16; p1 += 16; p2 += 16; p3 += 16; p4 += 16; p5 += 16;
    out += 96;
  }
  for (; i < count; i++) {
    f32.store(out, f32.load(p0));
    f32.store(out, f32.load(p1), 4);
    f32.store(out, f32.load(p2), 8);
    f32.store(out, f32.load(p3), 12);
    f32.store(out, f32.load(p4), 16);
    f32.store(out, f32.load(p5), 20);
    p0 += 4; p1 += 4; p2 += 4; p3 += 4; p4 += 4; p5 += 4;
    out += 24;
  }
}

/** Panels of 6 rows of a [m, k]: row stride rs, column stride cs, in elements. */
export function packA(a: usize, rs: i32, cs: i32, m: i32, k: i32, out: usize): void {
  const r = <usize>(rs << 2);
  const c = <usize>(cs << 2);
  for (let i = 0; i < m; i += MR) {
    const rows = min(MR, m - i);
    let p = a + <usize>i * r;
    if (rows == MR && cs == 1) {
      interleave(p, p + r, p + 2 * r, p + 3 * r, p + 4 * r, p + 5 * r, k, out);
      out += <usize>(k * 24);
    } else if (rows == MR && rs == 1) {
      for (let kk = 0; kk < k; kk++) {
        v128.store(out, v128.load(p));
        i64.store(out, i64.load(p, 16), 16);
        p += c;
        out += 24;
      }
    } else {
      for (let kk = 0; kk < k; kk++) {
        for (let t = 0; t < MR; t++) f32.store(out + (<usize>t << 2), t < rows ? f32.load(p + <usize>t * r) : 0);
        p += c;
        out += 24;
      }
    }
  }
}

/** Panels of 8 columns of b [k, n]: row stride rs, column stride cs, in elements; the panels lie `step` bytes apart. */
export function packB(b: usize, rs: i32, cs: i32, k: i32, n: i32, out: usize, step: usize): void {
  const r = <usize>(rs << 2);
  const c = <usize>(cs << 2);
  for (let j = 0; j < n; j += NR) {
    const columns = min(NR, n - j);
    let p = b + <usize>j * c;
    let o = out;
    out += step;
    let kk = 0;
    if (columns == NR && cs == 1) {
      for (; kk < k; kk++) {
        v128.store(o, v128.load(p));
        v128.store(o, v128.load(p, 16), 16);
        p += r;
        o += 32;
      }
    } else if (columns == NR && rs == 1) {
      for (; kk + 4 <= k; kk += 4) {
        for (let h: usize = 0; h < 2; h++) {
          const q = p + h * 4 * c;
          const a0 = v128.load(q), a1 = v128.load(q + c), a2 = v128.load(q + 2 * c), a3 = v128.load(q + 3 * c);
          const t0 = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5);
          const t1 = v128.shuffle<f32>(a2, a3, 0, 4, 1, 5);
          const t2 = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
          const t3 = v128.shuffle<f32>(a2, a3, 2, 6, 3, 7);
          const to = o + (h << 4);
          v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
          v128.store(to, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), 32);
          v128.store(to, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 64);
          v128.store(to, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 96);
        }
        p += 16;
        o += 128;
      }
    }
    for (; kk < k; kk++) {
      for (let t = 0; t < NR; t++) f32.store(o + (<usize>t << 2), t < columns ? f32.load(p + <usize>t * c) : 0);
      p += r;
      o += 32;
    }
  }
}
