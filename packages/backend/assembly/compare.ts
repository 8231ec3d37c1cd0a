// Comparisons: 4 bytes in, one byte (0 or 1) out; rows and strides as in binary.ts. `<` is `>` with the operands changed over.
import { loadTail } from './vector';

/** Four masks of four lanes as 16 bytes of 0 or 1. */
// @ts-ignore
@inline
function bytes(a: v128, b: v128, c: v128, d: v128): v128 {
  const low = i16x8.narrow_i32x4_s(a, b);
  return v128.and(i8x16.narrow_i16x8_s(low, i16x8.narrow_i32x4_s(c, d)), i8x16.splat(1));
}

function storeBytes(out: usize, mask: v128, n: i32): void {
  const four = i32x4.extract_lane(bytes(mask, mask, mask, mask), 0);
  if (n >= 4) {
    i32.store(out, four);
    return;
  }
  i32.store8(out, four);
  if (n > 1) i32.store8(out, four >> 8, 1);
  if (n > 2) i32.store8(out, four >> 16, 2);
}

// @ts-ignore
@inline
function rows<T>(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  const f = changetype<T>(0);
  for (let r = from; r < to; r++) {
    const o = r / middle;
    const m = r - o * middle;
    const p = a + ((<usize>(o * aOuter + m * aMiddle)) << 2);
    const q = b + ((<usize>(o * bOuter + m * bMiddle)) << 2);
    let out = y + (<usize>r) * (<usize>n);
    let i: usize = 0;
    let left = n;
    if (aInner != 0 && bInner != 0) {
      for (; left >= 16; left -= 16) {
        v128.store(out, bytes(
          f.apply(v128.load(p + i), v128.load(q + i)),
          f.apply(v128.load(p + i, 16), v128.load(q + i, 16)),
          f.apply(v128.load(p + i, 32), v128.load(q + i, 32)),
          f.apply(v128.load(p + i, 48), v128.load(q + i, 48)),
        ));
        i += 64;
        out += 16;
      }
      for (; left >= 4; left -= 4) {
        storeBytes(out, f.apply(v128.load(p + i), v128.load(q + i)), 4);
        i += 16;
        out += 4;
      }
      if (left > 0) storeBytes(out, f.apply(loadTail(p + i, left), loadTail(q + i, left)), left);
    } else {
      // One operand repeats: which one is decided once a vector, by a select that costs nothing beside memory.
      const s = v128.load32_splat(aInner != 0 ? q : p);
      const v = aInner != 0 ? p : q;
      const mask = i32x4.splat(aInner != 0 ? -1 : 0);
      for (; left >= 16; left -= 16) {
        v128.store(out, bytes(
          one<T>(v128.load(v + i), s, mask),
          one<T>(v128.load(v + i, 16), s, mask),
          one<T>(v128.load(v + i, 32), s, mask),
          one<T>(v128.load(v + i, 48), s, mask),
        ));
        i += 64;
        out += 16;
      }
      for (; left >= 4; left -= 4) {
        storeBytes(out, one<T>(v128.load(v + i), s, mask), 4);
        i += 16;
        out += 4;
      }
      if (left > 0) storeBytes(out, one<T>(loadTail(v + i, left), s, mask), left);
    }
  }
}

/** f(v, s) where mask is set, else f(s, v). */
// @ts-ignore
@inline
function one<T>(v: v128, s: v128, mask: v128): v128 {
  return changetype<T>(0).apply(v128.bitselect(v, s, mask), v128.bitselect(s, v, mask));
}

@unmanaged
class EqFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.eq(a, b);
  }
}
export function eqFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<EqFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class EqInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.eq(a, b);
  }
}
export function eqInts(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<EqInts>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class NeFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.ne(a, b);
  }
}
export function neFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<NeFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class NeInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.ne(a, b);
  }
}
export function neInts(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<NeInts>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class GtFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.gt(a, b);
  }
}
export function gtFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<GtFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class GtInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.gt_s(a, b);
  }
}
export function gtInts(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<GtInts>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class GeFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.ge(a, b);
  }
}
export function geFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<GeFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class GeInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.ge_s(a, b);
  }
}
export function geInts(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<GeInts>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}
