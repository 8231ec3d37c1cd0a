import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Own } from '../../wasm/own.ts';

/** Bytes that stay in the cache while every part gets its own of them. */
const CACHED = 1 << 17;

/** Blocks from which on it does not matter who else reads the cache line. */
const LONG = 256;

/**
 * Deals rows of `row` bytes at `whole` out to parts, or collects them: part i has blocks[i] bytes of each row, one after
 * the other.
 */
export function deal(
  own: Own,
  rows: number,
  whole: number,
  row: number,
  parts: readonly TensorInfo[],
  blocks: readonly number[],
  out: boolean,
): void {
  if (rows === 0 || row === 0) return;
  const addresses = parts.map((part) => own.address(part));
  if (rows >= 16 && parts.length >= 4 && blocks.every((block) => block === 4)) {
    dealWords(own, rows, whole, addresses, out);
    return;
  }
  const { copyBytes, moveBlocks } = own.run;
  const step = row >= LONG * parts.length ? rows : Math.max(1, Math.floor(CACHED / row));
  for (let from = 0; from < rows; from += step) {
    const count = Math.min(step, rows - from);
    let at = whole + from * row;
    for (let i = 0; i < parts.length; i++) {
      const block = blocks[i]!;
      if (block === 0) continue;
      const part = addresses[i]! + from * block;
      if (rows === 1) copyBytes!(out ? at : part, out ? part : at, block);
      else if (out) moveBlocks!(at, part, block, 1, 0, 0, 1, 0, 0, 1, 0, 0, count, row, block);
      else moveBlocks!(part, at, block, 1, 0, 0, 1, 0, 0, 1, 0, 0, count, block, row);
      at += block;
    }
  }
}

/** Single words: the rows are transposed, and what becomes of it is copied. */
function dealWords(own: Own, rows: number, whole: number, addresses: readonly number[], out: boolean): void {
  const { copyBytes, transposeMatrices } = own.run;
  const width = addresses.length;
  const step = Math.min(rows, Math.max(16, Math.floor(CACHED / (4 * width))));
  own.scratch(step * width * 4, (turned) => {
    for (let from = 0; from < rows; from += step) {
      const bytes = Math.min(step, rows - from) * 4;
      const [at, row] = [whole + from * width * 4, width * 4];
      if (out) transposeMatrices!(at, turned, bytes / 4, row, width, bytes, 1, 0, 0, 1, 0, 0, 1, 0, 0);
      for (let i = 0; i < width; i++) {
        const [part, column] = [addresses[i]! + from * 4, turned + i * bytes];
        copyBytes!(out ? column : part, out ? part : column, bytes);
      }
      if (!out) transposeMatrices!(turned, at, width, bytes, bytes / 4, row, 1, 0, 0, 1, 0, 0, 1, 0, 0);
    }
  });
}
