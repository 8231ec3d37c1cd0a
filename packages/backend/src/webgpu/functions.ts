// Functions of one float in WGSL, within a few ulp wherever the result is neither denormal nor infinite. WGSL lets its own be
// far off (sin and cos by 2^-11, tanh and its like without any bound near 0) and lets a compiler take NaN and infinities for
// granted not to happen: log(0) is -88 on one driver. The polynomials are those of the WASM kernels (assembly/math.ts), those of
// sin and cos are of Cephes' sinf. Where they are joined tfjs supplies isnan, uniforms.NAN and uniforms.INFINITY.

const EXP = `
fn expReduced(r : f32) -> f32 { // e^r - 1 for |r| <= ln 2 / 2
  var q = fma(0.001392625083128147, r, 0.008363232883681019);
  q = fma(q, r, 0.04166655421298541);
  q = fma(q, r, 0.1666657666611994);
  q = fma(q, r, 0.5);
  return fma(r * r, q, r);
}
fn reduceLn2(x : f32, n : f32) -> f32 {
  return fma(-n, 1.42860677e-6, fma(-n, 0.693145751953125, x));
}
fn power2(n : i32) -> f32 { return bitcast<f32>(u32(n + 127) << 23u); }
fn expInside(x : f32) -> f32 { // |x| <= 87
  let n = round(x * 1.44269504);
  let s = power2(i32(n));
  return fma(expReduced(reduceLn2(x, n)), s, s);
}
fn expOf(x : f32) -> f32 {
  if (isnan(x)) { return x; }
  if (x > 88.72283) { return uniforms.INFINITY; }
  let y = max(x, -104.0);
  let n = round(y * 1.44269504);
  let k = i32(n);
  let half = k >> 1u;
  let s = power2(half);
  return fma(expReduced(reduceLn2(y, n)), s, s) * power2(k - half);
}
`;

const EXPM1 = `${EXP}
fn expm1Of(x : f32) -> f32 {
  if (isnan(x) || abs(x) < 1e-8) { return x; }
  if (x > 88.72283) { return uniforms.INFINITY; }
  let y = max(x, -20.0);
  let n = round(y * 1.44269504);
  let r = reduceLn2(y, n);
  var q = fma(0.00019882773015862117, r, 0.0013926250831513209);
  q = fma(q, r, 0.008333320842277165);
  q = fma(q, r, 0.041666554213);
  q = fma(q, r, 0.16666666666);
  q = fma(q, r, 0.5);
  let p = fma(r * r, q, r);
  let half = power2(i32(n) - 1);
  let m = fma(half, p, half - 0.5);
  return m + m;
}
`;

const LOG = `
fn logParts(f : f32, k : f32) -> f32 { // log(2^k (1 + f)) for 1 + f in [sqrt 1/2, sqrt 2]
  let s = f / (2.0 + f);
  let z = s * s;
  let w = z * z;
  let even = w * fma(w, 0.24279078841, 0.40000972152);
  let odd = z * fma(w, 0.28498786688, 0.66666662693);
  let square = 0.5 * f * f;
  let rest = fma(s, square + (even + odd), k * 9.0580006145e-6);
  return fma(k, 0.69313812256, (rest - square) + f);
}
fn logOfBits(bits : u32, k : i32) -> f32 { // log of 2^k times the positive float of these bits
  let shifted = bits + 0x4afb0du;
  let f = bitcast<f32>((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0;
  return logParts(f, f32(i32(shifted >> 23u) - 127 + k));
}
fn logOf(x : f32) -> f32 {
  let bits = bitcast<u32>(x);
  if (isnan(x) || bits == 0x7f800000u) { return x; }
  if ((bits & 0x7fffffffu) == 0u) { return -uniforms.INFINITY; }
  if (bits > 0x7f800000u) { return uniforms.NAN; }
  if (bits < 0x00800000u) { return logOfBits(bitcast<u32>(f32(bits)), -149); }
  return logOfBits(bits, 0);
}
`;

const LOG1P = `${LOG}
fn log1pOf(x : f32) -> f32 {
  if (isnan(x) || abs(x) < 1e-8 || bitcast<u32>(x) == 0x7f800000u) { return x; }
  if (x < -1.0) { return uniforms.NAN; }
  if (x == -1.0) { return -uniforms.INFINITY; }
  if (x > -0.29289323 && x < 0.41421354) { return logParts(x, 0.0); }
  return logOfBits(bitcast<u32>(1.0 + x), 0);
}
`;

const SINE = `
fn sineOf(x : f32, turn : i32) -> f32 { // sin(x + turn pi / 2), for |x| up to 10^4; WGSL's own from 10^5 on
  if ((bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u) { return uniforms.NAN; }
  if (abs(x) > 1e5) { return select(sin(x), cos(x), turn == 1); }
  let q = round(x * 0.636619772);
  let r = fma(-q, 7.54978995489e-8, fma(-q, 4.837512969970703e-4, fma(-q, 1.5703125, x)));
  let k = i32(q) + turn;
  let z = r * r;
  let odd = fma(fma(fma(-1.9515295891e-4, z, 8.3321608736e-3), z, -1.6666654611e-1) * z, r, r);
  let even = fma(fma(fma(2.443315711809948e-5, z, -1.388731625493765e-3), z, 4.166664568298827e-2), z * z, fma(z, -0.5, 1.0));
  let y = select(odd, even, (k & 1) != 0);
  return select(y, -y, (k & 2) != 0);
}
`;

const TANH = `${EXP}
fn tanhOf(x : f32) -> f32 {
  if (isnan(x)) { return x; }
  if (abs(x) >= 0.625) {
    let a = min(abs(x), 10.0);
    return sign(x) * (1.0 - 2.0 / (expInside(a + a) + 1.0));
  }
  let z = x * x;
  var p = fma(0.002277154912483378, z, -0.008330076790476423);
  p = fma(p, z, 0.02176464924168898);
  p = fma(p, z, -0.053958730692596185);
  p = fma(p, z, 0.13333301305382197);
  p = fma(p, z, -0.3333333315717416);
  return fma(p * z, x, x);
}
`;

const ERF = `${EXP}
fn erfOf(x : f32) -> f32 { // after N. Juffa's erff
  if (isnan(x)) { return x; }
  let t = min(abs(x), 4.0);
  let s = t * t;
  if (t >= 0.927734375) {
    var r = fma(-1.7285347e-5, t, 3.83197126e-4);
    r = fma(r, s, fma(-3.88396438e-3, t, 2.42546219e-2));
    r = fma(r, t, -1.06777877e-1);
    r = fma(r, t, -6.34846687e-1);
    r = fma(r, t, -1.28717512e-1);
    return sign(x) * (1.0 - expInside(fma(r, t, -t)));
  }
  var q = fma(-5.96761703e-4, s, 4.99119423e-3);
  q = fma(q, s, -2.67681349e-2);
  q = fma(q, s, 1.12819925e-1);
  q = fma(q, s, -3.76125336e-1);
  q = fma(q, s, 1.28379166e-1);
  return fma(q, x, x);
}
`;

const LARGE = 'let e = expOf(0.5 * abs(a)); return sign(a) * (0.5 * e) * e;';

/** By the name of tfjs's kernel: what a program declares, and the body of a function from `a : f32` to f32. */
export const FUNCTIONS: Record<string, readonly [declarations: string, body: string]> = {
  Exp: [EXP, 'return expOf(a);'],
  Expm1: [EXPM1, 'return expm1Of(a);'],
  Log: [LOG, 'return logOf(a);'],
  Log1p: [LOG1P, 'return log1pOf(a);'],
  Sigmoid: [EXP, 'if (isnan(a)) { return a; } let e = expOf(-abs(a)); return select(1.0, e, a < 0.0) / (1.0 + e);'],
  Softplus: [EXP + LOG1P, 'if (isnan(a)) { return a; } return max(a, 0.0) + log1pOf(expOf(-abs(a)));'],
  Tanh: [TANH, 'return tanhOf(a);'],
  Erf: [ERF, 'return erfOf(a);'],
  Elu: [EXPM1, 'if (a >= 0.0) { return a; } return expm1Of(a);'],
  Selu: [EXPM1, 'if (a >= 0.0) { return 1.0507009873554805 * a; } return 1.7580993408473768 * expm1Of(a);'],
  Sinh: [
    EXPM1,
    `if (isnan(a)) { return a; } if (abs(a) > 80.0) { ${LARGE} }
     let t = expm1Of(abs(a)); return sign(a) * 0.5 * (t + t / (t + 1.0));`,
  ],
  Cosh: [
    EXP,
    `if (isnan(a)) { return a; } let h = expOf(0.5 * abs(a)); if (abs(a) > 80.0) { return (0.5 * h) * h; }
     let e = expOf(abs(a)); return fma(0.5, e, 0.5 / e);`,
  ],
  Asinh: [
    LOG1P,
    `let x = abs(a); if (isnan(a)) { return a; } if (x > 1e4) { return sign(a) * (logOf(x) + 0.69314718); }
     return sign(a) * log1pOf(x + x * x / (1.0 + sqrt(fma(x, x, 1.0))));`,
  ],
  Acosh: [
    LOG1P,
    `if (isnan(a)) { return a; } if (a < 1.0) { return uniforms.NAN; } if (a > 1e4) { return logOf(a) + 0.69314718; }
     let t = a - 1.0; return log1pOf(t + sqrt(t * (t + 2.0)));`,
  ],
  Atanh: [
    LOG1P,
    `if (isnan(a)) { return a; } let x = abs(a); if (x > 1.0) { return uniforms.NAN; }
     if (x == 1.0) { return sign(a) * uniforms.INFINITY; } return sign(a) * 0.5 * log1pOf(2.0 * x / (1.0 - x));`,
  ],
  Sin: [SINE, 'return sineOf(a, 0);'],
  Cos: [SINE, 'return sineOf(a, 1);'],
  Tan: [SINE, 'return sineOf(a, 0) / sineOf(a, 1);'],
  Asin: [
    '',
    'if (!(abs(a) <= 1.0)) { return uniforms.NAN; } return 2.0 * atan(a / (1.0 + sqrt((1.0 - a) * (1.0 + a))));',
  ],
  Acos: [
    '',
    'if (!(abs(a) <= 1.0)) { return uniforms.NAN; } if (a == -1.0) { return 3.14159265; } return 2.0 * atan(sqrt((1.0 - a) / (1.0 + a)));',
  ],
  Relu6: ['', 'if (isnan(a)) { return a; } return clamp(a, 0.0, 6.0);'],
};
