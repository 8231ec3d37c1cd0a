import { Own } from '../wasm/own.ts';

/** dst [cols, rows] = transposed src [rows, cols], `start` floats into both: views of the WASM engine's memory. */
export function transpose(src: Float32Array, dst: Float32Array, start: number, rows: number, cols: number): void {
  Own.get()!.run.transposed!(src.byteOffset + 4 * start, rows, cols, dst.byteOffset + 4 * start);
}
