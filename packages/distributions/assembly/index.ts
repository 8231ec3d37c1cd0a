// Random words, and draws made from them, in one page of memory of its own: first the coefficients, which
// src/internal/wasm.ts writes, then the words, over which the draws are written. Its twin is src/internal/threefry.ts with
// src/internal/from-word.ts: the same operations in the same order, so the same bits. Sources of the formulas stand there.
//
// No static data: the module stays small, and its twin reads the same coefficients.

/** Offsets of the coefficients in bytes, highest power first: the order in src/internal/coefficients.ts. */
const LOG: usize = 0; // 8 of them
const CENTRE: usize = 64; // 7 over 5 and a 1
const TAIL: usize = 160; // 5 over 3 and a 1
const WORDS: usize = 256;

/** What to make: the codes in src/internal/wasm.ts. */
const BITS = 0;
const UNIFORM = 1;
const NORMAL = 2;
const EXPONENTIAL = 3;
const GUMBEL = 4;

// @ts-ignore
@inline
function round(x: v128, y: v128, turn: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(y, turn), i32x4.shr_u(y, 32 - turn)), x);
}

/** Threefry-2x32-20 of the counters (block, stream), (block + 1, stream), ... at WORDS, for at least `count` words. */
function threefry(count: i32, key0: i32, key1: i32, stream: i32, block: i32): void {
  const end = WORDS + ((<usize>count) << 2);
  let first = i32x4.add(i32x4.splat(block + key0), i32x4(0, 1, 2, 3));
  const second = i32x4.splat(stream + key1);
  for (let at = WORDS; at < end; at += 32) {
    let x = first;
    let y = second;
    let a = key0;
    let b = key1;
    let c = 0x1bd11bda ^ a ^ b;
    for (let four = 1; four <= 5; four++) {
      if (four & 1) {
        x = i32x4.add(x, y);
        y = round(x, y, 13);
        x = i32x4.add(x, y);
        y = round(x, y, 15);
        x = i32x4.add(x, y);
        y = round(x, y, 26);
        x = i32x4.add(x, y);
        y = round(x, y, 6);
      } else {
        x = i32x4.add(x, y);
        y = round(x, y, 17);
        x = i32x4.add(x, y);
        y = round(x, y, 29);
        x = i32x4.add(x, y);
        y = round(x, y, 16);
        x = i32x4.add(x, y);
        y = round(x, y, 24);
      }
      x = i32x4.add(x, i32x4.splat(b));
      y = i32x4.add(y, i32x4.splat(c + four));
      const used = a;
      a = b;
      b = c;
      c = used;
    }
    v128.store(at, v128.shuffle<i32>(x, y, 0, 4, 1, 5));
    v128.store(at, v128.shuffle<i32>(x, y, 2, 6, 3, 7), 16);
    first = i32x4.add(first, i32x4.splat(4));
  }
}

// @ts-ignore
@inline
function next(sum: v128, x: v128, coefficient: usize): v128 {
  return f64x2.add(f64x2.mul(sum, x), v128.load64_splat(coefficient));
}

// @ts-ignore
@inline
function select(condition: v128, yes: v128, no: v128): v128 {
  return v128.bitselect(yes, no, condition);
}

/** Natural logarithm of positive normal numbers. */
function log(x: v128): v128 {
  const one = f64x2.splat(1);
  // 2^52 + the biased exponent, as the bits of a float64
  let exponent = v128.or(i64x2.shr_u(x, 52), i64x2.splat(0x4330000000000000));
  exponent = f64x2.sub(exponent, f64x2.splat(4503599627370496 + 1023));
  let mantissa = v128.or(v128.and(x, i64x2.splat(0xfffffffffffff)), one);
  const big = f64x2.gt(mantissa, f64x2.splat(Math.SQRT2));
  mantissa = select(big, f64x2.mul(mantissa, f64x2.splat(0.5)), mantissa);
  exponent = f64x2.add(exponent, v128.and(big, one));
  const s = f64x2.div(f64x2.sub(mantissa, one), f64x2.add(mantissa, one));
  const t = f64x2.mul(s, s);
  let sum = v128.load64_splat(LOG);
  sum = next(sum, t, LOG + 8);
  sum = next(sum, t, LOG + 16);
  sum = next(sum, t, LOG + 24);
  sum = next(sum, t, LOG + 32);
  sum = next(sum, t, LOG + 40);
  sum = next(sum, t, LOG + 48);
  sum = next(sum, t, LOG + 56);
  const fraction = f64x2.add(s, f64x2.mul(s, f64x2.mul(t, sum)));
  return f64x2.add(f64x2.mul(exponent, f64x2.splat(Math.LN2)), f64x2.add(fraction, fraction));
}

function normal(u: v128): v128 {
  const half = f64x2.splat(0.5);
  const q = f64x2.sub(u, half);
  const t = f64x2.mul(q, q);
  let above = v128.load64_splat(CENTRE);
  above = next(above, t, CENTRE + 8);
  above = next(above, t, CENTRE + 16);
  above = next(above, t, CENTRE + 24);
  above = next(above, t, CENTRE + 32);
  above = next(above, t, CENTRE + 40);
  above = next(above, t, CENTRE + 48);
  let below = v128.load64_splat(CENTRE + 56);
  below = next(below, t, CENTRE + 64);
  below = next(below, t, CENTRE + 72);
  below = next(below, t, CENTRE + 80);
  below = next(below, t, CENTRE + 88);
  below = f64x2.add(f64x2.mul(below, t), f64x2.splat(1));
  const centre = f64x2.div(f64x2.mul(q, above), below);
  const size = f64x2.abs(q);
  const far = f64x2.gt(size, f64x2.splat(0.484375));
  if (!v128.any_true(far)) return centre;
  const r = f64x2.sqrt(f64x2.neg(log(f64x2.sub(half, size))));
  above = v128.load64_splat(TAIL);
  above = next(above, r, TAIL + 8);
  above = next(above, r, TAIL + 16);
  above = next(above, r, TAIL + 24);
  above = next(above, r, TAIL + 32);
  below = v128.load64_splat(TAIL + 40);
  below = next(below, r, TAIL + 48);
  below = next(below, r, TAIL + 56);
  below = f64x2.add(f64x2.mul(below, r), f64x2.splat(1));
  const sign = v128.and(q, f64x2.splat(-0.0));
  return select(far, v128.or(f64x2.div(above, below), sign), centre);
}

/** `count` draws of a kind at the address that it returns; up to seven more words behind them are overwritten. */
export function fill(kind: i32, count: i32, key0: i32, key1: i32, stream: i32, block: i32): usize {
  threefry(count, key0, key1, stream, block);
  if (kind == BITS) return WORDS;
  const one = f64x2.splat(1);
  const end = WORDS + ((<usize>count) << 2);
  for (let at = WORDS; at < end; at += 8) {
    const word = v128.load64_zero(at);
    let x: v128;
    if (kind == UNIFORM) {
      x = f64x2.convert_low_i32x4_u(i32x4.shr_u(word, 9));
      x = f64x2.mul(f64x2.add(x, f64x2.splat(0.5)), f64x2.splat(1.0 / 0x800000));
    } else {
      x = f64x2.convert_low_i32x4_u(word);
      x = f64x2.mul(f64x2.add(x, f64x2.splat(0.5)), f64x2.splat(1.0 / 0x100000000));
      if (kind == NORMAL) {
        x = normal(x);
      } else if (kind == EXPONENTIAL || kind == GUMBEL) {
        x = f64x2.neg(log(x));
        if (kind == GUMBEL) x = f64x2.neg(log(x));
      } else {
        x = log(f64x2.div(x, f64x2.sub(one, x))); // logistic
      }
    }
    v128.store_lane<i64>(at, f32x4.demote_f64x2_zero(x), 0);
  }
  return WORDS;
}
