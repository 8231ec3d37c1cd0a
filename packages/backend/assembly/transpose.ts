import { moveWords } from './move';

// @ts-ignore
@inline
function tile4(src: usize, s: usize, dst: usize, d: usize): void {
  const a = v128.load(src), b = v128.load(src + s), c = v128.load(src + 2 * s), e = v128.load(src + 3 * s);
  const t0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const t1 = v128.shuffle<i32>(c, e, 0, 4, 1, 5);
  const t2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const t3 = v128.shuffle<i32>(c, e, 2, 6, 3, 7);
  v128.store(dst, v128.shuffle<i32>(t0, t1, 0, 1, 4, 5));
  v128.store(dst + d, v128.shuffle<i32>(t0, t1, 2, 3, 6, 7));
  v128.store(dst + 2 * d, v128.shuffle<i32>(t2, t3, 0, 1, 4, 5));
  v128.store(dst + 3 * d, v128.shuffle<i32>(t2, t3, 2, 3, 6, 7));
}

/** Columns of four rows at most, whose other rows are not written. */
function lastRows(src: usize, s: usize, dst: usize, d: usize, rows: i32, cols: i32): void {
  const zero = i32x4.splat(0);
  let c = 0;
  for (; c + 4 <= cols; c += 4) {
    const e0 = v128.load(src);
    const e1 = rows > 1 ? v128.load(src + s) : zero;
    const e2 = rows > 2 ? v128.load(src + 2 * s) : zero;
    const t0 = v128.shuffle<i32>(e0, e1, 0, 4, 1, 5);
    const t1 = v128.shuffle<i32>(e0, e1, 2, 6, 3, 7);
    if (rows == 1) {
      v128.store_lane<i32>(dst, t0, 0);
      v128.store_lane<i32>(dst + d, t0, 2);
      v128.store_lane<i32>(dst + 2 * d, t1, 0);
      v128.store_lane<i32>(dst + 3 * d, t1, 2);
    } else {
      v128.store_lane<i64>(dst, t0, 0);
      v128.store_lane<i64>(dst + d, t0, 1);
      v128.store_lane<i64>(dst + 2 * d, t1, 0);
      v128.store_lane<i64>(dst + 3 * d, t1, 1);
      if (rows == 3) {
        v128.store_lane<i32>(dst, e2, 0, 8);
        v128.store_lane<i32>(dst + d, e2, 1, 8);
        v128.store_lane<i32>(dst + 2 * d, e2, 2, 8);
        v128.store_lane<i32>(dst + 3 * d, e2, 3, 8);
      }
    }
    src += 16;
    dst += 4 * d;
  }
  for (; c < cols; c++) {
    for (let k = 0; k < rows; k++) store<u32>(dst + (k << 2), load<u32>(src + k * s));
    src += 4;
    dst += d;
  }
}

/** A matrix of words: rows s apart in src become columns of dst, whose rows are d apart. */
export function transposeMatrix(src: usize, s: usize, dst: usize, d: usize, rows: i32, cols: i32): void {
  // Blocks of 16 by 16 words, which are whole cache lines on both sides, down the source: reading far apart costs less
  // than writing.
  const tall = rows & ~15;
  for (let c0 = 0; c0 < cols; c0 += 16) {
    const c1 = min(c0 + 16, cols);
    for (let r = 0; r < tall; r += 16) {
      let p = src + r * s + (c0 << 2);
      let q = dst + c0 * d + (r << 2);
      let c = c0;
      for (; c + 4 <= c1; c += 4) {
        tile4(p, s, q, d);
        tile4(p + 4 * s, s, q + 16, d);
        tile4(p + 8 * s, s, q + 32, d);
        tile4(p + 12 * s, s, q + 48, d);
        p += 16;
        q += 4 * d;
      }
      for (; c < c1; c++) {
        moveWords(p, q, 16, s, 4);
        p += 4;
        q += d;
      }
    }
  }
  let r = tall;
  for (; r + 4 <= rows; r += 4) {
    let p = src + r * s;
    let q = dst + (r << 2);
    let c = 0;
    for (; c + 4 <= cols; c += 4) {
      tile4(p, s, q, d);
      p += 16;
      q += 4 * d;
    }
    for (; c < cols; c++) {
      moveWords(p, q, 4, s, 4);
      p += 4;
      q += d;
    }
  }
  if (r < rows) lastRows(src + r * s, s, dst + (r << 2), d, rows - r, cols);
}

/** dst [cols, rows] = transposed src [rows, cols], both without gaps. */
export function transposed(src: usize, rows: i32, cols: i32, dst: usize): void {
  transposeMatrix(src, <usize>(cols << 2), dst, <usize>(rows << 2), rows, cols);
}
