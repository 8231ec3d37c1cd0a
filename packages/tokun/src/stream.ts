import { padBytes, unpad } from './padding.ts';
import { decodeUtf32, encodeUtf32 } from './utf32.ts';

export interface TokenStreamOptions {
  /** Bytes of a token; 16 if omitted. */
  readonly tokenSize?: number;
  /** Tokens of a piece; 4,096 if omitted. The last piece may have fewer. */
  readonly tokens?: number;
}

/**
 * A stream of UTF-8 as UTF-32 bytes, piece by piece, each of whole tokens; zeros fill the last token up. It holds one piece and one part of
 * the source at a time, so a file may be of any size. `createReadStream(path)` of Node is such a source.
 *
 * Bytes that are not UTF-8 become U+FFFD, or with `fatal` stop the stream. A byte order mark is a character like any other.
 *
 * @throws RangeError unless the options are positive integers; TypeError with `fatal` for bytes that are not UTF-8.
 */
export async function* streamTokens(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { tokenSize = 16, tokens = 4096, fatal = false }: TokenStreamOptions & { readonly fatal?: boolean } = {},
): AsyncGenerator<Uint8Array, void> {
  for (const [name, value] of Object.entries({ tokenSize, tokens })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new RangeError(`streamTokens: ${name} must be a positive integer, got ${value}.`);
  }
  const decoder = new TextDecoder('utf-8', { fatal, ignoreBOM: true });
  const size = tokenSize * tokens;
  let rest = new Uint8Array();
  for await (const part of source) {
    const all = joined(rest, encodeUtf32(decoder.decode(part, { stream: true })));
    let at = 0;
    for (; all.length - at >= size; at += size) yield all.slice(at, at + size);
    rest = all.slice(at);
  }
  const all = joined(rest, encodeUtf32(decoder.decode()));
  for (let at = 0; at < all.length; at += size) yield padBytes(all.subarray(at, at + size), tokenSize);
}

/**
 * The text of UTF-32 bytes that come piece by piece, cut anywhere. NULs at the end of it all are left out, and none elsewhere; memory is
 * that of a piece and of a run of NULs' length.
 */
export async function* streamText(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void> {
  let rest = new Uint8Array();
  let nulls = 0;
  for await (const piece of pieces) {
    const all = joined(rest, piece);
    const whole = all.length - (all.length % 4);
    rest = all.slice(whole);
    const text = decodeUtf32(all.subarray(0, whole));
    const shown = unpad(text);
    if (shown !== '') {
      yield '\0'.repeat(nulls) + shown;
      nulls = 0;
    }
    nulls += text.length - shown.length;
  }
  if (rest.length > 0) yield '\0'.repeat(nulls) + decodeUtf32(rest);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
