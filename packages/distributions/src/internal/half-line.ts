import { erfcx } from '../math/scalar/normal.ts';

/**
 * A symmetric standard density f with log-concave tails, on the half line beyond some a >= 0, in float64. Everything is relative to
 * a, so that nothing is lost however far out a lies. All t are distances >= 0, and may be Infinity.
 */
export interface HalfLine {
  /** log f(a) / P(Z > a). */
  logHazard(a: number): number;
  /** log f(a + t) / f(a). */
  logFall(a: number, t: number): number;
  /** log P(Z > a + t | Z > a). */
  logTail(a: number, t: number): number;
  /** The t of which logTail(a, t) is `logP`. */
  inverse(a: number, logP: number): number;
  /** E[t] and E[t^2] of t = Z - a, given Z > a. */
  moments(a: number): [number, number];
  /** E[log f(a + t) / f(a)] given t <= w, where E[t] and E[t^2] are `first` and `second`. */
  meanFall(a: number, w: number, first: number, second: number): number;
  /** d log f / dz. */
  slope(z: number): number;
}

// Gauss-Legendre with 10 nodes: half of them, in (0, 1); exact to float64 for an exponent that falls by less than 1.
const NODES = [0.14887433898163122, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717];
const WEIGHTS = [0.2955242247147529, 0.2692667193099964, 0.21908636251598204, 0.14945134915058059, 0.06667134430868814];

/** The mean of `f` over [0, w]. */
export function average(w: number, f: (t: number) => number): number {
  return NODES.reduce((sum, x, i) => sum + 0.5 * WEIGHTS[i]! * (f(0.5 * w * (1 - x)) + f(0.5 * w * (1 + x))), 0);
}

const mills = (a: number): number => Math.sqrt(Math.PI / 2) * erfcx(a * Math.SQRT1_2);
const normalFall = (a: number, t: number): number => -t * (a + 0.5 * t);

function normalTail(a: number, t: number): number {
  const fall = normalFall(a, t);
  // Over a short way the mass is what counts, not what is left.
  if (fall > -0.5) return Math.log1p((-t * average(t, (u) => Math.exp(normalFall(a, u)))) / mills(a));
  return t === Infinity ? -Infinity : fall + Math.log(mills(a + t) / mills(a));
}

export const normalHalfLine: HalfLine = {
  logHazard: (a) => -Math.log(mills(a)),
  logFall: normalFall,
  logTail: normalTail,
  // Newton: logTail is concave, so that each step but the first comes from above.
  inverse: (a, logP) => {
    if (logP === -Infinity) return Infinity;
    let t = 0;
    for (let i = 0; i < 50; i++) {
      const step = (normalTail(a, t) - logP) * mills(a + t);
      t = Math.max(0, t + step);
      if (Math.abs(step) <= 1e-10 * t) break;
    }
    return t;
  },
  moments: (a) => {
    if (a > 100) {
      const s = 1 / (a * a);
      return [(1 - s * (2 - s * (10 - 74 * s))) / a, 2 * s * (1 - s * (5 - 37 * s))];
    }
    const excess = 1 / mills(a) - a;
    return [excess, 1 - a * excess];
  },
  meanFall: (a, _, first, second) => -a * first - 0.5 * second,
  slope: (z) => -z,
};

/** log(1 + exp(-a)). */
const log1pExp = (a: number): number => Math.log1p(Math.exp(-a));
/** log (1 + exp(-a)) / (1 + exp(-a - t)). */
const gain = (a: number, t: number): number => -Math.log1p(Math.expm1(-t) / (1 + Math.exp(a)));

export const logisticHalfLine: HalfLine = {
  logHazard: (a) => -log1pExp(a),
  logFall: (a, t) => 2 * gain(a, t) - t,
  logTail: (a, t) => gain(a, t) - t,
  inverse: (a, logP) => Math.log1p(-Math.exp(-a) * Math.expm1(logP)) - logP,
  // The integrals of P(Z > z) = 1 / (1 + exp(z)) and of (z - a) P(Z > z), over P(Z > a).
  moments: (a) => {
    const decay = Math.exp(-a);
    if (decay < 1e-300) return [1, 2];
    const scale = (1 + decay) / decay;
    return [scale * Math.log1p(decay), -2 * scale * dilog(-decay)];
  },
  // -t + 2 (log(1 + exp(-a)) - E[log(1 + exp(-a - t))]), where u = P(Z <= a + t) is uniform and log(1 + exp(-a - t)) = -log u.
  meanFall: (a, w, first) => {
    const [far, near] = [1 / (1 + Math.exp(a + w)), 1 / (1 + Math.exp(a))];
    const surprise = near > far ? (integralOfSurprise(near) - integralOfSurprise(far)) / (near - far) : 0;
    return -first + 2 * (log1pExp(a) - surprise);
  },
  slope: (z) => -Math.tanh(0.5 * z),
};

/** The integral of -log(1 - v) from 0 to v < 1. */
function integralOfSurprise(v: number): number {
  if (v > 1e-3) return (1 - v) * Math.log1p(-v) + v;
  return v * v * (1 / 2 + v * (1 / 6 + v * (1 / 12 + v * (1 / 20 + v / 30))));
}

/** The dilogarithm of x in [-1, 0], by Landen's identity: -Li2(y) - log(1 - x)^2 / 2 with y = x / (x - 1) in [0, 1/2]. */
function dilog(x: number): number {
  const y = x / (x - 1);
  let sum = 0;
  for (let k = 1, power = y; k < 60 && power > 1e-18 * y; k++, power *= y) sum += power / (k * k);
  return -sum - 0.5 * Math.log1p(-x) ** 2;
}
