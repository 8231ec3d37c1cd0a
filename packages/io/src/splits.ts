import { checkSeed, mix, permutation } from './internal/random.ts';

export interface TwoParts {
  train: Uint32Array;
  validation: Uint32Array;
}

export interface ThreeParts extends TwoParts {
  test: Uint32Array;
}

/**
 * Cuts a training part: validation is the last 10 % (rounded, at least one of two) of a seed-0 permutation of
 * 0 .. count - 1, training what comes before it, in that order.
 *
 * @throws RangeError if count is not a natural number or fraction not in (0, 1).
 */
export function splitIndices(count: number, options: { seed?: number; fraction?: number } = {}): TwoParts {
  const { seed = 0, fraction = 0.1 } = options;
  if (!Number.isSafeInteger(count) || count < 0 || count > 0xffffffff) {
    throw new RangeError(`splitIndices: count must be a natural number below 2^32, got ${count}.`);
  }
  checkSeed('splitIndices', seed);
  if (!(fraction > 0 && fraction < 1)) {
    throw new RangeError(`splitIndices: fraction must be between 0 and 1, got ${fraction}. Omit it to use 0.1.`);
  }
  const order = permutation(count, seed);
  const held = count < 2 ? 0 : Math.min(count - 1, Math.max(1, Math.floor(count * fraction + 0.5)));
  return { train: order.slice(0, count - held), validation: order.slice(count - held) };
}

/**
 * Cuts a set that has no test part 80/10/10 by a hash of each distinct item: equal items always land in the same part,
 * and an item keeps its part when others are added. Tiny sets still get an item in each part, from three distinct on.
 *
 * @param key is the item's content, the same for equal items: its bytes or its text.
 * @returns the indices of each part, ascending.
 */
export function splitByHash(count: number, key: (index: number) => Uint8Array | string): ThreeParts {
  const ids: string[] = [];
  const distinct = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const item = key(i);
    const high = hash(item, 0);
    const low = hash(item, 0x9e3779b9);
    const id = `${high.toString(16)}-${low.toString(16)}-${item.length}`;
    ids.push(id);
    distinct.set(id, high);
  }
  const sorted = [...distinct].sort(([idA, a], [idB, b]) => a - b || (idA < idB ? -1 : 1));
  const above = (share: number) => sorted.filter(([, high]) => high >= share * 0x100000000).length;
  const enough = sorted.length >= 3 ? 1 : 0;
  const tests = Math.min(Math.max(above(0.9), enough), Math.max(sorted.length - 2 * enough, 0));
  const validations = Math.min(Math.max(above(0.8) - tests, enough), sorted.length - tests - enough);
  const part = new Map<string, number>();
  sorted.forEach(([id], rank) => {
    const fromEnd = sorted.length - rank;
    part.set(id, fromEnd <= tests ? 2 : fromEnd <= tests + validations ? 1 : 0);
  });
  const pick = (wanted: number) => Uint32Array.from(ids.keys()).filter((i) => part.get(ids[i]!) === wanted);
  return { train: pick(0), validation: pick(1), test: pick(2) };
}

/** 32-bit FNV-1a, stirred at the end so that its upper bits are as good as its lower. */
function hash(item: Uint8Array | string, start: number): number {
  const bytes = typeof item === 'string' ? new TextEncoder().encode(item) : item;
  let h = 0x811c9dc5 ^ start;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return mix(h);
}
