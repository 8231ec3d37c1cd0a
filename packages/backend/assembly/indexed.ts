// What indices choose: gather, scatter, one-hot. Indices are int32.
import { copyBlock, fillWords } from './move';

/** The place of the first of n indices outside [0, limit), or -1. */
export function firstOutside(indices: usize, n: i32, limit: i32): i32 {
  for (let i = 0; i < n; i++) {
    if (load<u32>(indices + (<usize>i << 2)) >= <u32>limit) return i;
  }
  return -1;
}

/** out [batch, outer, n, row bytes] = rows of x [batch, outer, dim, row bytes] by indices [batch, n], all inside. */
export function gatherRows(
  x: usize, indices: usize, out: usize, batch: i32, outer: i32, dim: i32, n: i32, row: i32,
): void {
  for (let b = 0; b < batch; b++) {
    const ids = indices + b * (n << 2);
    for (let o = 0; o < outer; o++) {
      const rows = x + (b * outer + o) * (dim * row);
      if (row == 4) {
        for (let i = 0; i < n; i++) {
          store<u32>(out, load<u32>(rows + (load<i32>(ids + (<usize>i << 2)) << 2)));
          out += 4;
        }
      } else {
        for (let i = 0; i < n; i++) {
          copyBlock(rows + load<i32>(ids + (<usize>i << 2)) * row, out, row);
          out += row;
        }
      }
    }
  }
}

// @ts-ignore
@inline
function addRow(x: usize, out: usize, width: i32, float: bool): void {
  let j = 0;
  for (; j + 4 <= width; j += 4) {
    const sum = float
      ? f32x4.add(v128.load(out), v128.load(x))
      : i32x4.add(v128.load(out), v128.load(x));
    v128.store(out, sum);
    x += 16;
    out += 16;
  }
  for (; j < width; j++) {
    if (float) f32.store(out, f32.load(out) + f32.load(x));
    else i32.store(out, i32.load(out) + i32.load(x));
    x += 4;
    out += 4;
  }
}

/**
 * out [segments from .. to, width] = sums of the rows of x [n, width] by id, in the order of the rows: whoever shares the
 * segments out gets the same numbers. Other ids count nowhere.
 */
export function segmentSum(x: usize, ids: usize, out: usize, n: i32, width: i32, from: i32, to: i32, float: i32): void {
  const row = <usize>width << 2;
  memory.fill(out + from * row, 0, (to - from) * row);
  for (let i = 0; i < n; i++) {
    const id = load<i32>(ids + (<usize>i << 2));
    if (id >= from && id < to) {
      if (float) addRow(x, out + id * row, width, true);
      else addRow(x, out + id * row, width, false);
    }
    x += row;
  }
}

// @ts-ignore
@inline
function place(indices: usize, rank: i32, s0: i32, s1: i32, s2: i32, s3: i32): i64 {
  let id = <i64>load<i32>(indices) * s0;
  if (rank > 1) id += <i64>load<i32>(indices, 4) * s1;
  if (rank > 2) id += <i64>load<i32>(indices, 8) * s2;
  if (rank > 3) id += <i64>load<i32>(indices, 12) * s3;
  return id;
}

/**
 * out [n, row bytes] = the rows of x [rows, row bytes] whose place is the sum of indices [n, rank] times the strides, of
 * which there are four. -1, or the first index outside, where it ends.
 */
export function gatherNd(
  x: usize, indices: usize, out: usize, n: i32, rank: i32, s0: i32, s1: i32, s2: i32, s3: i32, row: i32, rows: i32,
): i32 {
  for (let i = 0; i < n; i++) {
    const id = place(indices, rank, s0, s1, s2, s3);
    if (id < 0 || id >= <i64>rows) return i;
    copyBlock(x + <usize>id * row, out, row);
    indices += <usize>rank << 2;
    out += row;
  }
  return -1;
}

/**
 * out [rows from .. to, width] = sums of the rows of updates [n, width], whose place in [0, rows) is found
 * as gatherNd does. -1, or the first update outside, where it ends.
 */
export function scatterSum(
  indices: usize, updates: usize, out: usize, n: i32, rank: i32, s0: i32, s1: i32, s2: i32, s3: i32,
  width: i32, rows: i32, from: i32, to: i32, float: i32,
): i32 {
  const row = <usize>width << 2;
  memory.fill(out + from * row, 0, (to - from) * row);
  for (let i = 0; i < n; i++) {
    const id = place(indices, rank, s0, s1, s2, s3);
    if (id < 0 || id >= <i64>rows) return i;
    if (id >= <i64>from && id < <i64>to) {
      if (float) addRow(updates, out + <usize>id * row, width, true);
      else addRow(updates, out + <usize>id * row, width, false);
    }
    indices += <usize>rank << 2;
    updates += row;
  }
  return -1;
}

/** out [n, depth] = the bits of `off`, and of `on` where the index says; none for an index outside. */
export function oneHot(indices: usize, out: usize, n: i32, depth: i32, on: i32, off: i32): void {
  if (off == 0) memory.fill(out, 0, n * (depth << 2));
  else fillWords(out, n * depth, off);
  for (let i = 0; i < n; i++) {
    const id = load<u32>(indices + (<usize>i << 2));
    if (id < <u32>depth) store<i32>(out + (<usize>id << 2), on);
    out += <usize>depth << 2;
  }
}
