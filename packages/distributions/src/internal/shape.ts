import type { Shape } from '../distribution.ts';

/** [2, 3], as error messages give it. */
export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`;

const show = (shapes: Record<string, Shape>): string =>
  Object.entries(shapes)
    .map(([name, shape]) => `${name} ${showShape(shape)}`)
    .join(' and ');

/**
 * The shape that all of `shapes` broadcast to, aligned at the last axis.
 *
 * @throws RangeError naming `who` and every shape, if there is none.
 */
export function broadcastShape(who: string, shapes: Record<string, Shape>): Shape {
  const all = Object.values(shapes);
  const rank = Math.max(0, ...all.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of all) {
      const own = shape[axis - rank + shape.length] ?? 1;
      if (own === 1 || own === size) continue;
      if (size !== 1) {
        throw new RangeError(`${who}: the shapes must broadcast, got ${show(shapes)}.`);
      }
      size = own;
    }
    return size;
  });
}

/** Whether two shapes are the same. */
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);
