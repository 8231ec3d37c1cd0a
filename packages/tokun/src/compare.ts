import { unpad } from './padding.ts';
import { encodeUtf32 } from './utf32.ts';

/** How alike two texts are; shares from 0 to 1, and 1 for two empty texts. */
export interface Comparison {
  /** Characters that are equal, place by place, over the characters of the longer text. */
  charAccuracy: number;
  /** Bytes of UTF-32, likewise. */
  byteAccuracy: number;
  /** Tokens whose bytes are all equal, likewise; a text is made up with NULs to whole tokens. */
  tokenAccuracy: number;
  /**
   * Of the bytes that a constant guess gets wrong: three in four bytes of UTF-32 hardly ever change, and flatter `byteAccuracy`. The guess
   * is the value that a place of the four holds most often in the original; NaN if it is always right.
   */
  unpredictableByteAccuracy: number;
  /** The fewest insertions, deletions and replacements of characters that make one text of the other. */
  editDistance: number;
}

const WORD = 4;

/**
 * A decoded text beside its original, NULs at the ends left out. What is missing or too much counts as wrong.
 *
 * Time and memory of the edit distance are as `editDistance` says.
 *
 * @throws RangeError unless tokenSize, bytes, is a positive integer; 16 if omitted.
 */
export function compare(
  original: string,
  decoded: string,
  { tokenSize = 16 }: { tokenSize?: number } = {},
): Comparison {
  if (!(Number.isSafeInteger(tokenSize) && tokenSize > 0)) {
    throw new RangeError(`compare: tokenSize must be a positive integer number of bytes, got ${tokenSize}.`);
  }
  const [a, b] = [unpad(original), unpad(decoded)];
  const [bytesA, bytesB] = [encodeUtf32(a), encodeUtf32(b)];
  const unpredictable = surprising(bytesA);
  let found = 0;
  for (const i of unpredictable) if (bytesA[i] === bytesB[i]) found++;
  return {
    charAccuracy: shareOfEqual(bytesA, bytesB, WORD),
    byteAccuracy: shareOfEqual(bytesA, bytesB, 1),
    tokenAccuracy: shareOfEqual(bytesA, bytesB, tokenSize),
    unpredictableByteAccuracy: found / unpredictable.length,
    editDistance: editDistance(a, b),
  };
}

/** Runs of `size` bytes that are equal, over the runs of the longer; zeros follow the shorter, within its last run alone. */
function shareOfEqual(a: Uint8Array, b: Uint8Array, size: number): number {
  const [runs, common] = [
    Math.ceil(Math.max(a.length, b.length) / size),
    Math.ceil(Math.min(a.length, b.length) / size),
  ];
  let equal = 0;
  for (let run = 0; run < common; run++) {
    let same = true;
    for (let i = run * size; same && i < (run + 1) * size; i++) same = (a[i] ?? 0) === (b[i] ?? 0);
    if (same) equal++;
  }
  return runs === 0 ? 1 : equal / runs;
}

/** Indices of bytes that are not the commonest at their place of the four. */
function surprising(bytes: Uint8Array): number[] {
  const counts = Array.from({ length: WORD }, () => new Uint32Array(256));
  bytes.forEach((byte, i) => {
    counts[i % WORD]![byte]!++;
  });
  const commonest = counts.map((count) => count.indexOf(count.reduce((a, b) => Math.max(a, b))));
  const indices: number[] = [];
  bytes.forEach((byte, i) => {
    if (byte !== commonest[i % WORD]) indices.push(i);
  });
  return indices;
}

/**
 * Levenshtein's distance of two texts in characters (code points). It takes memory for one text, and time for their common length times the
 * distance: quick for texts that are nearly alike. Source: Ukkonen 1985, Algorithms for approximate string matching, Information and
 * Control 64 (the band that widens).
 */
export function editDistance(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let [m, n] = [left.length, right.length];
  while (m > start && n > start && left[m - 1] === right[n - 1]) {
    m--;
    n--;
  }
  const [x, y] = [left.slice(start, m), right.slice(start, n)];
  const longest = Math.max(x.length, y.length);
  for (let band = Math.max(1, Math.abs(x.length - y.length)); ; band *= 2) {
    const distance = withinBand(x, y, band);
    if (distance <= band || band >= longest) return distance;
  }
}

/**
 * The distance if it is at most `band`, else some number above it: only cells so near the diagonal are looked at. Cell k of row i is
 * column i + k - band.
 */
function withinBand(x: readonly string[], y: readonly string[], band: number): number {
  const far = x.length + y.length + 1;
  const width = 2 * band + 1;
  let row = Float64Array.from({ length: width }, (_, k) => (k < band || k - band > y.length ? far : k - band));
  let next = new Float64Array(width);
  for (let i = 1; i <= x.length; i++) {
    for (let k = 0; k < width; k++) {
      const j = i + k - band;
      if (j < 0 || j > y.length) next[k] = far;
      else if (j === 0) next[k] = i;
      else {
        const replaced = row[k]! + (x[i - 1] === y[j - 1] ? 0 : 1);
        const removed = k + 1 < width ? row[k + 1]! + 1 : far;
        next[k] = Math.min(replaced, removed, k > 0 ? next[k - 1]! + 1 : far);
      }
    }
    [row, next] = [next, row];
  }
  return row[y.length - x.length + band]!;
}
