import { InvalidArgumentError } from 'commander';

/** A whole number >= 1, for commander. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || text.trim() === '') {
    throw new InvalidArgumentError(`Expected a whole number of at least 1.`);
  }
  return value;
}

/** A whole number >= 0, for commander. */
export function natural(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === '') {
    throw new InvalidArgumentError(`Expected a whole number of at least 0.`);
  }
  return value;
}

/** A finite number > 0, for commander. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError(`Expected a number above 0.`);
  return value;
}

/** A finite number >= 0, for commander. */
export function nonNegative(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || text.trim() === '') {
    throw new InvalidArgumentError(`Expected a number of at least 0.`);
  }
  return value;
}

/** Collects `--set key=value` into a record; a key given twice keeps the last value. */
export function keyValue(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`Expected key=value, for example --set latent=20.`);
  return { ...earlier, [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
}

/** A number in (0, 1], for commander. */
export function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError(`Expected a number above 0 and at most 1.`);
  return value;
}

/** Two words with a comma between them, for commander. */
export function pair(text: string): [string, string] {
  const words = text.split(',').map((word) => word.trim());
  if (words.length !== 2 || words.includes('')) throw new InvalidArgumentError(`Expected two words, as in anna,maria.`);
  return words as [string, string];
}

/** One part of several as I/N, counted from 1, for commander. */
export function shard(text: string): { index: number; count: number } {
  const [index, count] = /^\d+\/\d+$/.test(text) ? text.split('/').map(Number) : [];
  if (!index || !count || index > count || count > 99_999) {
    throw new InvalidArgumentError(`Expected i/n, the i-th of n parts, i from 1 to n: 2/4.`);
  }
  return { index, count };
}
