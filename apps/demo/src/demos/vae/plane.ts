import type { Point } from './protocol.ts';

/** The plane shows [-extent, extent] on both axes: the prior puts 1 code in 8,000 outside of it on either. */
export const extent = 4;

const smallStep = 0.1;
const largeStep = 0.5;

const directions: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
};

const within = (value: number) => Math.min(extent, Math.max(-extent, value));
const rounded = (value: number) => Math.round(value * 1000) / 1000;

/** Position on a square of `size` pixels whose y axis points down. */
export function toPixels({ x, y }: Point, size: number): Point {
  return { x: ((x + extent) / (2 * extent)) * size, y: ((extent - y) / (2 * extent)) * size };
}

/** The inverse of toPixels; a position outside of the square gives the nearest point of its edge. */
export function toLatent({ x, y }: Point, size: number): Point {
  return { x: within((x / size) * 2 * extent - extent), y: within(extent - (y / size) * 2 * extent) };
}

/** Where `key` takes the point: an arrow moves it, Home brings it to the centre, any other key is none of ours. */
export function moved(point: Point, key: string, large = false): Point | undefined {
  if (key === 'Home') return { x: 0, y: 0 };
  const direction = directions[key];
  if (!direction) return undefined;
  const step = large ? largeStep : smallStep;
  return { x: within(rounded(point.x + step * direction.x)), y: within(rounded(point.y + step * direction.y)) };
}

/** Which code is nearest to the point; undefined while there is none. */
export function nearestCode({ x, y }: Point, codes: Float32Array): number | undefined {
  let nearest: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; 2 * i < codes.length; i += 1) {
    const distance = Math.hypot(codes[2 * i]! - x, codes[2 * i + 1]! - y);
    if (distance >= least) continue;
    nearest = i;
    least = distance;
  }
  return nearest;
}

/** Part of the way from one set of codes to the next; `t` runs from 0 to 1. */
export function between(from: Float32Array, to: Float32Array, t: number): Float32Array {
  if (from.length !== to.length) return to;
  return to.map((value, i) => from[i]! + (value - from[i]!) * t);
}

/** `-0.50`, with a true minus sign and always as wide. */
export const signed = (value: number) => `${value < -0.004 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
