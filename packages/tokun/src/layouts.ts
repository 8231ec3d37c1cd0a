import { toBits } from './bits.ts';
import { fold, hilbertCurve, unfold } from './hilbert.ts';
import { decodeUtf32, encodeUtf32 } from './utf32.ts';

/** Of every layout: how text becomes bytes, and bytes tokens. */
export interface LayoutOptions {
  /** 'utf-8' if omitted. */
  readonly encoding?: 'utf-8' | 'utf-32-be';
  /** T, bytes of a token; 1 if omitted. */
  readonly tokenDim?: number;
  /** Leading bytes of every 4 that are left out, UTF-32 alone: 1 loses nothing, as the first is always 0. 0 if omitted. */
  readonly dropDim?: number;
}

/** A way to lay out a text of any length as so many bytes, and back. */
export interface Layout {
  /** Of the bytes of one text: [..., T]. */
  readonly shape: readonly number[];
  /** Cut off between characters, or made up with zeros. */
  encode(text: string): Uint8Array;
  /** Without any NULs; of bytes that are no text, U+FFFD. @throws RangeError unless there are as many as the shape says. */
  decode(bytes: Uint8Array): string;
}

const WORD = 4;

/** Colours and styles of a terminal: ESC [ numbers m. */
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;:]*m`, 'g');

/** The text without the escapes that colour it in a terminal. */
export const withoutColours = (text: string): string => text.replace(COLOURS, '');

/** Features of a record as one text, U+001D (group separator) between them. */
export const joinFeatures = (features: readonly string[]): string => features.join('\u001d');

/**
 * One line of tokens: [S', T], S' tokens of `sampleDim` bytes less those dropped.
 *
 * @throws RangeError unless these are whole tokens.
 */
export function flatLayout({ sampleDim, ...options }: LayoutOptions & { readonly sampleDim: number }): Layout {
  const row = rowOf('flatLayout', sampleDim, options);
  return {
    shape: [row.tokens, row.tokenDim],
    encode: row.encode,
    decode: (bytes) => withoutNulls(row.decode(checked('flatLayout', bytes, row.size))),
  };
}

/**
 * Lines of a text as rows: [H, W', T], each row a line of `width` bytes less those dropped. Lines beyond `height` are left out.
 *
 * @throws RangeError unless a row is whole tokens and height a positive integer.
 */
export function squareLayout({
  height,
  width,
  ...options
}: LayoutOptions & { readonly height: number; readonly width: number }): Layout {
  const row = rowOf('squareLayout', width, options);
  positive('squareLayout', { height });
  return {
    shape: [height, row.tokens, row.tokenDim],
    encode(text) {
      const bytes = new Uint8Array(height * row.size);
      const lines = text.split('\n').slice(0, height);
      for (const [i, line] of lines.entries()) bytes.set(row.encode(line), i * row.size);
      return bytes;
    },
    /** Empty lines at the end are padding. */
    decode(bytes) {
      checked('squareLayout', bytes, height * row.size);
      const lines = Array.from({ length: height }, (_, i) =>
        withoutNulls(row.decode(bytes.subarray(i * row.size, (i + 1) * row.size))),
      );
      return lines.join('\n').replace(/\n+$/, '');
    },
  };
}

/**
 * A line of tokens folded along a Hilbert curve into a cube: [2^order, ..., T] with `rank` axes, 2 if omitted. It holds T 2^(rank order)
 * bytes after what is dropped.
 *
 * @throws RangeError as `hilbertCurve`, or unless whole characters fill it.
 */
export function hilbertLayout({
  order,
  rank = 2,
  ...options
}: LayoutOptions & { readonly order: number; readonly rank?: number }): Layout {
  const curve = hilbertCurve({ order, rank });
  const { tokenDim = 1, dropDim = 0 } = options;
  const size = (curve.length * tokenDim * WORD) / (WORD - dropDim);
  const row = rowOf('hilbertLayout', size, options);
  return {
    shape: [...Array.from({ length: rank }, () => 2 ** order), tokenDim],
    encode: (text) => fold(row.encode(text), curve, tokenDim),
    decode: (bytes) => withoutNulls(row.decode(unfold(checked('hilbertLayout', bytes, row.size), curve, tokenDim))),
  };
}

/** A batch of texts for a model: inputs [B, ..., T] and the targets of their bytes, [B, ..., 8 T] bits or [B, ..., 256 T] one-hot. */
export interface LaidOut {
  readonly inputs: { readonly data: Uint8Array; readonly shape: readonly number[] };
  readonly targets: { readonly data: Uint8Array; readonly shape: readonly number[] };
}

/** Each text, or list of features, laid out: colours are dropped. Targets are bits if omitted. */
export function layOut(
  layout: Layout,
  texts: readonly (string | readonly string[])[],
  targets: 'bits' | 'one-hot' = 'bits',
): LaidOut {
  const size = layout.shape.reduce((a, b) => a * b);
  const data = new Uint8Array(texts.length * size);
  for (const [i, text] of texts.entries()) {
    const joined = typeof text === 'string' ? text : joinFeatures(text);
    data.set(layout.encode(withoutColours(joined)), i * size);
  }
  const values = targets === 'bits' ? 8 : 256;
  const shape = [texts.length, ...layout.shape];
  return {
    inputs: { data, shape },
    targets: {
      data: targets === 'bits' ? toBits(data) : oneHot(data),
      shape: [...shape.slice(0, -1), values * shape.at(-1)!],
    },
  };
}

function oneHot(bytes: Uint8Array): Uint8Array {
  const hot = new Uint8Array(256 * bytes.length);
  bytes.forEach((byte, i) => {
    hot[256 * i + byte] = 1;
  });
  return hot;
}

/** A run of text in a fixed number of bytes. */
function rowOf(who: string, bytes: number, { encoding = 'utf-8', tokenDim = 1, dropDim = 0 }: LayoutOptions) {
  positive(who, { tokenDim });
  const wide = encoding === 'utf-32-be';
  if (!(Number.isSafeInteger(dropDim) && dropDim >= 0 && dropDim < (wide ? WORD : 1))) {
    throw new RangeError(`${who}: dropDim must be 0, or with utf-32-be 0 to 3, got ${dropDim} with ${encoding}.`);
  }
  const kept = WORD - dropDim;
  const size = (bytes / WORD) * kept;
  const whole = Number.isSafeInteger(bytes) && bytes > 0 && Number.isSafeInteger(size) && (!wide || bytes % WORD === 0);
  if (!whole || size % tokenDim !== 0) {
    throw new RangeError(
      `${who}: expected whole characters and whole tokens of ${tokenDim} bytes, got ${bytes} bytes, ${size} of them kept.`,
    );
  }
  return {
    tokenDim,
    size,
    tokens: size / tokenDim,
    encode(text: string): Uint8Array {
      const row = new Uint8Array(bytes);
      if (wide) row.set(encodeUtf32(text.slice(0, bytes / 2)).subarray(0, bytes));
      else new TextEncoder().encodeInto(text, row); // whole code points alone
      return dropDim === 0 ? row : row.filter((_, i) => i % WORD >= dropDim);
    },
    decode(row: Uint8Array): string {
      if (!wide) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(row);
      if (dropDim === 0) return decodeUtf32(row);
      const all = new Uint8Array(bytes);
      row.forEach((byte, i) => {
        all[Math.floor(i / kept) * WORD + dropDim + (i % kept)] = byte;
      });
      return decodeUtf32(all);
    },
  };
}

const withoutNulls = (text: string): string => text.replaceAll('\0', '');

function checked(who: string, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw new RangeError(`${who}: expected ${size} bytes, got ${bytes.length}.`);
  return bytes;
}

function positive(who: string, values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new RangeError(`${who}: ${name} must be a positive integer, got ${value}.`);
  }
}
