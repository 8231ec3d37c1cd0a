// Conversions of n elements between float32, int32 and bool, which is a byte.

/** As JavaScript does: towards zero, modulo 2^32, NaN and infinities to 0. */
function toInt(value: f32): i32 {
  // From 2^63 on a float32 is a multiple of 2^32.
  return abs(value) < 9223372036854775808.0 ? <i32>(<i64>value) : 0;
}

/** Lanes that int32 holds, on which both forms agree. */
// @ts-ignore
@inline
function truncate(v: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_trunc_f32x4_s(v);
  return i32x4.trunc_sat_f32x4_s(v);
}

export function floatToInt(x: usize, out: usize, n: i32): void {
  const limit = f32x4.splat(2147483648);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(x);
    if (!i32x4.all_true(f32x4.lt(f32x4.abs(v), limit))) {
      for (let k: usize = 0; k < 16; k += 4) store<i32>(out + k, toInt(load<f32>(x + k)));
    } else v128.store(out, truncate(v));
    x += 16;
    out += 16;
  }
  for (; i < n; i++) {
    store<i32>(out, toInt(load<f32>(x)));
    x += 4;
    out += 4;
  }
}

export function intToFloat(x: usize, out: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    v128.store(out, f32x4.convert_i32x4_s(v128.load(x)));
    x += 16;
    out += 16;
  }
  for (; i < n; i++) {
    store<f32>(out, <f32>load<i32>(x));
    x += 4;
    out += 4;
  }
}

// @ts-ignore
@inline
function widen(x: usize, out: usize, n: i32, float: bool): void {
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const v = v128.load_ext<u8>(x);
    const a = i32x4.extend_low_i16x8_u(v);
    const b = i32x4.extend_high_i16x8_u(v);
    v128.store(out, float ? f32x4.convert_i32x4_s(a) : a);
    v128.store(out, float ? f32x4.convert_i32x4_s(b) : b, 16);
    x += 8;
    out += 32;
  }
  for (; i < n; i++) {
    const value = <i32>load<u8>(x);
    if (float) store<f32>(out, <f32>value);
    else store<i32>(out, value);
    x += 1;
    out += 4;
  }
}

export function boolToFloat(x: usize, out: usize, n: i32): void {
  widen(x, out, n, true);
}

export function boolToInt(x: usize, out: usize, n: i32): void {
  widen(x, out, n, false);
}

// @ts-ignore
@inline
function nonZero<T>(x: usize, out: usize, n: i32): void {
  const zero = i32x4.splat(0);
  const one = i8x16.splat(1);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const a = v128.ne<T>(v128.load(x), zero);
    const b = v128.ne<T>(v128.load(x, 16), zero);
    const c = v128.ne<T>(v128.load(x, 32), zero);
    const d = v128.ne<T>(v128.load(x, 48), zero);
    const low = i16x8.narrow_i32x4_s(a, b);
    const high = i16x8.narrow_i32x4_s(c, d);
    v128.store(out, v128.and(i8x16.narrow_i16x8_s(low, high), one));
    x += 64;
    out += 16;
  }
  for (; i < n; i++) {
    store<u8>(out, load<T>(x) != <T>0 ? 1 : 0);
    x += 4;
    out += 1;
  }
}

/** NaN is true, as it differs from 0. */
export function floatToBool(x: usize, out: usize, n: i32): void {
  nonZero<f32>(x, out, n);
}

export function intToBool(x: usize, out: usize, n: i32): void {
  nonZero<i32>(x, out, n);
}
