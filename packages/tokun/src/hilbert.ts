/**
 * Places of the Hilbert curve of so many dimensions (`rank`) through a cube of 2^order cells a side: `curve[i]` is the row-major index of
 * cell number i, and cells that follow each other share a face. Rank 1 is the identity.
 * Source: Skilling 2004, Programming the Hilbert curve, AIP Conference Proceedings 707, 381.
 *
 * @throws RangeError unless both are positive integers and the cube has at most 2^24 cells.
 */
export function hilbertCurve({ order, rank }: { order: number; rank: number }): Uint32Array {
  for (const [name, value] of Object.entries({ order, rank })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new RangeError(`hilbertCurve: ${name} must be a positive integer, got ${value}.`);
  }
  if (order * rank > 24) {
    throw new RangeError(`hilbertCurve: expected at most 2^24 cells, got 2^(${rank} x ${order}). Take a lower order.`);
  }
  return Uint32Array.from({ length: 2 ** (order * rank) }, (_, i) =>
    place(i, order, rank).reduce((index, axis) => (index << order) | axis, 0),
  );
}

/** Coordinates of cell number i of the curve. */
function place(i: number, order: number, rank: number): number[] {
  // The bits of i, dealt out to the axes in turn, the highest first.
  const x = Array.from({ length: rank }, (_, axis) => {
    let value = 0;
    for (let bit = order - 1; bit >= 0; bit--) value = (value << 1) | ((i >> (bit * rank + (rank - 1 - axis))) & 1);
    return value;
  });
  const carried = x[rank - 1]! >> 1;
  for (let axis = rank - 1; axis > 0; axis--) x[axis]! ^= x[axis - 1]!; // out of the Gray code
  x[0]! ^= carried;
  for (let bit = 2; bit < 2 ** order; bit *= 2) {
    const lower = bit - 1;
    for (let axis = rank - 1; axis >= 0; axis--) {
      if ((x[axis]! & bit) !== 0) {
        x[0]! ^= lower;
        continue;
      }
      const swapped = (x[0]! ^ x[axis]!) & lower;
      x[0]! ^= swapped;
      x[axis]! ^= swapped;
    }
  }
  return x;
}

/**
 * Items in the order of the curve, laid out in the cube: items [cells, size] one after the other -> [side, ..., side, size] row by row.
 * `unfold` takes them back.
 *
 * @throws RangeError unless there are `size` numbers for each cell.
 */
export function fold<T extends Uint8Array | Float32Array>(items: T, curve: Uint32Array, size = 1): T {
  return moved('fold', items, curve, size, (i) => [i, curve[i]!]);
}

/** The inverse of `fold`. */
export function unfold<T extends Uint8Array | Float32Array>(cube: T, curve: Uint32Array, size = 1): T {
  return moved('unfold', cube, curve, size, (i) => [curve[i]!, i]);
}

function moved<T extends Uint8Array | Float32Array>(
  who: string,
  items: T,
  curve: Uint32Array,
  size: number,
  ends: (i: number) => readonly [from: number, to: number],
): T {
  if (items.length !== curve.length * size) {
    throw new RangeError(`${who}: expected ${curve.length} items of ${size} numbers, got ${items.length} numbers.`);
  }
  const out = items.slice() as T;
  for (let i = 0; i < curve.length; i++) {
    const [from, to] = ends(i);
    out.set(items.subarray(from * size, (from + 1) * size), to * size);
  }
  return out;
}
