/** What an engine made of something, flat: numbers and words in the order in which they came. */
export interface Outcome {
  readonly values: readonly (number | string)[];
  /** By which a number may differ from the reference, relative to its size and to that of its like; 0: to the bit. */
  readonly tolerance: number;
}

export const exactly = (values: ArrayLike<number>): Outcome => ({ values: Array.from(values), tolerance: 0 });
export const nearly = (values: ArrayLike<number>, tolerance = 1e-5): Outcome => ({
  values: Array.from(values),
  tolerance,
});

/** Numbers and words of anything that JSON could hold; numbers to float error, so that whole ones below 1e5 are equal. */
export function leaves(value: unknown): Outcome {
  const values: (number | string)[] = [];
  const walk = (part: unknown): void => {
    if (typeof part === 'number') values.push(part);
    else if (part !== null && typeof part === 'object') for (const one of Object.values(part)) walk(one);
    else values.push(String(part));
  };
  walk(value);
  return { values, tolerance: 1e-5 };
}

/** Where `got` differs from `want`, at most so many places; [] if nowhere. */
export function differences(got: Outcome, want: Outcome, most = 5): string[] {
  if (got.values.length !== want.values.length) return [`${got.values.length} values for ${want.values.length}`];
  const sizes = want.values.map((value) => (typeof value === 'number' && Number.isFinite(value) ? value * value : 0));
  const typical = Math.sqrt(sizes.reduce((sum, square) => sum + square, 0) / Math.max(1, sizes.length));
  const found: string[] = [];
  for (const [i, expected] of want.values.entries()) {
    const value = got.values[i]!;
    if (Object.is(value, expected) || value === expected) continue;
    const both = typeof value === 'number' && typeof expected === 'number';
    if (both && Math.abs(value - expected) <= want.tolerance * (Math.abs(expected) + typical)) continue;
    found.push(`[${i}]: ${value} for ${expected}`);
    if (found.length === most) break;
  }
  return found;
}
