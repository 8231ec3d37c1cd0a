import { checkShape } from '../internal/shape.ts';
import type { PngImage } from './png.ts';

export interface TileOptions {
  /** Pictures a row; the nearest to a square if omitted. */
  columns?: number;
  /** Pixels between pictures and around them; 2 if omitted. */
  gap?: number;
  /** Value of the gaps in every channel, 0 to 255; 128 if omitted. */
  background?: number;
}

/**
 * Lays pictures out in a grid, row by row: [N, H, W, C] -> [H', W', C], ready for `writePng`.
 *
 * Floats are in [0, 1] and become 0..255; bytes stay as they are. Places after the last picture stay background.
 *
 * @throws RangeError if a float is NaN or beyond [0, 1] by more than rounding (0.001): a picture that hides it misleads.
 */
export function tileGrid(
  { data, shape }: { data: Float32Array | Uint8Array; shape: readonly number[] },
  options: TileOptions = {},
): PngImage {
  checkShape('tileGrid', data.length, shape);
  const [count = 0, height = 0, width = 0, channels = 0] = shape;
  if (shape.length !== 4 || data.length === 0 || channels > 4) {
    throw new RangeError(`tileGrid: expected shape [N, H, W, 1 to 4] with pixels in it, got [${shape}].`);
  }
  const { columns = Math.ceil(Math.sqrt(count)), gap = 2, background = 128 } = options;
  whole('columns', columns, 1, Number.MAX_SAFE_INTEGER);
  whole('gap', gap, 0, 65535);
  whole('background', background, 0, 255);
  const across = Math.min(columns, count);
  const rows = Math.ceil(count / across);
  const gridHeight = gap + rows * (height + gap);
  const gridWidth = gap + across * (width + gap);
  const grid = new Uint8Array(gridHeight * gridWidth * channels).fill(background);
  const bytes = data instanceof Uint8Array ? data : toBytes(data);
  const line = width * channels;
  for (let n = 0; n < count; n++) {
    const top = gap + Math.floor(n / across) * (height + gap);
    const left = gap + (n % across) * (width + gap);
    for (let y = 0; y < height; y++) {
      const from = (n * height + y) * line;
      grid.set(bytes.subarray(from, from + line), ((top + y) * gridWidth + left) * channels);
    }
  }
  return { data: grid, shape: [gridHeight, gridWidth, channels] };
}

function whole(option: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`tileGrid: ${option} must be a whole number from ${low} to ${high}, got ${value}.`);
  }
}

function toBytes(floats: Float32Array): Uint8Array {
  const bytes = new Uint8Array(floats.length);
  for (let i = 0; i < floats.length; i++) {
    const value = floats[i]!;
    if (!(value >= -0.001 && value <= 1.001)) {
      throw new RangeError(`tileGrid: floats must be in [0, 1], got ${value} at index ${i}. Scale or clip them first.`);
    }
    bytes[i] = Math.min(1, Math.max(0, value)) * 255 + 0.5;
  }
  return bytes;
}
