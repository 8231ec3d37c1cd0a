import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Own } from '../../wasm/own.ts';

/** Bytes an element takes in the engine's memory; 0 for types that are not kept there. */
export function elementBytes(dtype: DataType): 0 | 1 | 4 {
  if (dtype === 'float32' || dtype === 'int32') return 4;
  return dtype === 'bool' ? 1 : 0;
}

export function sizeOf(shape: readonly number[], from = 0, to = shape.length): number {
  let size = 1;
  for (let i = from; i < to; i++) size *= shape[i]!;
  return size;
}

const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);

/** The bits of a number as an element of four bytes. */
export function bitsOf(value: number, dtype: DataType): number {
  if (dtype === 'int32') return value | 0;
  asFloat[0] = value;
  return asBits[0]!;
}

/** The same data under another shape: no copy. */
export function share(own: Own, { dataId, dtype }: TensorInfo, shape: number[]): TensorInfo {
  own.backend.incRef(dataId);
  return { dataId, dtype, shape };
}

// One move is described at a time, from the outermost axis to the innermost: sizes, and strides in bytes.
const MOST = 64; // tile has two axes for each of a tensor's
const sizes = new Int32Array(MOST);
const from = new Int32Array(MOST);
const to = new Int32Array(MOST);
let rank = 0;
let block = 0;

/** Begins the description of a move. */
export function beginMove(): void {
  rank = 0;
}

/** The next axis inwards, with its strides in the source and in the target. */
export function moveAxis(size: number, source: number, target: number): void {
  if (size === 1) return;
  const last = rank - 1;
  if (last >= 0 && from[last] === size * source && to[last] === size * target) sizes[last] = sizes[last]! * size;
  else {
    sizes[last + 1] = size;
    rank++;
  }
  from[rank - 1] = source;
  to[rank - 1] = target;
}

/** Ends the description. Whether source and target are the same without gaps: one copy does it, or none. */
export function endMove(bytes: number): boolean {
  block = bytes;
  if (rank > 0 && from[rank - 1] === bytes && to[rank - 1] === bytes) block = bytes * sizes[--rank]!;
  return rank === 0;
}

/** Does the move described. */
export function move(own: Own, source: number, target: number): void {
  if (rank === 0) {
    own.run.copyBytes!(source, target, block);
    return;
  }
  let column = rank - 2;
  if (block !== 4 || to[rank - 1] !== 4 || from[rank - 1] === 0) column = -1;
  while (column >= 0 && from[column] !== 4) column--;
  if (column < 0) {
    blocks(own, 0, source, target);
    return;
  }
  // The target's rows last, the source's before them.
  for (let i = column; i < rank - 2; i++) {
    swapWithNext(sizes, i);
    swapWithNext(from, i);
    swapWithNext(to, i);
  }
  matrices(own, 0, source, target);
}

function swapWithNext(values: Int32Array, i: number): void {
  const value = values[i]!;
  values[i] = values[i + 1]!;
  values[i + 1] = value;
}

// Axes further out than the compiled loops reach are walked here; those that a move lacks are walked once.
const n = (i: number): number => (i < 0 ? 1 : sizes[i]!);
const s = (i: number): number => (i < 0 ? 0 : from[i]!);
const d = (i: number): number => (i < 0 ? 0 : to[i]!);

function blocks(own: Own, axis: number, source: number, target: number): void {
  const [i, j, k, l] = [rank - 4, rank - 3, rank - 2, rank - 1];
  if (i <= axis) {
    // biome-ignore format: three numbers an axis
    own.run.moveBlocks!(
      source, target, block, n(i), s(i), d(i), n(j), s(j), d(j), n(k), s(k), d(k), n(l), s(l), d(l),
    );
    return;
  }
  for (let at = 0; at < n(axis); at++) blocks(own, axis + 1, source + at * s(axis), target + at * d(axis));
}

function matrices(own: Own, axis: number, source: number, target: number): void {
  const [i, j, k, column, row] = [rank - 5, rank - 4, rank - 3, rank - 2, rank - 1];
  if (i <= axis) {
    // biome-ignore format: three numbers an axis
    own.run.transposeMatrices!(
      source, target, n(row), s(row), n(column), d(column), n(i), s(i), d(i), n(j), s(j), d(j), n(k), s(k), d(k),
    );
    return;
  }
  for (let at = 0; at < n(axis); at++) matrices(own, axis + 1, source + at * s(axis), target + at * d(axis));
}
