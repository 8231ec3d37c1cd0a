import { writePng } from '@proj/io';
import type { Rgb } from './palette.ts';

/** A small RGB raster: enough for scatter plots, written without a native canvas. */
export class Canvas {
  readonly data: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    background: Rgb = [255, 255, 255],
  ) {
    this.data = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) this.data.set(background, 3 * i);
  }

  /** Mixes a colour into one pixel; alpha 0..1. Outside the canvas: nothing. */
  blend(x: number, y: number, colour: Rgb, alpha: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = 3 * (y * this.width + x);
    for (let c = 0; c < 3; c++) this.data[at + c] = Math.round(this.data[at + c]! * (1 - alpha) + colour[c]! * alpha);
  }

  rectangle(x0: number, y0: number, width: number, height: number, colour: Rgb): void {
    for (let y = y0; y < y0 + height; y++) for (let x = x0; x < x0 + width; x++) this.blend(x, y, colour, 1);
  }

  /** An anti-aliased disc around (x, y), in pixels. */
  disc(x: number, y: number, radius: number, colour: Rgb, alpha = 1): void {
    for (let row = Math.floor(y - radius - 1); row <= y + radius + 1; row++) {
      for (let column = Math.floor(x - radius - 1); column <= x + radius + 1; column++) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const cover = Math.min(1, Math.max(0, radius + 0.5 - distance));
        if (cover > 0) this.blend(column, row, colour, cover * alpha);
      }
    }
  }

  /** One digit of a 3x5 dot font. */
  digit(value: number, x: number, y: number, scale: number, colour: Rgb): void {
    const rows = DIGIT_ROWS[value];
    rows?.forEach((bits, row) => {
      for (let column = 0; column < 3; column++) {
        if (bits & (4 >> column)) this.rectangle(x + column * scale, y + row * scale, scale, scale, colour);
      }
    });
  }

  toPng(): Uint8Array {
    return writePng({ data: this.data, shape: [this.height, this.width, 3] });
  }
}

/** Five rows of three dots, the left one the highest bit. */
const DIGIT_ROWS: readonly (readonly number[])[] = [
  [7, 5, 5, 5, 7],
  [2, 6, 2, 2, 7],
  [7, 1, 7, 4, 7],
  [7, 1, 3, 1, 7],
  [5, 5, 7, 1, 1],
  [7, 4, 7, 1, 7],
  [7, 4, 7, 5, 7],
  [7, 1, 2, 2, 2],
  [7, 5, 7, 5, 7],
  [7, 5, 7, 1, 7],
];
