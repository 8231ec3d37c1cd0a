const HALF_LOG_2PI = 0.9189385332046728;

/** zeta(k) - 1 for k = 2, 3, ... (fixtures/special.py) */
const ZETA_MINUS_1 = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
  0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8,
];

/** log Gamma(2 + z) for |z| <= 1/2: (1 - gamma) z + sum of (zeta(k) - 1) (-z)^k / k. */
function aroundTwo(z: number): number {
  let sum = 0;
  for (let k = ZETA_MINUS_1.length + 1; k >= 2; k--) sum = -z * (ZETA_MINUS_1[k - 2]! / k + sum);
  return z * (0.42278433509846713 - sum);
}

/** log Gamma(x) - [(x - 1/2) log x - x + log(2 pi) / 2] for x >= 10, by Stirling's series (DLMF 5.11.1). */
function stirlingSeries(x: number): number {
  const t = 1 / (x * x);
  return (
    (1 / 12 -
      t *
        (1 / 360 -
          t * (1 / 1260 - t * (1 / 1680 - t * (1 / 1188 - t * (691 / 360360 - t * (1 / 156 - t * 0.0296))))))) /
    x
  );
}

/** log |Gamma(x)|; +Infinity at 0, -1, -2, ... */
export function lgamma(x: number): number {
  if (x >= 10) return x === Infinity ? x : (x - 0.5) * Math.log(x) - x + HALF_LOG_2PI + stirlingSeries(x);
  if (x > 2.5) {
    let product = 1;
    for (; x > 2.5; ) product *= --x;
    return aroundTwo(x - 2) + Math.log(product);
  }
  if (x >= 1.5) return aroundTwo(x - 2);
  if (x >= 0.5) return aroundTwo(x - 1) - Math.log1p(x - 1);
  if (x > -0.5) return aroundTwo(x) - Math.log1p(x) - Math.log(Math.abs(x));
  if (Number.isNaN(x)) return x;
  const fraction = Math.abs(x - Math.round(x)); // exact, so that the sine is too
  return x === -Infinity || fraction === 0
    ? Infinity
    : Math.log(Math.PI / Math.sin(Math.PI * fraction)) - lgamma(1 - x);
}

/** log Gamma(1 + x) for x >= 0, also where 1 + x rounds x away. */
export const lgamma1p = (x: number): number => (x <= 0.5 ? aroundTwo(x) - Math.log1p(x) : lgamma(1 + x));

/** log Gamma(x) - [(x - 1/2) log x - x + log(2 pi) / 2] for x > 0: what is left of log Gamma where it would cancel. */
export function stirlingError(x: number): number {
  return x >= 10 ? stirlingSeries(x) : lgamma(x) - ((x - 0.5) * Math.log(x) - x + HALF_LOG_2PI);
}

/** log B(a, b) = log Gamma(a) + log Gamma(b) - log Gamma(a + b), for a, b >= 0; without its cancellation for large ones. */
export function lbeta(a: number, b: number): number {
  if (!(a >= 0 && b >= 0)) return NaN;
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  if (low === 0) return high === Infinity ? NaN : Infinity;
  if (high === Infinity) return -Infinity;
  const sum = low + high;
  if (high < 10) return lgamma(low) + lgamma(high) - lgamma(sum);
  const corrections = stirlingSeries(high) - stirlingSeries(sum);
  const powers = -(high - 0.5) * Math.log1p(low / high);
  if (low < 10) return lgamma(low) + corrections + powers - low * Math.log(sum) + low;
  const lowPower = low * Math.log(low / sum) - 0.5 * Math.log(low);
  return HALF_LOG_2PI + stirlingSeries(low) + corrections + powers + lowPower;
}
