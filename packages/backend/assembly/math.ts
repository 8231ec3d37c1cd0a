// exp, log and their like on four floats, within 2 ulp of the exact result; infinities, NaN and denormals as IEEE says.
import { fma, fnma, splat } from './vector';

const LOG2E: f32 = 1.44269504;
const LN2_HIGH: f32 = 0.693145751953125; // 15 bits: times a whole number below 256 it is exact
const LN2_LOW: f32 = 1.42860677e-6;
const ROUND: f32 = 12582912; // 1.5 * 2^23: added, it rounds to a whole number, which stands in the low bits
const ROUND_127: f32 = 12583039; // the same, with the bias of an exponent in place of 0

// @ts-ignore
@inline
function isSmall(x: v128, limit: f32): v128 {
  return f32x4.lt(f32x4.abs(x), splat(limit));
}

/** e^r - 1 for |r| <= ln 2 / 2. */
// @ts-ignore
@inline
export function expReduced(r: v128): v128 {
  let q = fma(splat(0.001392625083128147), r, splat(0.008363232883681019));
  q = fma(q, r, splat(0.04166655421298541));
  q = fma(q, r, splat(0.1666657666611994));
  q = fma(q, r, splat(0.5));
  return fma(f32x4.mul(r, r), q, r);
}

// @ts-ignore
@inline
function reduce(x: v128, n: v128): v128 {
  return fnma(n, splat(LN2_LOW), fnma(n, splat(LN2_HIGH), x));
}

// @ts-ignore
@inline
function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** e^x for |x| <= 87; NaN stays. */
// @ts-ignore
@inline
export function expInside(x: v128): v128 {
  const t = fma(x, splat(LOG2E), splat(ROUND_127));
  const p = expReduced(reduce(x, f32x4.sub(t, splat(ROUND_127))));
  const scale = i32x4.shl(t, 23);
  return fma(p, scale, scale);
}

// @ts-ignore
@inline
export function exp(x: v128): v128 {
  const beyond = i32x4.gt_s(v128.and(x, i32x4.splat(0x7fffffff)), i32x4.splat(0x42ae0000)); // |x| > 87, or NaN
  return v128.any_true(beyond) ? expAnywhere(x) : expInside(x);
}

/** The same as expInside where that works: a product with a power of 2 is exact. */
function expAnywhere(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-104)); // in this order of arguments NaN stays
  const t = fma(x, splat(LOG2E), splat(ROUND_127));
  const p = expReduced(reduce(x, f32x4.sub(t, splat(ROUND_127))));
  // 2^n in two factors: one alone overflows before the result does, and has no denormals.
  const n = i32x4.sub(t, i32x4.splat(0x4b40007f));
  const half = i32x4.shr_s(n, 1);
  const scale = power2(half);
  return f32x4.mul(fma(p, scale, scale), power2(i32x4.sub(n, half)));
}

/** e^x for x <= 0, with 0 for what would be denormal. */
// @ts-ignore
@inline
export function expOrZero(x: v128): v128 {
  return v128.andnot(expInside(x), f32x4.lt(x, splat(-87)));
}

// @ts-ignore
@inline
export function expm1(x: v128): v128 {
  const y = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-20));
  const t = fma(y, splat(LOG2E), splat(ROUND));
  const r = reduce(y, f32x4.sub(t, splat(ROUND)));
  let q = fma(splat(0.00019882773015862117), r, splat(0.0013926250831513209));
  q = fma(q, r, splat(0.008333320842277165));
  q = fma(q, r, splat(0.041666554213));
  q = fma(q, r, splat(0.16666666666));
  q = fma(q, r, splat(0.5));
  const p = fma(f32x4.mul(r, r), q, r);
  const half = power2(i32x4.sub(t, i32x4.splat(0x4b400001)));
  const m = fma(half, p, f32x4.sub(half, splat(0.5)));
  return v128.bitselect(x, f32x4.add(m, m), isSmall(x, 1e-8));
}

// log(2^k (1 + f)) + c, for 1 + f in [sqrt 1/2, sqrt 2]: as in FreeBSD's logf.
// @ts-ignore
@inline
function logParts(f: v128, k: v128, c: v128): v128 {
  const s = f32x4.div(f, f32x4.add(splat(2), f));
  const z = f32x4.mul(s, s);
  const w = f32x4.mul(z, z);
  const even = f32x4.mul(w, fma(w, splat(0.24279078841), splat(0.40000972152)));
  const odd = f32x4.mul(z, fma(w, splat(0.28498786688), splat(0.66666662693)));
  const square = f32x4.mul(f32x4.mul(splat(0.5), f), f);
  const rest = fma(s, f32x4.add(square, f32x4.add(even, odd)), fma(k, splat(9.0580006145e-6), c));
  return fma(k, splat(6.9313812256e-1), f32x4.add(f32x4.sub(rest, square), f));
}

/** What is added to a float's bits to have 2^k in its exponent with the rest in [sqrt 1/2, sqrt 2]. */
const SHIFT: i32 = 0x3f800000 - 0x3f3504f3;

// @ts-ignore
@inline
function exponent(shifted: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(shifted, 23), i32x4.splat(127)));
}

// @ts-ignore
@inline
function fraction(shifted: v128): v128 {
  const bits = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  return f32x4.sub(bits, splat(1));
}

// @ts-ignore
@inline
export function log(x: v128): v128 {
  const shifted = i32x4.add(x, i32x4.splat(SHIFT));
  const y = logParts(fraction(shifted), exponent(shifted), splat(0));
  // Denormals, 0, negative numbers, infinity and NaN.
  const special = i32x4.ge_u(i32x4.sub(x, i32x4.splat(0x00800000)), i32x4.splat(0x7f000000));
  return v128.any_true(special) ? logSpecial(x, y, special) : y;
}

function logSpecial(x: v128, y: v128, special: v128): v128 {
  const shifted = i32x4.add(f32x4.mul(x, splat(33554432)), i32x4.splat(SHIFT)); // 2^25
  let z = logParts(fraction(shifted), f32x4.sub(exponent(shifted), splat(25)), splat(0));
  z = v128.bitselect(splat(-Infinity), z, f32x4.eq(x, splat(0)));
  z = v128.bitselect(x, z, f32x4.eq(x, splat(Infinity)));
  z = v128.bitselect(z, splat(NaN), f32x4.ge(x, splat(0)));
  return v128.bitselect(z, y, special);
}

/** log(1 + x) for x > -1 that is not infinite. */
// @ts-ignore
@inline
function log1pInside(x: v128): v128 {
  const u = f32x4.add(splat(1), x);
  const shifted = i32x4.add(u, i32x4.splat(SHIFT));
  const k = exponent(shifted);
  // What rounding took from 1 + x.
  const lost = v128.bitselect(
    f32x4.sub(splat(1), f32x4.sub(u, x)),
    f32x4.sub(x, f32x4.sub(u, splat(1))),
    f32x4.gt(k, splat(1)),
  );
  const near = f32x4.eq(k, splat(0));
  const f = v128.bitselect(x, fraction(shifted), near);
  return logParts(f, k, v128.andnot(f32x4.div(lost, u), near));
}

// @ts-ignore
@inline
export function log1p(x: v128): v128 {
  let y = log1pInside(x);
  y = v128.bitselect(x, y, v128.or(isSmall(x, 1e-8), f32x4.eq(x, splat(Infinity))));
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, splat(-1)));
  return v128.bitselect(y, splat(NaN), f32x4.ge(x, splat(-1)));
}

// @ts-ignore
@inline
export function negativeAbs(x: v128): v128 {
  return v128.or(x, i32x4.splat(0x80000000));
}

/** log(1 + e^x) */
// @ts-ignore
@inline
export function softplus(x: v128): v128 {
  const e = exp(negativeAbs(x));
  const y = v128.bitselect(e, log1pInside(e), isSmall(e, 1e-8));
  return f32x4.add(f32x4.pmax(x, splat(0)), y);
}

// @ts-ignore
@inline
export function sigmoid(x: v128): v128 {
  const e = exp(negativeAbs(x));
  return f32x4.div(v128.bitselect(e, splat(1), f32x4.lt(x, splat(0))), f32x4.add(splat(1), e));
}

// @ts-ignore
@inline
function copySign(x: v128, sign: v128): v128 {
  return v128.bitselect(sign, x, i32x4.splat(0x80000000));
}

// @ts-ignore
@inline
export function tanh(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), splat(10));
  const e = expInside(f32x4.add(a, a));
  const far = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(e, splat(1))));
  const z = f32x4.mul(x, x);
  let p = fma(splat(0.002277154912483378), z, splat(-0.008330076790476423));
  p = fma(p, z, splat(0.02176464924168898));
  p = fma(p, z, splat(-0.053958730692596185));
  p = fma(p, z, splat(0.13333301305382197));
  p = fma(p, z, splat(-0.3333333315717416));
  const near = fma(f32x4.mul(p, z), x, x);
  return copySign(v128.bitselect(near, far, isSmall(x, 0.625)), x);
}

/** After N. Juffa's erff. */
// @ts-ignore
@inline
export function erf(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), splat(4));
  const s = f32x4.mul(t, t);
  let r = fma(splat(-1.7285347e-5), t, splat(3.83197126e-4));
  const u = fma(splat(-3.88396438e-3), t, splat(2.42546219e-2));
  r = fma(r, s, u);
  r = fma(r, t, splat(-1.06777877e-1));
  r = fma(r, t, splat(-6.34846687e-1));
  r = fma(r, t, splat(-1.28717512e-1));
  const far = f32x4.sub(splat(1), expInside(fma(r, t, f32x4.neg(t))));
  let q = fma(splat(-5.96761703e-4), s, splat(4.99119423e-3));
  q = fma(q, s, splat(-2.67681349e-2));
  q = fma(q, s, splat(1.12819925e-1));
  q = fma(q, s, splat(-3.76125336e-1));
  q = fma(q, s, splat(1.28379166e-1));
  return v128.bitselect(fma(q, x, x), copySign(far, x), f32x4.lt(t, splat(0.927734375)));
}
