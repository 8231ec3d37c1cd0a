import type { Random } from '../internal/random.ts';
import { type Polyline, smooth } from './curve.ts';
import { GLYPHS, type Stroke } from './glyphs.ts';
import { drawLine } from './raster.ts';

/** Draws one digit into `pixels`, [size, size], which must be zero. */
export function drawDigit(digit: number, random: Random, pixels: Uint8Array, size: number): void {
  const unit = size / 28; // all lengths below are pixels of a 28 x 28 picture
  const strokes = bend(chooseGlyph(digit, random), random).map(smooth);
  const radius = unit * Math.max(0.7, 1.3 + 0.36 * random.bell());
  place(strokes, radius, unit, random);
  const ink = new Float64Array(size * size);
  for (const line of strokes) {
    const pressure = radius * 0.14 * random.bell();
    drawLine(ink, size, line, radius - pressure, radius + pressure, unit);
  }
  const strength = 255 * Math.min(1, 1.01 + 0.05 * random.bell());
  for (let i = 0; i < ink.length; i++) {
    if (ink[i] === 0) continue;
    const grain = 1 + 0.03 * random.bell();
    pixels[i] = Math.min(255, Math.max(0, Math.floor(ink[i]! * strength * grain + 0.5)));
  }
}

function chooseGlyph(digit: number, random: Random): readonly Stroke[] {
  const glyphs = GLYPHS[digit]!;
  let at = random.below(100);
  for (const { weight, strokes } of glyphs) {
    if (at < weight) return strokes;
    at -= weight;
  }
  return glyphs[0]!.strokes;
}

/** Moves the points as another hand would: each a little, all along a slant, a turn, a stretch and a slow bow. */
function bend(strokes: readonly Stroke[], random: Random): Stroke[] {
  const slant = 0.14 + 0.22 * random.bell(); // tops lean right
  const half = 0.07 * random.bell(); // tangent of half the turn: cosine and sine without trigonometry
  const cosine = (1 - half * half) / (1 + half * half);
  const sine = (2 * half) / (1 + half * half);
  const wide = 1.1 + 0.2 * random.bell();
  const bowX = 0.22 * random.bell();
  const bowY = 0.16 * random.bell();
  const waist = 0.12 * random.bell(); // moves the middle up or down: a large head or a large belly
  const moved = new Map<string, readonly [number, number]>();
  const move = ([px, py]: readonly [number, number]): readonly [number, number] => {
    // Strokes that meet in a point keep meeting in it.
    const key = `${px},${py}`;
    const seen = moved.get(key);
    if (seen !== undefined) return seen;
    const x0 = px + 0.027 * random.bell() - 0.3;
    const y0 = py + 0.027 * random.bell() - 0.5;
    const y1 = y0 + waist * (0.25 - y0 * y0) + bowY * x0 * y0;
    const x1 = wide * x0 + bowX * (y1 * y1 - 0.08) - slant * y1;
    const point = [cosine * x1 - sine * y1, sine * x1 + cosine * y1] as const;
    moved.set(key, point);
    return point;
  };
  return strokes.map((stroke) => stroke.map(move));
}

/** Scales the strokes, ink included, to fit the box and puts their centre of mass into the middle, in place. */
function place(strokes: Polyline[], radius: number, unit: number, random: Random): void {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const line of strokes) {
    for (let i = 0; i < line.length; i += 2) {
      left = Math.min(left, line[i]!);
      right = Math.max(right, line[i]!);
      top = Math.min(top, line[i + 1]!);
      bottom = Math.max(bottom, line[i + 1]!);
    }
  }
  const box = unit * (19.8 + 0.5 * random.bell()) - 2 * radius;
  const scale = box / Math.max(right - left, bottom - top);
  let [mass, sumX, sumY] = [0, 0, 0];
  for (const line of strokes) {
    for (let i = 0; i + 3 < line.length; i += 2) {
      const dx = line[i + 2]! - line[i]!;
      const dy = line[i + 3]! - line[i + 1]!;
      const length = Math.sqrt(dx * dx + dy * dy);
      mass += length;
      sumX += (length * (line[i]! + line[i + 2]!)) / 2;
      sumY += (length * (line[i + 1]! + line[i + 3]!)) / 2;
    }
  }
  const middle = 14 * unit - 0.5; // centre of the picture, in pixels counted from the middle of the first
  const margin = radius + unit; // a lopsided digit moves off its centre rather than over the edge
  const inside = (shift: number, low: number, high: number) =>
    Math.min(2 * middle - margin - scale * high, Math.max(margin - scale * low, shift));
  const shiftX = inside(middle + 0.35 * unit * random.bell() - (scale * sumX) / mass, left, right);
  const shiftY = inside(middle + 0.35 * unit * random.bell() - (scale * sumY) / mass, top, bottom);
  for (const line of strokes) {
    for (let i = 0; i < line.length; i += 2) {
      line[i] = scale * line[i]! + shiftX;
      line[i + 1] = scale * line[i + 1]! + shiftY;
    }
  }
}
