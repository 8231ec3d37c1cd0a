import { decode, encode } from 'fast-png';
import { DataError } from '../data-error.ts';
import { bytesText, checkShape } from '../internal/shape.ts';
import { looksLike } from '../internal/signature.ts';
import { checkPngSize } from './check-size.ts';

/** Pixels row by row, shape [H, W, C]: C is 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA; values 0 to 255. */
export interface PngImage {
  data: Uint8Array;
  shape: [height: number, width: number, channels: number];
}

/**
 * Reads a PNG of any form to 8 bits a channel.
 *
 * A palette becomes RGB, or RGBA if it has transparency; 16 bits are rounded to 8; 1, 2 and 4 bits of grey are
 * stretched to 0..255. A transparent colour (tRNS) becomes an alpha channel. Of an animation, the first picture.
 *
 * @param options.name is what an error calls the file.
 * @throws DataError if the bytes are no PNG or damaged.
 */
export function readPng(bytes: Uint8Array, options: { name?: string } = {}): PngImage {
  const name = options.name ?? 'PNG file';
  if (looksLike(bytes) !== 'a PNG picture') {
    throw new DataError(`${name}: expected a PNG picture, got ${looksLike(bytes)}. Convert it to PNG.`);
  }
  checkPngSize(bytes, name);
  let png: ReturnType<typeof decode>;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new DataError(`${name}: the PNG (${bytesText(bytes.length)}) is damaged: ${cause}. Save it again.`, {
      cause: error,
    });
  }
  const { width, height, depth, channels, palette, transparency } = png;
  const samples = depth < 8 ? unpack(png.data as Uint8Array, width, height, depth) : png.data;
  if (palette && channels === 1) return fromPalette(samples, palette, width, height, name);
  const data = new Uint8Array(samples.length);
  const top = 2 ** depth - 1;
  for (let i = 0; i < data.length; i++) data[i] = (samples[i]! * 255) / top + 0.5;
  const shape: PngImage['shape'] = [height, width, channels];
  // Only the plain forms may carry a transparent colour, and it is compared at the file's own depth.
  if (!transparency?.length || transparency.length !== channels) return { data, shape };
  return withAlpha(data, samples, transparency, shape);
}

/**
 * Writes a PNG with 8 bits a channel: grey for [H, W] and [H, W, 1], grey-alpha, RGB and RGBA for 2, 3 and 4 channels.
 *
 * @throws RangeError if the shape does not fit the data or has another number of channels.
 */
export function writePng({ data, shape }: { data: Uint8Array; shape: readonly number[] }): Uint8Array {
  if (!(data instanceof Uint8Array)) {
    throw new TypeError('writePng: expected a Uint8Array of 0 to 255. Scale floats first, for instance with tileGrid.');
  }
  const [height = 0, width = 0, channels = 1] = shape;
  checkShape('writePng', data.length, shape);
  if (shape.length < 2 || shape.length > 3 || channels < 1 || channels > 4 || height < 1 || width < 1) {
    throw new RangeError(`writePng: expected shape [H, W] or [H, W, 1 to 4] with pixels in it, got [${shape}].`);
  }
  return encode({ width, height, channels, data, depth: 8 });
}

/** Samples of less than a byte, packed row by row, to one byte each. */
function unpack(packed: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const samples = new Uint8Array(width * height);
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = packed[y * rowBytes + Math.floor(x / perByte)]!;
      samples[y * width + x] = (byte >> (8 - depth * ((x % perByte) + 1))) & (2 ** depth - 1);
    }
  }
  return samples;
}

function fromPalette(
  indices: ArrayLike<number>,
  palette: number[][],
  width: number,
  height: number,
  name: string,
): PngImage {
  const channels = palette[0]?.length ?? 3;
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    const colour = palette[indices[i]!];
    if (colour === undefined) {
      throw new DataError(
        `${name}: the PNG is damaged: a pixel names colour ${indices[i]} of a palette of ${palette.length}. Save it again.`,
      );
    }
    data.set(colour, i * channels);
  }
  return { data, shape: [height, width, channels] };
}

function withAlpha(
  data: Uint8Array,
  samples: ArrayLike<number>,
  transparent: Uint16Array,
  [height, width, channels]: PngImage['shape'],
): PngImage {
  const out = new Uint8Array(height * width * (channels + 1));
  for (let i = 0; i < height * width; i++) {
    let opaque = 0;
    for (let c = 0; c < channels; c++) {
      out[i * (channels + 1) + c] = data[i * channels + c]!;
      if (samples[i * channels + c] !== transparent[c]) opaque = 255;
    }
    out[i * (channels + 1) + channels] = opaque;
  }
  return { data: out, shape: [height, width, channels + 1] };
}
