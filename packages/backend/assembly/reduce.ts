// Reductions of an axis of a tensor [outer, n, inner]: `Rows` where inner is 1, `Columns` else.
import { loadTail, splat, storeTail } from './vector';

/** Rows that columns add up before what they have goes to the rest: as short chains of sums as a pairwise sum's. */
const CHUNK: i32 = 256;

// @ts-ignore
@inline
function wide(v: v128): f64 {
  const pair = f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0)));
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** 32 sums of 128 at most, whose total is double. */
function sumRow(p: usize, n: i32): f64 {
  let total: f64 = 0;
  while (n >= 32) {
    const count = min(n, 4096) & ~31;
    const end = p + ((<usize>count) << 2);
    let a = splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    for (; p < end; p += 128) {
      a = f32x4.add(a, v128.load(p));
      b = f32x4.add(b, v128.load(p, 16));
      c = f32x4.add(c, v128.load(p, 32));
      d = f32x4.add(d, v128.load(p, 48));
      e = f32x4.add(e, v128.load(p, 64));
      f = f32x4.add(f, v128.load(p, 80));
      g = f32x4.add(g, v128.load(p, 96));
      h = f32x4.add(h, v128.load(p, 112));
    }
    const low = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    total += wide(f32x4.add(low, f32x4.add(f32x4.add(e, f), f32x4.add(g, h))));
    n -= count;
  }
  let rest = splat(0);
  for (; n >= 4; n -= 4) {
    rest = f32x4.add(rest, v128.load(p));
    p += 16;
  }
  if (n > 0) rest = f32x4.add(rest, loadTail(p, n));
  return total + wide(rest);
}

/** y[o] = sum of row o, over divisor; o in [from, to). */
export function sumRows(x: usize, y: usize, from: i32, to: i32, n: i32, divisor: f32): void {
  const row = (<usize>n) << 2;
  for (let o = from; o < to; o++) {
    f32.store(y + ((<usize>o) << 2), <f32>(sumRow(x + (<usize>o) * row, n) / <f64>divisor));
  }
}

// @ts-ignore
@inline
function across<T>(v: v128): f32 {
  const f = changetype<T>(0);
  const pairs = f.apply(v, v128.shuffle<i64>(v, v, 1, 0));
  return f32x4.extract_lane(f.apply(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

// @ts-ignore
@inline
function rowOf<T>(p: usize, n: i32, identity: v128): f32 {
  const f = changetype<T>(0);
  let a = identity, b = a, c = a, d = a;
  for (; n >= 16; n -= 16) {
    a = f.apply(a, v128.load(p));
    b = f.apply(b, v128.load(p, 16));
    c = f.apply(c, v128.load(p, 32));
    d = f.apply(d, v128.load(p, 48));
    p += 64;
  }
  a = f.apply(f.apply(a, b), f.apply(c, d));
  for (; n >= 4; n -= 4) {
    a = f.apply(a, v128.load(p));
    p += 16;
  }
  for (; n > 0; n--) {
    a = f.apply(a, v128.load32_splat(p)); // in all four lanes: max and min do not count
    p += 4;
  }
  return across<T>(a);
}

// @ts-ignore
@inline
function rowsOf<T>(x: usize, y: usize, from: i32, to: i32, n: i32, identity: v128): void {
  const row = (<usize>n) << 2;
  for (let o = from; o < to; o++) f32.store(y + ((<usize>o) << 2), rowOf<T>(x + (<usize>o) * row, n, identity));
}

export function maxRows(x: usize, y: usize, from: i32, to: i32, n: i32): void {
  rowsOf<Max>(x, y, from, to, n, splat(-Infinity));
}

export function minRows(x: usize, y: usize, from: i32, to: i32, n: i32): void {
  rowsOf<Min>(x, y, from, to, n, splat(Infinity));
}

/** acc[j] = f of acc[j] and column j of count rows, for j in [0, width). */
// @ts-ignore
@inline
function gather<T>(x: usize, acc: usize, count: i32, stride: usize, width: i32): void {
  const f = changetype<T>(0);
  for (; count >= 4; count -= 4) {
    const x1 = x + stride, x2 = x1 + stride, x3 = x2 + stride;
    let i: usize = 0;
    let left = width;
    for (; left >= 4; left -= 4) {
      const low = f.apply(v128.load(x + i), v128.load(x1 + i));
      const high = f.apply(v128.load(x2 + i), v128.load(x3 + i));
      v128.store(acc + i, f.apply(v128.load(acc + i), f.apply(low, high)));
      i += 16;
    }
    if (left > 0) {
      const low = f.apply(loadTail(x + i, left), loadTail(x1 + i, left));
      const high = f.apply(loadTail(x2 + i, left), loadTail(x3 + i, left));
      storeTail(acc + i, f.apply(loadTail(acc + i, left), f.apply(low, high)), left);
    }
    x = x3 + stride;
  }
  for (; count > 0; count--) {
    let i: usize = 0;
    let left = width;
    for (; left >= 4; left -= 4) {
      v128.store(acc + i, f.apply(v128.load(acc + i), v128.load(x + i)));
      i += 16;
    }
    if (left > 0) storeTail(acc + i, f.apply(loadTail(acc + i, left), loadTail(x + i, left)), left);
    x += stride;
  }
}

function fill(p: usize, n: i32, value: f32): void {
  const v = splat(value);
  for (; n >= 4; n -= 4) {
    v128.store(p, v);
    p += 16;
  }
  for (; n > 0; n--) {
    f32.store(p, value);
    p += 4;
  }
}

/**
 * y[o, j] for o in [from, to) and j in [begin, end). scratch: inner floats, used where n > 256.
 */
// @ts-ignore
@inline
function columnsOf<T>(
  x: usize, y: usize, from: i32, to: i32, n: i32, inner: i32, begin: i32, end: i32, scratch: usize, identity: f32,
): void {
  const stride = (<usize>inner) << 2;
  const width = end - begin;
  const offset = (<usize>begin) << 2;
  for (let o = from; o < to; o++) {
    const base = x + (<usize>o) * (<usize>n) * stride + offset;
    const out = y + (<usize>o) * stride + offset;
    fill(out, width, identity);
    gather<T>(base, out, min(n, CHUNK), stride, width);
    for (let i = CHUNK; i < n; i += CHUNK) {
      fill(scratch, width, identity);
      gather<T>(base + (<usize>i) * stride, scratch, min(n - i, CHUNK), stride, width);
      gather<T>(scratch, out, 1, stride, width);
    }
  }
}

@unmanaged
class Sum {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}
export function sumColumns(
  x: usize, y: usize, from: i32, to: i32, n: i32, inner: i32, begin: i32, end: i32, scratch: usize, divisor: f32,
): void {
  columnsOf<Sum>(x, y, from, to, n, inner, begin, end, scratch, 0);
  if (divisor == 1) return;
  for (let o = from; o < to; o++) {
    for (let j = begin; j < end; j++) {
      const p = y + ((<usize>o * <usize>inner + <usize>j) << 2);
      f32.store(p, f32.load(p) / divisor);
    }
  }
}

@unmanaged
class Max {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.max(a, b);
  }
}
export function maxColumns(
  x: usize, y: usize, from: i32, to: i32, n: i32, inner: i32, begin: i32, end: i32, scratch: usize,
): void {
  columnsOf<Max>(x, y, from, to, n, inner, begin, end, scratch, -Infinity);
}

@unmanaged
class Min {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.min(a, b);
  }
}
export function minColumns(
  x: usize, y: usize, from: i32, to: i32, n: i32, inner: i32, begin: i32, end: i32, scratch: usize,
): void {
  columnsOf<Min>(x, y, from, to, n, inner, begin, end, scratch, Infinity);
}

