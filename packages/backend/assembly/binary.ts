// Two operands that broadcast, over rows [from, to) of an output [outer, middle, inner] whose axes are merged so far that each
// operand either has an axis or repeats along it. Strides are in elements: 0 where the operand repeats; inner ones are 0 or 1.
import { loadTail, splat, storeTail } from './vector';

/** Element sizes: 4 in and 4 out. */
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
    const out = y + (((<usize>r) * (<usize>n)) << 2);
    let i: usize = 0;
    let left = n;
    if (aInner != 0 && bInner != 0) {
      for (; left >= 16; left -= 16) {
        v128.store(out + i, f.apply(v128.load(p + i), v128.load(q + i)));
        v128.store(out + i, f.apply(v128.load(p + i, 16), v128.load(q + i, 16)), 16);
        v128.store(out + i, f.apply(v128.load(p + i, 32), v128.load(q + i, 32)), 32);
        v128.store(out + i, f.apply(v128.load(p + i, 48), v128.load(q + i, 48)), 48);
        i += 64;
      }
      for (; left >= 4; left -= 4) {
        v128.store(out + i, f.apply(v128.load(p + i), v128.load(q + i)));
        i += 16;
      }
      if (left > 0) storeTail(out + i, f.apply(loadTail(p + i, left), loadTail(q + i, left)), left);
    } else if (aInner != 0) {
      const s = v128.load32_splat(q);
      for (; left >= 16; left -= 16) {
        v128.store(out + i, f.apply(v128.load(p + i), s));
        v128.store(out + i, f.apply(v128.load(p + i, 16), s), 16);
        v128.store(out + i, f.apply(v128.load(p + i, 32), s), 32);
        v128.store(out + i, f.apply(v128.load(p + i, 48), s), 48);
        i += 64;
      }
      for (; left >= 4; left -= 4) {
        v128.store(out + i, f.apply(v128.load(p + i), s));
        i += 16;
      }
      if (left > 0) storeTail(out + i, f.apply(loadTail(p + i, left), s), left);
    } else {
      const s = v128.load32_splat(p);
      for (; left >= 16; left -= 16) {
        v128.store(out + i, f.apply(s, v128.load(q + i)));
        v128.store(out + i, f.apply(s, v128.load(q + i, 16)), 16);
        v128.store(out + i, f.apply(s, v128.load(q + i, 32)), 32);
        v128.store(out + i, f.apply(s, v128.load(q + i, 48)), 48);
        i += 64;
      }
      for (; left >= 4; left -= 4) {
        v128.store(out + i, f.apply(s, v128.load(q + i)));
        i += 16;
      }
      if (left > 0) storeTail(out + i, f.apply(s, loadTail(q + i, left)), left);
    }
  }
}

@unmanaged
class AddFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}
export function addFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<AddFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class SubFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }
}
export function subFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<SubFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class MulFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}
export function mulFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<MulFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class DivFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.div(a, b);
  }
}
export function divFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<DivFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class MaxFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.max(a, b);
  }
}
export function maxFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<MaxFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class MinFloats {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.min(a, b);
  }
}
export function minFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<MinFloats>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class SquaredDifference {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.mul(f32x4.sub(a, b), f32x4.sub(a, b));
  }
}
export function squaredDifferenceFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<SquaredDifference>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class EluGrad {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.mul(a, f32x4.add(splat(1), f32x4.pmin(b, splat(0))));
  }
}
export function eluGradFloats(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<EluGrad>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class AddInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.add(a, b);
  }
}
export function addInts(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<AddInts>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class SubInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.sub(a, b);
  }
}
export function subInts(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<SubInts>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class MulInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.mul(a, b);
  }
}
export function mulInts(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<MulInts>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class MaxInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.max_s(a, b);
  }
}
export function maxInts(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<MaxInts>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

@unmanaged
class MinInts {
  // @ts-ignore
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.min_s(a, b);
  }
}
export function minInts(
  a: usize, b: usize, y: usize, from: i32, to: i32, middle: i32, n: i32,
  aOuter: i32, aMiddle: i32, aInner: i32, bOuter: i32, bMiddle: i32, bInner: i32,
): void {
  rows<MinInts>(a, b, y, from, to, middle, n, aOuter, aMiddle, aInner, bOuter, bMiddle, bInner);
}

