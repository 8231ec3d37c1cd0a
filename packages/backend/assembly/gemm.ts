// c [M, N] = a [M, K] b [K, N] with any element strides of a and b, so that transposes cost nothing but the packing.
import { finishRows, NR, panels } from './gemm-micro';
import { packA, packB } from './gemm-pack';
import { transposed } from './transpose';
import { thinDots, thinRows } from './gemm-thin';

export const KC: i32 = 256;
export const MC: i32 = 96;
/** Columns of b packed at a time. */
const NC: i32 = 512;
/** Numbers of b packed at a time: 1 MB. With few rows of a, what stays in the L2 cache serves better. */
const B_SIZE: i32 = 256 * 1024;
/** Up to how many rows, columns or products of a sum no side is packed. */
const THIN: i32 = 4;
/** The same where b's rows, which are read along, are contiguous. */
const THIN_ROWS: i32 = 8;

/** Bytes before the packed b: a tile, the panels of a. */
export const HEAD: usize = 192 + <usize>(MC * KC << 2);

/** The product of a batch: its matrices `aStep` and `bStep` elements apart, those of c one after the other. */
export function gemm(
  a: usize, ars: i32, acs: i32, aStep: i32, b: usize, brs: i32, bcs: i32, bStep: i32, c: usize,
  m: i32, k: i32, n: i32, count: i32, bias: usize, activation: i32, alpha: f32, scratch: usize,
): void {
  for (let i = 0; i < count; i++) {
    one(a, ars, acs, b, brs, bcs, c, m, k, n, bias, activation, alpha, scratch);
    a += <usize>aStep << 2;
    b += <usize>bStep << 2;
    c += <usize>(m * n) << 2;
  }
}

function one(
  a: usize, ars: i32, acs: i32, b: usize, brs: i32, bcs: i32, c: usize, m: i32, k: i32, n: i32,
  bias: usize, activation: i32, alpha: f32, scratch: usize,
): void {
  const ldc = <usize>(n << 2);
  if (m <= THIN || n <= THIN || k <= THIN || (m <= THIN_ROWS && bcs == 1)) {
    thin(a, ars, acs, b, brs, bcs, c, m, k, n, scratch);
    finishRows(c, ldc, 0, m, n, bias, activation, alpha);
    return;
  }
  const pa = scratch + 192;
  const pb = scratch + HEAD;
  const few = m <= 2 * MC;
  const widest = few ? NC / 2 : NC;
  for (let jc = 0; jc < n; jc += widest) {
    const nc = min(widest, n - jc);
    const wide = (nc + NR - 1) & ~(NR - 1);
    const deep = few ? KC : (B_SIZE / wide) & ~(KC - 1);
    for (let ps = 0; ps < k; ps += deep) {
      const ks = min(deep, k - ps);
      for (let pc = 0; pc < ks; pc += KC) {
        const kc = min(KC, ks - pc);
        const from = b + (<usize>((ps + pc) * brs + jc * bcs) << 2);
        packB(from, brs, bcs, kc, nc, pb + (<usize>(pc * wide) << 2), <usize>(kc << 5));
      }
      for (let ic = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        const cc = c + (<usize>(ic * n + jc) << 2);
        for (let pc = 0; pc < ks; pc += KC) {
          const kc = min(KC, ks - pc);
          packA(a + (<usize>(ic * ars + (ps + pc) * acs) << 2), ars, acs, mc, kc, pa);
          panels(kc, pa, pb + (<usize>(pc * wide) << 2), mc, nc, cc, ldc, 0, ps + pc == 0, scratch);
        }
        if (ps + ks == k) finishRows(cc, ldc, 0, mc, nc, bias == 0 ? 0 : bias + (<usize>jc << 2), activation, alpha);
      }
    }
  }
}

/** m, n or k is small. Scratch: 4 THIN max(m, k, n) bytes. */
function thin(a: usize, ars: i32, acs: i32, b: usize, brs: i32, bcs: i32, c: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  if (k <= THIN && n > THIN) {
    if (bcs != 1) {
      gather(b, brs, bcs, k, n, scratch);
      b = scratch;
      brs = n;
    }
    thinRows(a, ars, acs, b, brs, c, m, k, n);
  } else if (m <= THIN || (m <= THIN_ROWS && n > THIN && bcs == 1)) {
    if (bcs == 1 && (brs != 1 || n > 1)) {
      thinRows(a, ars, acs, b, brs, c, m, k, n);
    } else if (acs == 1) {
      thinDots(b, bcs, a, ars, c, 1, n, n, k, m);
    } else {
      gather(a, ars, acs, m, k, scratch);
      thinDots(b, bcs, scratch, k, c, 1, n, n, k, m);
    }
  } else if (acs == 1) {
    if (brs == 1) {
      thinDots(a, ars, b, bcs, c, n, 1, m, k, n);
    } else {
      gather(b, bcs, brs, n, k, scratch);
      thinDots(a, ars, scratch, k, c, n, 1, m, k, n);
    }
  } else {
    thinRows(b, bcs, brs, a, acs, n == 1 ? c : scratch, n, k, m);
    if (n > 1) transposed(scratch, n, m, c);
  }
}

/** out [rows, columns], packed. */
function gather(x: usize, rs: i32, cs: i32, rows: i32, columns: i32, out: usize): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      f32.store(out, f32.load(x + (<usize>(i * rs + j * cs) << 2)));
      out += 4;
    }
  }
}

/** Fills with 0: the product of matrices without a column or row in common. */
export function gemmZero(c: usize, size: i32): void {
  memory.fill(c, 0, <usize>size << 2);
}
