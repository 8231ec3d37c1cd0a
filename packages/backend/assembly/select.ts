// Conditions are bytes, zero or not.

/** y[i] = condition[i] ? t[i] : e[i] for i in [from, to); elements of 4 bytes. */
export function select(condition: usize, t: usize, e: usize, y: usize, from: i32, to: i32): void {
  for (; to - from >= 16; from += 16) {
    const i = (<usize>from) << 2;
    const yes = i8x16.ne(v128.load(condition + from), i8x16.splat(0));
    const low = i16x8.extend_low_i8x16_s(yes);
    const high = i16x8.extend_high_i8x16_s(yes);
    v128.store(y + i, v128.bitselect(v128.load(t + i), v128.load(e + i), i32x4.extend_low_i16x8_s(low)));
    v128.store(y + i, v128.bitselect(v128.load(t + i, 16), v128.load(e + i, 16), i32x4.extend_high_i16x8_s(low)), 16);
    v128.store(y + i, v128.bitselect(v128.load(t + i, 32), v128.load(e + i, 32), i32x4.extend_low_i16x8_s(high)), 32);
    v128.store(y + i, v128.bitselect(v128.load(t + i, 48), v128.load(e + i, 48), i32x4.extend_high_i16x8_s(high)), 48);
  }
  for (; from < to; from++) {
    const i = (<usize>from) << 2;
    i32.store(y + i, load<u8>(condition + from) != 0 ? i32.load(t + i) : i32.load(e + i));
  }
}

/** Bytes to floats. */
export function boolsToFloats(x: usize, y: usize, from: i32, to: i32): void {
  for (; to - from >= 8; from += 8) {
    const wide = v128.load8x8_u(x + from);
    const i = y + ((<usize>from) << 2);
    v128.store(i, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(wide)));
    v128.store(i, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(wide)), 16);
  }
  for (; from < to; from++) f32.store(y + ((<usize>from) << 2), <f32>load<u8>(x + from));
}

export function boolsToInts(x: usize, y: usize, from: i32, to: i32): void {
  for (; from < to; from++) i32.store(y + ((<usize>from) << 2), load<u8>(x + from));
}

export function intsToFloats(x: usize, y: usize, from: i32, to: i32): void {
  for (; to - from >= 4; from += 4) {
    const i = (<usize>from) << 2;
    v128.store(y + i, f32x4.convert_i32x4_s(v128.load(x + i)));
  }
  for (; from < to; from++) f32.store(y + ((<usize>from) << 2), <f32>i32.load(x + ((<usize>from) << 2)));
}

/** Towards 0, modulo 2^32; NaN and infinities are 0: as an Int32Array takes them. */
export function floatsToInts(x: usize, y: usize, from: i32, to: i32): void {
  while (from < to) {
    const i = (<usize>from) << 2;
    if (to - from >= 4) {
      const v = v128.load(x + i);
      if (i32x4.all_true(f32x4.lt(f32x4.abs(v), f32x4.splat(2147483648)))) {
        v128.store(y + i, i32x4.trunc_sat_f32x4_s(v));
        from += 4;
        continue;
      }
    }
    const v = f32.load(x + i);
    i32.store(y + i, abs(v) < 9223372036854775808.0 ? <i32>(<i64>v) : 0);
    from++;
  }
}

/** NaN is true, as x !== 0 is. */
export function floatsToBools(x: usize, y: usize, from: i32, to: i32): void {
  for (; from < to; from++) store<u8>(y + from, <u8>(f32.load(x + ((<usize>from) << 2)) != 0));
}

export function intsToBools(x: usize, y: usize, from: i32, to: i32): void {
  for (; from < to; from++) store<u8>(y + from, <u8>(i32.load(x + ((<usize>from) << 2)) != 0));
}

// @ts-ignore
@inline
function truth(x: usize): v128 {
  return v128.and(i8x16.ne(v128.load(x), i8x16.splat(0)), i8x16.splat(1));
}

export function logicalAnd(a: usize, b: usize, y: usize, from: i32, to: i32): void {
  for (; to - from >= 16; from += 16) v128.store(y + from, v128.and(truth(a + from), truth(b + from)));
  for (; from < to; from++) store<u8>(y + from, <u8>(load<u8>(a + from) != 0 && load<u8>(b + from) != 0));
}

export function logicalOr(a: usize, b: usize, y: usize, from: i32, to: i32): void {
  for (; to - from >= 16; from += 16) v128.store(y + from, v128.or(truth(a + from), truth(b + from)));
  for (; from < to; from++) store<u8>(y + from, <u8>(load<u8>(a + from) != 0 || load<u8>(b + from) != 0));
}

export function logicalNot(x: usize, y: usize, from: i32, to: i32): void {
  for (; to - from >= 16; from += 16) v128.store(y + from, v128.xor(truth(x + from), i8x16.splat(1)));
  for (; from < to; from++) store<u8>(y + from, <u8>(load<u8>(x + from) == 0));
}
