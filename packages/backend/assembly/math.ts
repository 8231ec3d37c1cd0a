// exp, log and their like on four floats, within 2 ulp of the exact result; infinities, NaN and denormals as IEEE says.
import { fma, fnma, splat } from './vector';

const LOG2E: f32 = 1.44269504;
const LN2_HIGH: f32 = 0.693145751953125; // 15 bits: times a whole number below 256 it is exact
const LN2_LOW: f32 = 1.42860677e-6;
const ROUND: f32 = 12582912; // 1.5 * 2^23: added, it rounds to a whole number, which stands in the low bits
const ROUND_127: f32 = 12583039; // the same, with the bias of an exponent in place of 0

/** What is added to a float's bits to have 2^k in its exponent with the rest in [sqrt 1/2, sqrt 2]. */
const SHIFT: i32 = 0x3f800000 - 0x3f3504f3;

// V8 builds a vector constant with three instructions at every use, inside loops too; a global that might change is one load.
// They are exported so that the compiler can't know that they don't change.
export let EXP_REDUCED_0: v128 = f32x4.splat(0.001392625083128147);
export let EXP_REDUCED_1: v128 = f32x4.splat(0.008363232883681019);
export let EXP_REDUCED_2: v128 = f32x4.splat(0.04166655421298541);
export let EXP_REDUCED_3: v128 = f32x4.splat(0.1666657666611994);
export let HALF: v128 = f32x4.splat(0.5);
export let ALL_LN2_LOW: v128 = f32x4.splat(LN2_LOW);
export let ALL_LN2_HIGH: v128 = f32x4.splat(LN2_HIGH);
export let BITS_127: v128 = i32x4.splat(127);
export let ALL_LOG2E: v128 = f32x4.splat(LOG2E);
export let ALL_ROUND_127: v128 = f32x4.splat(ROUND_127);
export let BITS_7FFFFFFF: v128 = i32x4.splat(0x7fffffff);
export let BITS_42AE0000: v128 = i32x4.splat(0x42ae0000);
export let EIGHTY_NINE: v128 = f32x4.splat(89);
export let MINUS_104: v128 = f32x4.splat(-104);
export let BITS_4B40007F: v128 = i32x4.splat(0x4b40007f);
export let MINUS_87: v128 = f32x4.splat(-87);
export let MINUS_20: v128 = f32x4.splat(-20);
export let ALL_ROUND: v128 = f32x4.splat(ROUND);
export let EXPM1_0: v128 = f32x4.splat(0.00019882773015862117);
export let EXPM1_1: v128 = f32x4.splat(0.0013926250831513209);
export let EXPM1_2: v128 = f32x4.splat(0.008333320842277165);
export let EXPM1_3: v128 = f32x4.splat(0.041666554213);
export let EXPM1_4: v128 = f32x4.splat(0.16666666666);
export let BITS_4B400001: v128 = i32x4.splat(0x4b400001);
export let TWO: v128 = f32x4.splat(2);
export let LOG_PARTS_0: v128 = f32x4.splat(0.24279078841);
export let LOG_PARTS_1: v128 = f32x4.splat(0.40000972152);
export let LOG_PARTS_2: v128 = f32x4.splat(0.28498786688);
export let LOG_PARTS_3: v128 = f32x4.splat(0.66666662693);
export let LOG_PARTS_4: v128 = f32x4.splat(9.0580006145e-6);
export let LOG_PARTS_5: v128 = f32x4.splat(6.9313812256e-1);
export let BITS_007FFFFF: v128 = i32x4.splat(0x007fffff);
export let BITS_3F3504F3: v128 = i32x4.splat(0x3f3504f3);
export let ONE: v128 = f32x4.splat(1);
export let BITS_SHIFT: v128 = i32x4.splat(SHIFT);
export let ZERO: v128 = f32x4.splat(0);
export let BITS_00800000: v128 = i32x4.splat(0x00800000);
export let BITS_7F000000: v128 = i32x4.splat(0x7f000000);
export let TWO_TO_25: v128 = f32x4.splat(33554432);
export let TWENTY_FIVE: v128 = f32x4.splat(25);
export let MINUS_ONE: v128 = f32x4.splat(-1);
export let BITS_80000000: v128 = i32x4.splat(0x80000000);
export let TEN: v128 = f32x4.splat(10);
export let TANH_0: v128 = f32x4.splat(0.002277154912483378);
export let TANH_1: v128 = f32x4.splat(-0.008330076790476423);
export let TANH_2: v128 = f32x4.splat(0.02176464924168898);
export let TANH_3: v128 = f32x4.splat(-0.053958730692596185);
export let TANH_4: v128 = f32x4.splat(0.13333301305382197);
export let TANH_5: v128 = f32x4.splat(-0.3333333315717416);
export let FOUR: v128 = f32x4.splat(4);
export let ERF_0: v128 = f32x4.splat(-1.7285347e-5);
export let ERF_1: v128 = f32x4.splat(3.83197126e-4);
export let ERF_2: v128 = f32x4.splat(-3.88396438e-3);
export let ERF_3: v128 = f32x4.splat(2.42546219e-2);
export let ERF_4: v128 = f32x4.splat(-1.06777877e-1);
export let ERF_5: v128 = f32x4.splat(-6.34846687e-1);
export let ERF_6: v128 = f32x4.splat(-1.28717512e-1);
export let ERF_7: v128 = f32x4.splat(-5.96761703e-4);
export let ERF_8: v128 = f32x4.splat(4.99119423e-3);
export let ERF_9: v128 = f32x4.splat(-2.67681349e-2);
export let ERF_10: v128 = f32x4.splat(1.12819925e-1);
export let ERF_11: v128 = f32x4.splat(-3.76125336e-1);
export let ERF_12: v128 = f32x4.splat(1.28379166e-1);
export let ERF_13: v128 = f32x4.splat(0.927734375);

// @ts-ignore
@inline
function isSmall(x: v128, limit: f32): v128 {
  return f32x4.lt(f32x4.abs(x), splat(limit));
}

/** e^r - 1 for |r| <= ln 2 / 2. */
// @ts-ignore
@inline
export function expReduced(r: v128): v128 {
  let q = fma(EXP_REDUCED_0, r, EXP_REDUCED_1);
  q = fma(q, r, EXP_REDUCED_2);
  q = fma(q, r, EXP_REDUCED_3);
  q = fma(q, r, HALF);
  return fma(f32x4.mul(r, r), q, r);
}

// @ts-ignore
@inline
function reduce(x: v128, n: v128): v128 {
  return fnma(n, ALL_LN2_LOW, fnma(n, ALL_LN2_HIGH, x));
}

// @ts-ignore
@inline
function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, BITS_127), 23);
}

/** e^x for |x| <= 87; NaN stays. */
// @ts-ignore
@inline
export function expInside(x: v128): v128 {
  const t = fma(x, ALL_LOG2E, ALL_ROUND_127);
  const p = expReduced(reduce(x, f32x4.sub(t, ALL_ROUND_127)));
  const scale = i32x4.shl(t, 23);
  return fma(p, scale, scale);
}

// @ts-ignore
@inline
export function exp(x: v128): v128 {
  const beyond = i32x4.gt_s(v128.and(x, BITS_7FFFFFFF), BITS_42AE0000); // |x| > 87, or NaN
  return v128.any_true(beyond) ? expAnywhere(x) : expInside(x);
}

/** The same as expInside where that works: a product with a power of 2 is exact. */
function expAnywhere(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, EIGHTY_NINE), MINUS_104); // in this order of arguments NaN stays
  const t = fma(x, ALL_LOG2E, ALL_ROUND_127);
  const p = expReduced(reduce(x, f32x4.sub(t, ALL_ROUND_127)));
  // 2^n in two factors: one alone overflows before the result does, and has no denormals.
  const n = i32x4.sub(t, BITS_4B40007F);
  const half = i32x4.shr_s(n, 1);
  const scale = power2(half);
  return f32x4.mul(fma(p, scale, scale), power2(i32x4.sub(n, half)));
}

/** e^x for x <= 0, with 0 for what would be denormal. */
// @ts-ignore
@inline
export function expOrZero(x: v128): v128 {
  return v128.andnot(expInside(x), f32x4.lt(x, MINUS_87));
}

// @ts-ignore
@inline
export function expm1(x: v128): v128 {
  const y = f32x4.pmax(f32x4.pmin(x, EIGHTY_NINE), MINUS_20);
  const t = fma(y, ALL_LOG2E, ALL_ROUND);
  const r = reduce(y, f32x4.sub(t, ALL_ROUND));
  let q = fma(EXPM1_0, r, EXPM1_1);
  q = fma(q, r, EXPM1_2);
  q = fma(q, r, EXPM1_3);
  q = fma(q, r, EXPM1_4);
  q = fma(q, r, HALF);
  const p = fma(f32x4.mul(r, r), q, r);
  const half = power2(i32x4.sub(t, BITS_4B400001));
  const m = fma(half, p, f32x4.sub(half, HALF));
  return v128.bitselect(x, f32x4.add(m, m), isSmall(x, 1e-8));
}

// log(2^k (1 + f)) + c, for 1 + f in [sqrt 1/2, sqrt 2]: as in FreeBSD's logf.
// @ts-ignore
@inline
function logParts(f: v128, k: v128, c: v128): v128 {
  const s = f32x4.div(f, f32x4.add(TWO, f));
  const z = f32x4.mul(s, s);
  const w = f32x4.mul(z, z);
  const even = f32x4.mul(w, fma(w, LOG_PARTS_0, LOG_PARTS_1));
  const odd = f32x4.mul(z, fma(w, LOG_PARTS_2, LOG_PARTS_3));
  const square = f32x4.mul(f32x4.mul(HALF, f), f);
  const rest = fma(s, f32x4.add(square, f32x4.add(even, odd)), fma(k, LOG_PARTS_4, c));
  return fma(k, LOG_PARTS_5, f32x4.add(f32x4.sub(rest, square), f));
}

// @ts-ignore
@inline
function exponent(shifted: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(shifted, 23), BITS_127));
}

// @ts-ignore
@inline
function fraction(shifted: v128): v128 {
  const bits = i32x4.add(v128.and(shifted, BITS_007FFFFF), BITS_3F3504F3);
  return f32x4.sub(bits, ONE);
}

// @ts-ignore
@inline
export function log(x: v128): v128 {
  const shifted = i32x4.add(x, BITS_SHIFT);
  const y = logParts(fraction(shifted), exponent(shifted), ZERO);
  // Denormals, 0, negative numbers, infinity and NaN.
  const special = i32x4.ge_u(i32x4.sub(x, BITS_00800000), BITS_7F000000);
  return v128.any_true(special) ? logSpecial(x, y, special) : y;
}

function logSpecial(x: v128, y: v128, special: v128): v128 {
  const shifted = i32x4.add(f32x4.mul(x, TWO_TO_25), BITS_SHIFT); // 2^25
  let z = logParts(fraction(shifted), f32x4.sub(exponent(shifted), TWENTY_FIVE), ZERO);
  z = v128.bitselect(splat(-Infinity), z, f32x4.eq(x, ZERO));
  z = v128.bitselect(x, z, f32x4.eq(x, splat(Infinity)));
  z = v128.bitselect(z, splat(NaN), f32x4.ge(x, ZERO));
  return v128.bitselect(z, y, special);
}

/** log(1 + x) for x > -1 that is not infinite. */
// @ts-ignore
@inline
function log1pInside(x: v128): v128 {
  const u = f32x4.add(ONE, x);
  const shifted = i32x4.add(u, BITS_SHIFT);
  const k = exponent(shifted);
  // What rounding took from 1 + x.
  const lost = v128.bitselect(
    f32x4.sub(ONE, f32x4.sub(u, x)),
    f32x4.sub(x, f32x4.sub(u, ONE)),
    f32x4.gt(k, ONE),
  );
  const near = f32x4.eq(k, ZERO);
  const f = v128.bitselect(x, fraction(shifted), near);
  return logParts(f, k, v128.andnot(f32x4.div(lost, u), near));
}

// @ts-ignore
@inline
export function log1p(x: v128): v128 {
  let y = log1pInside(x);
  y = v128.bitselect(x, y, v128.or(isSmall(x, 1e-8), f32x4.eq(x, splat(Infinity))));
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, MINUS_ONE));
  return v128.bitselect(y, splat(NaN), f32x4.ge(x, MINUS_ONE));
}

// @ts-ignore
@inline
export function negativeAbs(x: v128): v128 {
  return v128.or(x, BITS_80000000);
}

/** log(1 + e^x) */
// @ts-ignore
@inline
export function softplus(x: v128): v128 {
  const e = exp(negativeAbs(x));
  const y = v128.bitselect(e, log1pInside(e), isSmall(e, 1e-8));
  return f32x4.add(f32x4.pmax(x, ZERO), y);
}

// @ts-ignore
@inline
export function sigmoid(x: v128): v128 {
  const e = exp(negativeAbs(x));
  return f32x4.div(v128.bitselect(e, ONE, f32x4.lt(x, ZERO)), f32x4.add(ONE, e));
}

// @ts-ignore
@inline
function copySign(x: v128, sign: v128): v128 {
  return v128.bitselect(sign, x, BITS_80000000);
}

// @ts-ignore
@inline
export function tanh(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), TEN);
  const e = expInside(f32x4.add(a, a));
  const far = f32x4.sub(ONE, f32x4.div(TWO, f32x4.add(e, ONE)));
  const z = f32x4.mul(x, x);
  let p = fma(TANH_0, z, TANH_1);
  p = fma(p, z, TANH_2);
  p = fma(p, z, TANH_3);
  p = fma(p, z, TANH_4);
  p = fma(p, z, TANH_5);
  const near = fma(f32x4.mul(p, z), x, x);
  return copySign(v128.bitselect(near, far, isSmall(x, 0.625)), x);
}

/** After N. Juffa's erff. */
// @ts-ignore
@inline
export function erf(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), FOUR);
  const s = f32x4.mul(t, t);
  let r = fma(ERF_0, t, ERF_1);
  const u = fma(ERF_2, t, ERF_3);
  r = fma(r, s, u);
  r = fma(r, t, ERF_4);
  r = fma(r, t, ERF_5);
  r = fma(r, t, ERF_6);
  const far = f32x4.sub(ONE, expInside(fma(r, t, f32x4.neg(t))));
  let q = fma(ERF_7, s, ERF_8);
  q = fma(q, s, ERF_9);
  q = fma(q, s, ERF_10);
  q = fma(q, s, ERF_11);
  q = fma(q, s, ERF_12);
  return v128.bitselect(fma(q, x, x), copySign(far, x), f32x4.lt(t, ERF_13));
}
