/**
 * Draws a stroke into `ink`, [size, size] of 0 to 1, keeping the darker where strokes cross.
 *
 * A pixel's ink follows from its distance to the stroke: full inside, none outside, falling over `soft` pixels between,
 * so edges are anti-aliased. The pen's radius goes from `radiusStart` to `radiusEnd`.
 */
export function drawLine(
  ink: Float64Array,
  size: number,
  line: readonly number[],
  radiusStart: number,
  radiusEnd: number,
  unit: number,
): void {
  const soft = 1.3 * Math.max(unit, 0.75);
  const segments = line.length / 2 - 1;
  for (let segment = 0; segment < segments; segment++) {
    const x0 = line[2 * segment]!;
    const y0 = line[2 * segment + 1]!;
    const dx = line[2 * segment + 2]! - x0;
    const dy = line[2 * segment + 3]! - y0;
    const squared = dx * dx + dy * dy;
    const radius = radiusStart + ((radiusEnd - radiusStart) * segment) / segments;
    const reach = radius + soft / 2;
    const left = Math.max(0, Math.ceil(Math.min(x0, x0 + dx) - reach));
    const right = Math.min(size - 1, Math.floor(Math.max(x0, x0 + dx) + reach));
    const top = Math.max(0, Math.ceil(Math.min(y0, y0 + dy) - reach));
    const bottom = Math.min(size - 1, Math.floor(Math.max(y0, y0 + dy) + reach));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = squared > 0 ? ((x - x0) * dx + (y - y0) * dy) / squared : 0;
        const t = Math.min(1, Math.max(0, along));
        const ex = x - x0 - t * dx;
        const ey = y - y0 - t * dy;
        const distance = Math.sqrt(ex * ex + ey * ey);
        if (distance >= reach) continue;
        const dark = Math.min(1, (reach - distance) / soft);
        const at = y * size + x;
        if (dark > ink[at]!) ink[at] = dark;
      }
    }
  }
}
