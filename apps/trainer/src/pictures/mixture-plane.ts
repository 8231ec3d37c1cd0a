import type { Canvas } from './canvas.ts';
import { drawPlane, planeBounds } from './latent-plane.ts';
import { classColour } from './palette.ts';
import type { Plane } from './principal-plane.ts';

/** What is drawn of a mixture: means [K, D], and covariances [K, D, D] or their diagonals [K, D]. */
export interface Ellipses {
  readonly means: readonly (readonly number[])[];
  readonly covariances: readonly (readonly (number | readonly number[])[])[];
}

/** Points of a plane as PNG, coloured by component, with the ellipses of each component at one and two standard deviations. */
export function mixturePlanePng(
  plane: Plane,
  components: Uint8Array | Uint16Array,
  ellipses: Ellipses,
  side = 640,
): Uint8Array {
  const canvas = drawPlane(plane, components, side);
  ellipses.means.forEach((mean, k) => {
    for (const deviations of [1, 2]) drawEllipse(canvas, plane, side, mean, ellipses.covariances[k]!, deviations, k);
  });
  return canvas.toPng();
}

function drawEllipse(
  canvas: Canvas,
  plane: Plane,
  side: number,
  mean: readonly number[],
  covariance: readonly (number | readonly number[])[],
  deviations: number,
  label: number,
): void {
  const [left, bottom, size] = planeBounds(plane);
  const origin = plane.at(0, 0);
  const axes = [plane.at(1, 0), plane.at(0, 1)].map((end) => end.map((x, d) => x - origin[d]!)); // orthonormal
  const entry = (i: number, j: number): number => {
    const row = covariance[i]!;
    return typeof row === 'number' ? (i === j ? row : 0) : row[j]!;
  };
  const product = (a: number[], b: number[]) =>
    a.reduce((sum, x, i) => b.reduce((total, y, j) => total + x * y * entry(i, j), sum), 0);
  const [u, v] = axes.map((axis) => axis.reduce((sum, x, d) => sum + x * (mean[d]! - origin[d]!), 0));
  // The Cholesky factor of the covariance within the plane.
  const a = Math.sqrt(product(axes[0]!, axes[0]!));
  const b = a > 0 ? product(axes[0]!, axes[1]!) / a : 0;
  const c = Math.sqrt(Math.max(0, product(axes[1]!, axes[1]!) - b * b));
  const colour = classColour(label);
  const steps = 4 * side;
  for (let i = 0; i < steps; i++) {
    const angle = (2 * Math.PI * i) / steps;
    const [p, q] = [deviations * Math.cos(angle), deviations * Math.sin(angle)];
    const x = ((u! + a * p - left) / size) * side;
    if (x < side) canvas.disc(x, side - ((v! + b * p + c * q - bottom) / size) * side, 0.7, colour);
  }
}
