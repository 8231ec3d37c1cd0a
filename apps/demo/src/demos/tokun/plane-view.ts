import type { Shown } from './protocol.ts';
import { tokensOf } from './tokens.ts';

/** Around the outermost vector, in standard deviations of the noise at 1. */
const margin = 1;

/** Draws the tokens at their places, and from there to where the noise takes them. */
export function drawPlane(canvas: HTMLCanvasElement, shown: Shown): void {
  const size = canvas.clientWidth;
  if (size === 0) return;
  const width = Math.round(size * (devicePixelRatio || 1));
  if (canvas.width !== width || canvas.height !== width) {
    canvas.width = width;
    canvas.height = width;
  }
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const context = canvas.getContext('2d')!;
  context.setTransform(width / size, 0, 0, width / size, 0, 0);
  context.clearRect(0, 0, size, size);

  context.lineWidth = 1;
  context.strokeStyle = colour('--grid');
  context.beginPath();
  context.moveTo(0, size / 2);
  context.lineTo(size, size / 2);
  context.moveTo(size / 2, 0);
  context.lineTo(size / 2, size);
  context.stroke();

  const { points, noisyPoints } = shown;
  const extent = points.reduce((most, value) => Math.max(most, Math.abs(value)), 0) + margin;
  const place = (of: Float32Array, i: number) =>
    [size * (0.5 + of[2 * i]! / (2 * extent)), size * (0.5 - of[2 * i + 1]! / (2 * extent))] as const;
  const tokens = tokensOf(shown);

  const named = tokens.map((characters) =>
    characters.map(({ glyph, padding }) => (padding ? '' : glyph.replace('◌', ''))).join(''),
  );
  context.font = `12px ${style.fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeStyle = colour('--panel');
  context.fillStyle = colour('--ink');
  named.forEach((text, i) => {
    const [x, y] = place(points, i);
    context.strokeText(text, x, y - 5); // a halo: others may lie under it
    context.fillText(text, x, y - 5);
  });

  context.lineWidth = 1;
  context.strokeStyle = colour('--muted');
  tokens.forEach((characters, i) => {
    const [x, y] = place(noisyPoints, i);
    context.beginPath();
    context.moveTo(...place(points, i));
    context.lineTo(x, y);
    context.stroke();
    context.fillStyle = colour(characters.every(({ right }) => right) ? '--accent' : '--alarm');
    context.beginPath();
    context.arc(x, y, 3, 0, 2 * Math.PI);
    context.fill();
  });
}
