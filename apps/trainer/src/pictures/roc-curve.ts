import type { RocCurve } from '@proj/training';
import { Canvas } from './canvas.ts';
import { classColour, type Rgb } from './palette.ts';

const INK: Rgb = [120, 120, 128];
const GRID: Rgb = [228, 228, 232];
const MARGIN = 20;

/** A ROC curve as a square picture: both rates from 0 to 1, a grid at quarters, 0 and 1 at their ends, chance as the dotted diagonal. */
export function rocCurvePng({ fpr, tpr }: Pick<RocCurve, 'fpr' | 'tpr'>, side = 640): Uint8Array {
  const canvas = new Canvas(side, side);
  const length = side - 2 * MARGIN;
  const toX = (rate: number) => MARGIN + length * rate;
  const toY = (rate: number) => MARGIN + length * (1 - rate);
  for (let quarter = 0; quarter <= 4; quarter++) {
    const colour = quarter % 4 === 0 ? INK : GRID;
    canvas.rectangle(Math.round(toX(quarter / 4)), MARGIN, 1, length, colour);
    canvas.rectangle(MARGIN, Math.round(toY(quarter / 4)), length, 1, colour);
  }
  const low = side - MARGIN;
  for (const [digit, x, y] of [
    [0, MARGIN - 12, low + 5],
    [1, low - 3, low + 5],
    [1, MARGIN - 12, MARGIN - 5],
  ] as const)
    canvas.digit(digit, x, y, 2, INK); // the ends of both axes
  for (let step = 0; step <= 80; step++) canvas.disc(toX(step / 80), toY(step / 80), 1, INK);
  for (let k = 1; k < fpr.length; k++) {
    const [x0, y0, x1, y1] = [toX(fpr[k - 1]!), toY(tpr[k - 1]!), toX(fpr[k]!), toY(tpr[k]!)];
    const steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0));
    for (let s = 0; s <= steps; s++) {
      const share = steps === 0 ? 0 : s / steps;
      canvas.disc(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, 1.2, classColour(0));
    }
  }
  return canvas.toPng();
}
