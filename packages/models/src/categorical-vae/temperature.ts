/** How a temperature falls with the steps of training. */
export interface TemperatureSchedule {
  /** Of step 0; 1 if omitted. */
  start?: number;
  /** By how much the logarithm falls in a step; 3e-5 if omitted. */
  rate?: number;
  /** It never falls below; 0.5 if omitted. */
  least?: number;
  /** Steps for which it stays the same; 1,000 if omitted. */
  every?: number;
}

/**
 * Temperature of a relaxed sample at a step of training, a function of the step alone: max(start e^(-rate t), least), with t the
 * step rounded down to a multiple of `every`. A resumed run goes on with the temperature of an uninterrupted one.
 *
 * Source: Jang, Gu & Poole 2017, arXiv:1611.01144, section 4.1, with the values of its code.
 *
 * @throws RangeError if a value does not fit.
 */
export function annealedTemperature(
  step: number,
  { start = 1, rate = 3e-5, least = 0.5, every = 1000 }: TemperatureSchedule = {},
): number {
  const values = Object.entries({ step, start, rate, least, every });
  const wrong = values.find(
    ([name, value]) => !(value >= 0 && value < Infinity && (value > 0 || /step|rate/.test(name))),
  );
  if (wrong) {
    const [name, value] = wrong;
    throw new RangeError(`annealedTemperature: ${name} must be positive (step and rate: 0 or more), got ${value}.`);
  }
  return Math.max(start * Math.exp(-rate * every * Math.floor(step / every)), least);
}
