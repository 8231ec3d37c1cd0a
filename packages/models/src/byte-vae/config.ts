import { checkPositiveInteger, checkSeed } from '../internal/check.ts';

export interface ByteVaeConfig {
  /** Height and width of an image of tokens; a multiple of 2 for every width. */
  side?: number;
  /** T, bytes of a token. */
  token?: number;
  /** E, numbers of a byte. */
  embedding?: number;
  /** Channels of the blocks, from the bytes down; each halves the image. The latent has as many as the last. */
  widths?: readonly number[];
  /** Of attention; a head has width / 4 numbers and with less than 4 one. */
  heads?: number;
  /** Share of the numbers inside residual blocks that training drops. */
  dropout?: number;
  /** Of the first weights. */
  seed?: number;
}

/** @throws RangeError if a value does not fit. */
export function complete({
  side = 32,
  token = 1,
  embedding = 64,
  widths = [64, 128, 256],
  heads = 8,
  dropout = 0.04,
  seed = 0,
}: ByteVaeConfig): Required<ByteVaeConfig> {
  const who = 'ByteVae';
  for (const [name, value] of Object.entries({ side, token, embedding, heads })) checkPositiveInteger(who, name, value);
  if (widths.length === 0) throw new RangeError(`${who}: widths must be one positive integer or more. Use [64, 128].`);
  for (const width of widths) checkPositiveInteger(who, 'widths', width);
  const factor = 2 ** widths.length;
  if (side % factor !== 0) {
    throw new RangeError(`${who}: side must be a multiple of ${factor} for ${widths.length} widths, got ${side}.`);
  }
  if (!(dropout >= 0 && dropout < 1))
    throw new RangeError(`${who}: dropout must be from 0 and below 1, got ${dropout}.`);
  checkSeed(who, seed);
  return { side, token, embedding, widths: [...widths], heads, dropout, seed };
}
