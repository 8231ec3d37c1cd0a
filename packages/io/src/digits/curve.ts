import type { Stroke } from './glyphs.ts';

/** Points of one stroke, x and y in turn. */
export type Polyline = number[];

const STEPS = 5; // straight pieces a curve: at 28 pixels the bend between two is below a tenth of a pixel

/** Cubic Bezier curves through the points of a stroke (Catmull-Rom tangents), cut into short straight pieces. */
export function smooth(points: Stroke): Polyline {
  const line: Polyline = [points[0]![0], points[0]![1]];
  for (let i = 0; i + 1 < points.length; i++) {
    const before = points[i - 1] ?? points[i]!;
    const from = points[i]!;
    const to = points[i + 1]!;
    const after = points[i + 2] ?? to;
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      for (const axis of [0, 1] as const) {
        const control1 = from[axis] + (to[axis] - before[axis]) / 6;
        const control2 = to[axis] - (after[axis] - from[axis]) / 6;
        line.push(bezier(from[axis], control1, control2, to[axis], t));
      }
    }
  }
  return line;
}

function bezier(p0: number, p1: number, p2: number, p3: number, t: number): number {
  const s = 1 - t;
  return s * s * s * p0 + 3 * s * s * t * p1 + 3 * s * t * t * p2 + t * t * t * p3;
}
