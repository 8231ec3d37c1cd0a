// Four floats at a time. The last one to three elements of a range go through the same code as whole vectors, so that a
// result never depends on an element's place.

// @ts-ignore
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a b */
// @ts-ignore
@inline
export function fnma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

// @ts-ignore
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** One to three elements of 4 bytes; the rest is 0. */
export function loadTail(p: usize, n: i32): v128 {
  if (n == 1) return v128.load32_zero(p);
  const low = v128.load64_zero(p);
  return n == 2 ? low : v128.load_lane<i32>(p, low, 2, 8);
}

export function storeTail(p: usize, v: v128, n: i32): void {
  if (n == 1) {
    v128.store_lane<i32>(p, v, 0);
    return;
  }
  v128.store_lane<i64>(p, v, 0);
  if (n == 3) v128.store_lane<i32>(p, v, 2, 8);
}
