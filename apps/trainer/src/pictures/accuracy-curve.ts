import { Canvas } from './canvas.ts';
import { classColour, type Rgb } from './palette.ts';

const INK: Rgb = [120, 120, 128];
const GRID: Rgb = [228, 228, 232];
const MARGIN = 24;

/**
 * Shares (up, 0 to 1) over `x` (right, from 0 to its last value), a line a curve in the order of `classColour`. A grid at quarters and at
 * every whole x, with digits where x is below 10.
 */
export function accuracyCurvePng(x: readonly number[], curves: readonly (readonly number[])[], side = 640): Uint8Array {
  const canvas = new Canvas(side, side);
  const length = side - 2 * MARGIN;
  const last = x.at(-1)!;
  const toX = (value: number) => MARGIN + (length * value) / last;
  const toY = (share: number) => MARGIN + length * (1 - share);
  const low = side - MARGIN;
  for (let quarter = 0; quarter <= 4; quarter++) {
    canvas.rectangle(MARGIN, Math.round(toY(quarter / 4)), length, 1, quarter % 4 === 0 ? INK : GRID);
  }
  for (let whole = 0; whole <= last; whole++) {
    canvas.rectangle(Math.round(toX(whole)), MARGIN, 1, length, whole === 0 ? INK : GRID);
    if (whole < 10) canvas.digit(whole, toX(whole) - 3, low + 6, 2, INK);
  }
  canvas.digit(0, MARGIN - 14, low - 5, 2, INK);
  canvas.digit(1, MARGIN - 14, MARGIN - 5, 2, INK);
  for (const [i, curve] of curves.entries()) {
    for (let k = 1; k < x.length; k++) {
      const [x0, y0, x1, y1] = [toX(x[k - 1]!), toY(curve[k - 1]!), toX(x[k]!), toY(curve[k]!)];
      const steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0));
      for (let s = 0; s <= steps; s++) {
        canvas.disc(x0 + ((x1 - x0) * s) / steps, y0 + ((y1 - y0) * s) / steps, 1.2, classColour(i));
      }
    }
    for (const [k, value] of curve.entries()) canvas.disc(toX(x[k]!), toY(value), 3.5, classColour(i));
  }
  return canvas.toPng();
}
