const BLOCK = 8;

/** dst [cols, rows] = transposed src [rows, cols], `start` floats into both; in blocks that stay in the cache. */
export function transpose(src: Float32Array, dst: Float32Array, start: number, rows: number, cols: number): void {
  for (let i0 = 0; i0 < rows; i0 += BLOCK) {
    const i1 = Math.min(rows, i0 + BLOCK);
    for (let j0 = 0; j0 < cols; j0 += BLOCK) {
      const j1 = Math.min(cols, j0 + BLOCK);
      for (let i = i0; i < i1; i++) {
        const row = start + i * cols;
        let to = start + j0 * rows + i;
        for (let j = j0; j < j1; j++) {
          dst[to] = src[row + j]!;
          to += rows;
        }
      }
    }
  }
}
