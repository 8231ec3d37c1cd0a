// Reductions of an axis of a tensor [outer, n, inner]: `Rows` where inner is 1, `Columns` else.
import { loadTail, splat, storeTail } from './vector';

/** Rows that columns add up in single precision before they go to a double total. */
const CHUNK: i32 = 256;

// @ts-ignore
@inline
function wide(v: v128): f64 {
  const pair = f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0)));
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** 32 sums of 128 at most, whose total is double. */
export function sumRow(p: usize, n: i32): f64 {
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

/** The largest number of a row, whatever else is NaN: half the time of a maximum that keeps it. */
export function maxOfNumbers(p: usize, n: i32): f32 {
  return rowOf<Larger>(p, n, splat(-Infinity));
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

/** y[o, j] for o in [from, to) and j in [begin, end). */
// @ts-ignore
@inline
function columnsOf<T>(x: usize, y: usize, from: i32, to: i32, n: i32, inner: i32, begin: i32, end: i32, identity: f32): void {
  const stride = (<usize>inner) << 2;
  const offset = (<usize>begin) << 2;
  for (let o = from; o < to; o++) {
    const out = y + (<usize>o) * stride + offset;
    fill(out, end - begin, identity);
    gather<T>(x + (<usize>o) * (<usize>n) * stride + offset, out, n, stride, end - begin);
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
/** The same, over divisor. totals: 8 bytes for every column, used where n > 256. */
export function sumColumns(
  x: usize, y: usize, from: i32, to: i32, n: i32, inner: i32, begin: i32, end: i32, totals: usize, divisor: f32,
): void {
  const stride = (<usize>inner) << 2;
  const width = end - begin;
  for (let o = from; o < to; o++) {
    const base = x + (<usize>o) * (<usize>n) * stride + ((<usize>begin) << 2);
    const out = y + (<usize>o) * stride + ((<usize>begin) << 2);
    if (n <= CHUNK) {
      fill(out, width, 0);
      gather<Sum>(base, out, n, stride, width);
      if (divisor != 1) divide(out, width, divisor);
      continue;
    }
    memory.fill(totals, 0, (<usize>width) << 3);
    for (let i = 0; i < n; i += CHUNK) {
      fill(out, width, 0);
      gather<Sum>(base + (<usize>i) * stride, out, min(n - i, CHUNK), stride, width);
      for (let j = 0; j < width; j++) {
        const total = totals + ((<usize>j) << 3);
        f64.store(total, f64.load(total) + <f64>f32.load(out + ((<usize>j) << 2)));
      }
    }
    for (let j = 0; j < width; j++) {
      f32.store(out + ((<usize>j) << 2), <f32>(f64.load(totals + ((<usize>j) << 3)) / <f64>divisor));
    }
  }
}

function divide(p: usize, n: i32, divisor: f32): void {
  for (let j = 0; j < n; j++) f32.store(p + ((<usize>j) << 2), f32.load(p + ((<usize>j) << 2)) / divisor);
}

@unmanaged
class Larger {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.pmax(a, b); // a where b is NaN
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
export function maxColumns(x: usize, y: usize, from: i32, to: i32, n: i32, inner: i32, begin: i32, end: i32): void {
  columnsOf<Max>(x, y, from, to, n, inner, begin, end, -Infinity);
}

@unmanaged
class Min {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.min(a, b);
  }
}
export function minColumns(x: usize, y: usize, from: i32, to: i32, n: i32, inner: i32, begin: i32, end: i32): void {
  columnsOf<Min>(x, y, from, to, n, inner, begin, end, Infinity);
}

@unmanaged
class SumInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.add(a, b);
  }
}
/** Sums of int32 wrap, as they do when a larger sum is stored in one. */
export function sumIntsRows(x: usize, y: usize, from: i32, to: i32, n: i32): void {
  const row = (<usize>n) << 2;
  for (let o = from; o < to; o++) {
    let p = x + (<usize>o) * row;
    let left = n;
    let sums = i32x4.splat(0);
    for (; left >= 4; left -= 4) {
      sums = i32x4.add(sums, v128.load(p));
      p += 16;
    }
    if (left > 0) sums = i32x4.add(sums, loadTail(p, left));
    const pairs = i32x4.add(sums, v128.shuffle<i64>(sums, sums, 1, 0));
    i32.store(y + ((<usize>o) << 2), i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1));
  }
}
export function sumIntsColumns(x: usize, y: usize, from: i32, to: i32, n: i32, inner: i32, begin: i32, end: i32): void {
  columnsOf<SumInts>(x, y, from, to, n, inner, begin, end, 0);
}
