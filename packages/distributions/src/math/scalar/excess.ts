/**
 * u - log(1 + u), never negative, without the cancellation at small u. `ratio` is 1 + u, exact where u is near -1.
 *
 * log(1 + u) = 2 artanh(s) with s = u / (2 + u), so the difference is u s - 2 (s^3 / 3 + s^5 / 5 + ...).
 */
export function excess(u: number, ratio: number): number {
  if (!(Math.abs(u) < 0.5)) return u - Math.log(ratio);
  const s = u / (2 + u);
  let power = s * s * s;
  let sum = 0;
  for (let k = 3; Math.abs(power) > 1e-18 * Math.abs(sum * k); k += 2) {
    sum += power / k;
    power *= s * s;
  }
  return u * s - 2 * sum;
}
