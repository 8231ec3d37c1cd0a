import { Canvas } from './canvas.ts';
import { classColour, type Rgb } from './palette.ts';
import type { Plane } from './principal-plane.ts';

const INK: Rgb = [60, 60, 67];
const FRAME: Rgb = [214, 214, 220];

/** The middle `share` of the values, so that a few far codes do not shrink the picture. */
export function centralRange(values: Float64Array, share = 0.99): readonly [number, number] {
  const sorted = Float64Array.from(values).sort();
  const cut = Math.floor(((1 - share) / 2) * (sorted.length - 1));
  const [low, high] = [sorted[cut] ?? 0, sorted[sorted.length - 1 - cut] ?? 0];
  return high > low ? [low, high] : [low - 1, low + 1];
}

/** Square bounds that hold 99 % of the plane's codes: [left, bottom, size]. */
export function planeBounds({ coordinates }: Plane): readonly [number, number, number] {
  const [left, right] = centralRange(coordinates.filter((_, i) => i % 2 === 0));
  const [bottom, top] = centralRange(coordinates.filter((_, i) => i % 2 === 1));
  const size = 1.08 * Math.max(right - left, top - bottom);
  return [(left + right - size) / 2, (bottom + top - size) / 2, size];
}

/**
 * Scatter of codes as PNG, one dot a code, coloured by label; the class numbers stand at the right.
 * v grows upwards, as in a plot.
 */
export const latentPlanePng = (plane: Plane, labels: Uint8Array | Uint16Array | undefined, side = 640): Uint8Array =>
  drawPlane(plane, labels, side).toPng();

/** The same, to be drawn on: the plane's square is `side` pixels wide, and the class numbers stand beyond it. */
export function drawPlane(plane: Plane, labels: Uint8Array | Uint16Array | undefined, side: number): Canvas {
  const legend = labels ? 44 : 0;
  const canvas = new Canvas(side + legend, side);
  const [left, bottom, size] = planeBounds(plane);
  const toX = (u: number) => ((u - left) / size) * side;
  const toY = (v: number) => side - ((v - bottom) / size) * side;
  canvas.rectangle(Math.round(toX(0)), 0, 1, side, FRAME);
  for (let x = 0; x < side; x++) canvas.blend(x, Math.round(toY(0)), FRAME, 1);
  const count = plane.coordinates.length / 2;
  for (let i = 0; i < count; i++) {
    const colour = labels ? classColour(labels[i]!) : INK;
    const [x, y] = [toX(plane.coordinates[2 * i]!), toY(plane.coordinates[2 * i + 1]!)];
    if (x < side - 3) canvas.disc(x, y, 2.4, colour, 0.75);
  }
  if (labels) {
    const classes = Math.min(10, [...labels].reduce((most, label) => Math.max(most, label), 0) + 1);
    for (let label = 0; label < classes; label++) {
      const y = 14 + 26 * label;
      canvas.disc(side + 10, y + 7, 5, classColour(label));
      canvas.digit(label, side + 22, y, 3, INK);
    }
  }
  return canvas;
}
