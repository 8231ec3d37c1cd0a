/** Spreads 32 bits so that neighbours share nothing (the finaliser of MurmurHash3, Appleby 2011, public domain). */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** @throws RangeError if the seed is not a non-negative safe integer. */
export function checkSeed(who: string, seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`${who}: a seed is a non-negative safe integer, got ${seed}. Use 0 if any will do.`);
  }
}

/**
 * Small seeded generator for data made here (sfc32 of PractRand, Doty-Humphrey, public domain).
 *
 * Only integer operations and exactly rounded + - * /: the same numbers on every machine and engine. One generator per
 * (seed, stream), so item i of a data set does not depend on how many items were asked for.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, stream = 0) {
    const low = seed % 0x100000000;
    const high = (seed - low) / 0x100000000;
    this.a = mix(low ^ 0x9e3779b9);
    this.b = mix(high ^ Math.imul(this.a, 0x6c078965));
    this.c = mix(stream ^ Math.imul(this.b, 0x2545f491));
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 uniform bits, as a number in [0, 2^32). */
  bits(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return sum >>> 0;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * (this.bits() / 0x100000000);
  }

  /** A whole number in [0, count), every one equally likely. */
  below(count: number): number {
    const limit = 0x100000000 - (0x100000000 % count);
    let value = this.bits();
    while (value >= limit) value = this.bits();
    return value % count;
  }

  /** A whole number in [0, count), the earlier the more likely: i with probability (2 (count - i) - 1) / count^2. */
  skewed(count: number): number {
    return Math.min(this.below(count), this.below(count));
  }

  /** One of the items, the earlier the more likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.skewed(items.length)]!;
  }

  /** Bell-shaped with mean 0 and deviation 1, never beyond 3.5: the sum of four uniforms (no log, no cosine). */
  bell(): number {
    const sum = this.bits() + this.bits() + this.bits() + this.bits();
    return (sum / 0x100000000 - 2) * 1.7320508075688772;
  }
}

/** The numbers 0 .. count - 1 in random order (Fisher-Yates). */
export function permutation(count: number, seed: number): Uint32Array {
  const random = new Random(seed);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const j = random.below(i + 1);
    order[i] = order[j]!;
    order[j] = i;
  }
  return order;
}
