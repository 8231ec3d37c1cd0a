// What LSTM and GRU share: products of a step's states with a matrix that all steps use, and where a step's rows stand.
// Rows of step t in an array [B, T, N] lie T N apart.
import { HEAD, KC, MC } from './gemm';
import { NR, panels } from './gemm-micro';
import { packA, packB } from './gemm-pack';
import { thinDots, thinRows } from './gemm-thin';
import { loadTail, storeTail } from './vector';

/** Up to how many rows the matrix is not packed. */
const FEW: i32 = 8;

// @ts-ignore
@inline
function panelled(n: i32): i32 {
  return (n + NR - 1) & ~(NR - 1);
}

/** Bytes that b [k, n] takes, packed for products of `rows` rows. */
export function packedSize(rows: i32, k: i32, n: i32): i32 {
  return rows <= FEW ? 0 : k * panelled(n) << 2;
}

/** Bytes of work space of `stepProduct` with `rows` rows. */
export function productSpace(rows: i32): i32 {
  return rows <= FEW ? 0 : <i32>HEAD;
}

/** Packs b [k, n] of any element strides as `stepProduct` wants it, for products of `rows` rows. */
export function packMatrix(b: usize, brs: i32, bcs: i32, rows: i32, k: i32, n: i32, packed: usize): void {
  if (rows <= FEW) return;
  const wide = panelled(n);
  for (let pc = 0; pc < k; pc += KC) {
    const kc = min(KC, k - pc);
    packB(b + (<usize>(pc * brs) << 2), brs, bcs, kc, n, packed + (<usize>(pc * wide) << 2), <usize>(kc << 5));
  }
}

/**
 * c [m, n] = a [m, k] b [k, n], rows of a `lda` elements apart: b by its element strides, one of which is 1, and as
 * `packMatrix` left it.
 */
export function stepProduct(
  a: usize, lda: i32, b: usize, brs: i32, bcs: i32, packed: usize, c: usize, m: i32, k: i32, n: i32, scratch: usize,
): void {
  if (m <= FEW) {
    if (bcs == 1) thinRows(a, lda, 1, b, brs, c, m, k, n);
    else thinDots(b, bcs, a, lda, c, 1, n, n, k, m);
    return;
  }
  const wide = panelled(n);
  const pa = scratch + 192;
  for (let ic = 0; ic < m; ic += MC) {
    const mc = min(MC, m - ic);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      packA(a + (<usize>(ic * lda + pc) << 2), lda, 1, mc, kc, pa);
      panels(kc, pa, packed + (<usize>(pc * wide) << 2), mc, n, c + (<usize>(ic * n) << 2), <usize>n << 2, 0, pc == 0, scratch);
    }
  }
}

/** Four floats, or the `left` < 4 that remain. */
// @ts-ignore
@inline
export function load4(p: usize, left: i32): v128 {
  return left >= 4 ? v128.load(p) : loadTail(p, left);
}

// @ts-ignore
@inline
export function store4(p: usize, v: v128, left: i32): void {
  if (left >= 4) v128.store(p, v);
  else storeTail(p, v, left);
}

/** s (1 - s) x: the slope of a sigmoid, given its value. */
// @ts-ignore
@inline
export function throughSigmoid(x: v128, s: v128): v128 {
  return f32x4.mul(x, f32x4.mul(s, f32x4.sub(f32x4.splat(1), s)));
}

/** (1 - y^2) x: the slope of tanh, given its value. */
// @ts-ignore
@inline
export function throughTanh(x: v128, y: v128): v128 {
  return f32x4.mul(x, f32x4.sub(f32x4.splat(1), f32x4.mul(y, y)));
}

/** Adds `count` floats at `x` to those at `sum`. */
export function addTo(sum: usize, x: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const p = sum + (<usize>i << 2);
    store4(p, f32x4.add(load4(p, count - i), load4(x + (<usize>i << 2), count - i)), count - i);
  }
}

/** before [B, T, N]: the state that each step of rows [from, to) began with, from the states after each, [B, T, N], and `first` [B, N]. */
export function statesBefore(states: usize, first: usize, before: usize, from: i32, to: i32, steps: i32, units: i32, backward: bool): void {
  const row = <usize>units << 2;
  const others = <usize>(steps - 1) * row;
  for (let b = from; b < to; b++) {
    const at = <usize>(b * steps) * row;
    const start = first + <usize>b * row;
    if (backward) {
      memory.copy(before + at, states + at + row, others);
      memory.copy(before + at + others, start, row);
    } else {
      memory.copy(before + at, start, row);
      memory.copy(before + at + row, states + at, others);
    }
  }
}

/** out [B, N]: rows [from, to) of the states [B, T, N] at step t. */
export function statesAt(states: usize, t: i32, out: usize, from: i32, to: i32, steps: i32, units: i32): void {
  const row = <usize>units << 2;
  for (let b = from; b < to; b++) memory.copy(out + <usize>b * row, states + <usize>(b * steps + t) * row, row);
}
