/**
 * The root of a rising function of the real line, to about float64's precision: Newton's method kept between the ends
 * that it has seen, by halving where a step would leave them.
 *
 * @param f value and slope at x.
 */
export function solve(f: (x: number) => readonly [value: number, slope: number], start: number): number {
  let [low, high, x] = [-Infinity, Infinity, start];
  let reach = 1; // of a step while one end is open
  for (let i = 0; i < 200; i++) {
    const [value, slope] = f(x);
    if (value === 0 || Number.isNaN(value)) return value === 0 ? x : NaN;
    if (value < 0) low = x;
    else high = x;
    let next = x - value / slope;
    if (!(next > low && next < high && Math.abs(next - x) <= Math.max(reach, Math.abs(x)))) {
      next = high - low < Infinity ? low + 0.5 * (high - low) : x - Math.sign(value) * reach;
      reach *= 2;
    }
    if (Math.abs(next - x) <= 4e-16 * Math.max(1, Math.abs(x)) || next === low || next === high) return next;
    x = next;
  }
  return x;
}
