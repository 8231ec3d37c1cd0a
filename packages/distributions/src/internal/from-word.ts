// Draws made from one 32-bit word w, through u = (w + 1/2) / 2^32. Everything here is + - * / and sqrt on float64, which
// IEEE 754 rounds in one way only; Math.log and its kin differ between engines in the last bit, so the log is our own.

const LN_2 = Math.LN2;
const SQRT_2 = Math.SQRT2;

/** Natural logarithm of an integer in [1, 2^33), to a few units in the last place of a float64. */
export function logOfInteger(n: number): number {
  const wide = n >= 0x80000000;
  const low = 31 - Math.clz32(wide ? n / 4 : n);
  let exponent = wide ? low + 2 : low;
  let mantissa = (wide ? n / 4 : n) / (1 << low); // exact, in [1, 2)
  if (mantissa > SQRT_2) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1); // log m = 2 artanh s, |s| < 0.172
  const t = s * s;
  const tail =
    t * (1 / 3 + t * (1 / 5 + t * (1 / 7 + t * (1 / 9 + t * (1 / 11 + t * (1 / 13 + t * (1 / 15 + t / 17)))))));
  return exponent * LN_2 + 2 * (s + s * tail);
}

/** Uniform on the open interval (0, 1) from the top 23 bits of `w`: an odd multiple of 2^-24, exact in float32. */
export function uniformFromWord(w: number): number {
  return ((w >>> 9) + 0.5) / 0x800000;
}

/**
 * The normal quantile of u, at most 6.34 in size.
 *
 * Source: Wichura 1988, algorithm AS 241 (PPND16), Applied Statistics 37(3); relative error about 1e-16 before ours.
 * Its third branch, |z| > 6.4, is out of reach of 32 bits.
 */
export function normalFromWord(w: number): number {
  const signed = (w ^ 0x80000000) + 0.5; // 2^32 (u - 1/2), exact
  const q = signed / 0x100000000;
  if (q >= -0.425 && q <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q *
        (((((((2509.0809287301227 * r + 33430.57558358813) * r + 67265.7709270087) * r + 45921.95393154987) * r +
          13731.69376550946) *
          r +
          1971.5909503065513) *
          r +
          133.14166789178438) *
          r +
          3.3871328727963665)) /
      (((((((5226.495278852854 * r + 28729.085735721943) * r + 39307.89580009271) * r + 21213.794301586597) * r +
        5394.196021424751) *
        r +
        687.1870074920579) *
        r +
        42.31333070160091) *
        r +
        1)
    );
  }
  const n = q < 0 ? signed + 0x80000000 : 0x80000000 - signed; // 2^32 min(u, 1 - u), a half-integer
  const r = Math.sqrt(33 * LN_2 - logOfInteger(2 * n)) - 1.6;
  const z =
    (((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r + 1.2704582524523684) * r +
      3.6478483247632045) *
      r +
      5.769497221460691) *
      r +
      4.630337846156546) *
      r +
      1.4234371107496835) /
    (((((((1.0507500716444169e-9 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r + 0.14810397642748008) *
      r +
      0.6897673349851) *
      r +
      1.6763848301838038) *
      r +
      2.053191626637759) *
      r +
      1);
  return q < 0 ? -z : z;
}

/** The logistic quantile log(u / (1 - u)), at most 22.9 in size. */
export function logisticFromWord(w: number): number {
  const n = 2 * (w >>> 0) + 1; // 2^33 u
  return logOfInteger(n) - logOfInteger(0x200000000 - n);
}
