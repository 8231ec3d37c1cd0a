/** The gradient of f at the arguments by central differences in float64; `step` relative to 1 or the argument, if larger. */
export function differences(
  f: (...args: number[][]) => number,
  args: readonly (readonly number[])[],
  step = 1e-5,
): number[][] {
  return args.map((arg, which) =>
    arg.map((x, i) => {
      const h = step * Math.max(1, Math.abs(x));
      const at = (by: number) => f(...args.map((a, w) => a.map((v, j) => (w === which && j === i ? v + by : v))));
      return (at(h) - at(-h)) / (2 * h);
    }),
  );
}
