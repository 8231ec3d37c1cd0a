/** One timed unit of work. It must have ended when the promise resolves, results read back where the definition says so. */
export interface Variant {
  readonly name: string;
  /** Work in one unit, for the rate: images, floating-point operations, elements. */
  readonly amount: number;
  readonly rateUnit: string;
  run(): Promise<void> | void;
  /** Milliseconds of the last run that count, where not all do. */
  counted?(): number;
  dispose?(): void;
}

export interface Result {
  readonly workload: string;
  readonly variant: string;
  readonly engine: string;
  /** Median and minimum, milliseconds for the whole unit. */
  readonly ms: number;
  readonly min: number;
  readonly runs: number;
  readonly rate: number;
  readonly rateUnit: string;
}

const WARM_UP = 2;
const LEAST_RUNS = 5;
const LEAST_MS = 2000;
/** Units so slow that five of them would take minutes are timed this often. */
const SLOW_MS = 10_000;
const SLOW_RUNS = 2;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Two warm-up runs, then at least five timed ones and two seconds in all. */
export async function measure(workload: string, engine: string, variant: Variant): Promise<Result> {
  const times: number[] = [];
  let slowest = 0;
  for (let i = 0; i < WARM_UP; i++) {
    const start = performance.now();
    await variant.run();
    slowest = Math.max(slowest, performance.now() - start);
    if (slowest > SLOW_MS) break;
  }
  let total = 0;
  const enough = () =>
    slowest > SLOW_MS ? times.length >= SLOW_RUNS : times.length >= LEAST_RUNS && total >= LEAST_MS;
  while (!enough()) {
    const start = performance.now();
    await variant.run();
    const elapsed = performance.now() - start;
    times.push(variant.counted?.() ?? elapsed);
    total += elapsed;
  }
  variant.dispose?.();
  const ms = median(times);
  return {
    workload,
    variant: variant.name,
    engine,
    ms,
    min: times.reduce((a, b) => Math.min(a, b)), // quick units have too many for a spread
    runs: times.length,
    rate: variant.amount / (ms / 1000),
    rateUnit: variant.rateUnit,
  };
}

/** The results among the lines of a program that may print other things. */
export const parseResults = (text: string): Result[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Result);
