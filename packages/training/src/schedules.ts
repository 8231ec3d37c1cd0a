/** A number that changes as training goes on: of the steps made before, 0 for the first. Plain functions, so a resumed run goes on. */
export type Schedule = (step: number) => number;

/** The same number at every step. */
export function constant(value: number): Schedule {
  checkFinite('constant', { value });
  return () => value;
}

/**
 * From `from` to `to` in a straight line over `steps` steps, then `to`. For a learning rate, or the weight of a KL term (Bowman et al.
 * 2015, arXiv:1511.06349).
 *
 * @param options `from` 0 and `to` 1 if omitted.
 * @throws RangeError if steps is not positive or a value not finite.
 */
export function linearWarmUp({ steps, from = 0, to = 1 }: { steps: number; from?: number; to?: number }): Schedule {
  checkFinite('linearWarmUp', { from, to });
  checkPositive('linearWarmUp', { steps });
  return (step) => (step >= steps ? to : from + ((to - from) * step) / steps);
}

/**
 * `cycles` equal parts of `steps` steps; each rises in a straight line from `from` to `to` during its first `ratio`, then stays.
 * After the last it is `to`. Source: Fu et al. 2019, arXiv:1903.10145, whose M is 4 and R is 0.5, as here if omitted.
 *
 * @param options `from` 0 and `to` 1 if omitted.
 * @throws RangeError if steps is not positive, cycles not a positive integer, ratio not in (0, 1], or a value not finite.
 */
export function cyclical({
  steps,
  cycles = 4,
  ratio = 0.5,
  from = 0,
  to = 1,
}: {
  steps: number;
  cycles?: number;
  ratio?: number;
  from?: number;
  to?: number;
}): Schedule {
  checkFinite('cyclical', { from, to });
  checkPositive('cyclical', { steps });
  if (!(Number.isSafeInteger(cycles) && cycles >= 1)) {
    throw new RangeError(`cyclical: cycles must be a positive integer, got ${cycles}. Omit it to use 4.`);
  }
  if (!(ratio > 0 && ratio <= 1)) {
    throw new RangeError(`cyclical: ratio must be in (0, 1], got ${ratio}. Omit it to use 0.5.`);
  }
  return (step) => {
    if (step >= steps) return to;
    const done = ((step * cycles) / steps) % 1; // of the cycle under way
    return from + (to - from) * Math.min(1, done / ratio);
  };
}

/**
 * `floor + (initial - floor) rate^(step / steps)`: what is above the floor, 0 if omitted, times `rate` every `steps` steps; with `staircase`
 * all at once at their end, which PyTorch calls StepLR.
 *
 * @throws RangeError if steps or rate is not positive, or initial or floor not finite.
 */
export function exponentialDecay({
  initial,
  rate,
  steps,
  staircase = false,
  floor = 0,
}: {
  initial: number;
  rate: number;
  steps: number;
  staircase?: boolean;
  floor?: number;
}): Schedule {
  checkFinite('exponentialDecay', { initial, floor });
  checkPositive('exponentialDecay', { rate, steps });
  return (step) => floor + (initial - floor) * rate ** (staircase ? Math.floor(step / steps) : step / steps);
}

/**
 * `values[0]` before step `boundaries[0]`, `values[1]` from there to `boundaries[1]`, and so on: decay by steps of one's own.
 *
 * @throws RangeError unless the boundaries are positive and rise, and there is one more value, all finite.
 */
export function piecewiseConstant({
  boundaries,
  values,
}: {
  boundaries: readonly number[];
  values: readonly number[];
}): Schedule {
  if (!boundaries.every((boundary, i) => Number.isFinite(boundary) && boundary > (boundaries[i - 1] ?? 0))) {
    throw new RangeError(`piecewiseConstant: boundaries must be positive and rise, got [${boundaries.join(', ')}].`);
  }
  if (values.length !== boundaries.length + 1 || !values.every(Number.isFinite)) {
    throw new RangeError(
      `piecewiseConstant: values must be ${boundaries.length + 1} finite numbers, one more than boundaries, got [${values.join(', ')}].`,
    );
  }
  return (step) => values[boundaries.filter((boundary) => step >= boundary).length]!;
}

/**
 * `final + (initial - final) (1 + cos(pi step / steps)) / 2`, then `final`. Source: Loshchilov & Hutter 2016, arXiv:1608.03983,
 * without restarts.
 *
 * @param options `final` 0 if omitted.
 * @throws RangeError if steps is not positive or a value not finite.
 */
export function cosineDecay({
  initial,
  steps,
  final = 0,
}: {
  initial: number;
  steps: number;
  final?: number;
}): Schedule {
  checkFinite('cosineDecay', { initial, final });
  checkPositive('cosineDecay', { steps });
  return (step) => final + ((initial - final) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))) / 2;
}

function checkFinite(who: string, values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) throw new RangeError(`${who}: ${name} must be a finite number, got ${value}.`);
  }
}

function checkPositive(who: string, values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${who}: ${name} must be positive, got ${value}.`);
    }
  }
}
