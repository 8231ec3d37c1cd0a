import { normalQuantile } from '../internal/normal-quantile.ts';

/** See `Vae.latentGrid`: [n n, 2], row-major. */
export function latentGrid(n: number): Float32Array {
  const quantiles = Array.from({ length: n }, (_, i) => normalQuantile((i + 0.5) / n));
  const codes = new Float32Array(n * n * 2);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      codes[2 * (row * n + column)] = quantiles[column] as number;
      codes[2 * (row * n + column) + 1] = quantiles[n - 1 - row] as number;
    }
  }
  return codes;
}
