// A sparse matrix [M, K] in compressed rows (indptr [M + 1], indices and values [size]) times a dense one.
import { fma, lanes } from './gemm-micro';
import { single } from './gemm-thin';

/** Whether the entries of every row in [from, to) lie inside the matrix. */
function fits(indptr: usize, indices: usize, size: i32, columns: i32, from: i32, to: i32): bool {
  for (let i = from; i < to; i++) {
    const first = load<i32>(indptr + (<usize>i << 2));
    const last = load<i32>(indptr + (<usize>i << 2), 4);
    if (first < 0 || last < first || last > size) return false;
    for (let p = first; p < last; p++) if (load<u32>(indices + (<usize>p << 2)) >= <u32>columns) return false;
  }
  return true;
}

/** out [M, n] = sparse [M, k] dense [k, n], rows [from, to). Returns 1, and does nothing, if an entry lies outside the matrix. */
export function sparseProduct(
  indptr: usize, indices: usize, values: usize, size: i32, dense: usize, k: i32, n: i32, out: usize, from: i32, to: i32,
): i32 {
  if (!fits(indptr, indices, size, k, from, to)) return 1;
  const row = <usize>n << 2;
  for (let i = from; i < to; i++) {
    const first = <usize>load<i32>(indptr + (<usize>i << 2)) << 2;
    const last = <usize>load<i32>(indptr + (<usize>i << 2), 4) << 2;
    const to = out + <usize>i * row;
    let j: usize = 0;
    for (; j + 64 <= row; j += 64) {
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (let p = first; p < last; p += 4) {
        const q = dense + <usize>load<u32>(indices + p) * row + j;
        const v = v128.load32_splat(values + p);
        s0 = fma(v, v128.load(q), s0);
        s1 = fma(v, v128.load(q, 16), s1);
        s2 = fma(v, v128.load(q, 32), s2);
        s3 = fma(v, v128.load(q, 48), s3);
      }
      v128.store(to + j, s0);
      v128.store(to + j, s1, 16);
      v128.store(to + j, s2, 32);
      v128.store(to + j, s3, 48);
    }
    for (; j + 16 <= row; j += 16) {
      let s = f32x4.splat(0);
      for (let p = first; p < last; p += 4) {
        s = fma(v128.load32_splat(values + p), v128.load(dense + <usize>load<u32>(indices + p) * row + j), s);
      }
      v128.store(to + j, s);
    }
    for (; j < row; j += 4) {
      let s: f32 = 0;
      for (let p = first; p < last; p += 4) s += f32.load(values + p) * f32.load(dense + <usize>load<u32>(indices + p) * row + j);
      f32.store(to + j, s);
    }
  }
  return 0;
}

/** out [columns, n] = sparse [rows, columns] transposed times dense [rows, n]. Returns 1 as above. */
export function sparseTransposed(
  indptr: usize, indices: usize, values: usize, size: i32, dense: usize, rows: i32, columns: i32, n: i32, out: usize,
): i32 {
  if (!fits(indptr, indices, size, columns, 0, rows)) return 1;
  const row = <usize>n << 2;
  memory.fill(out, 0, <usize>columns * row);
  for (let i = 0; i < rows; i++, dense += row) {
    const first = <usize>load<i32>(indptr + (<usize>i << 2)) << 2;
    const last = <usize>load<i32>(indptr + (<usize>i << 2), 4) << 2;
    for (let p = first; p < last; p += 4) {
      single(f32.load(values + p), dense, out + <usize>load<u32>(indices + p) * row, n, false);
    }
  }
  return 0;
}

/** slopes [size] of the values: entry (i, j) gets dy [M, n] row i times dense [K, n] row j, for rows [from, to). Returns 1 as above. */
export function sparseValues(
  indptr: usize, indices: usize, size: i32, dy: usize, dense: usize, k: i32, n: i32, out: usize, from: i32, to: i32,
): i32 {
  if (!fits(indptr, indices, size, k, from, to)) return 1;
  const row = <usize>n << 2;
  for (let i = from; i < to; i++) {
    const first = <usize>load<i32>(indptr + (<usize>i << 2)) << 2;
    const last = <usize>load<i32>(indptr + (<usize>i << 2), 4) << 2;
    const a = dy + <usize>i * row;
    for (let p = first; p < last; p += 4) {
      const b = dense + <usize>load<u32>(indices + p) * row;
      let s = f32x4.splat(0);
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) s = fma(v128.load(a + j), v128.load(b + j), s);
      let sum = lanes(s);
      for (; j < row; j += 4) sum += f32.load(a + j) * f32.load(b + j);
      f32.store(out + p, sum);
    }
  }
  return 0;
}
