/** What the page asks of the worker: what becomes of a text under noise. */
export interface Request {
  text: string;
  /** Standard deviation of the noise, in those of the vectors. */
  sigma: number;
  /** Which noise: the same seed and the same token, the same noise. */
  seed: number;
}

/** What the worker tells the page. */
export type Report =
  | { type: 'ready'; engine: string; params: number }
  | { type: 'shown'; shown: Shown }
  | { type: 'failed'; message: string };

/**
 * A text of M tokens of T bytes, each a vector of D numbers. Vectors are standardised, feature by feature, so that noise has the same scale in
 * all of them.
 */
export interface Shown {
  text: string;
  /** T. */
  tokenSize: number;
  /** UTF-32, with zeros up to whole tokens, [M, T]. */
  bytes: Uint8Array;
  /** What the decoder reads, noise and all, [M, D]. */
  vectors: Float32Array;
  /** The vectors on the plane of their first two principal components, without and with the noise, [M, 2]. */
  points: Float32Array;
  noisyPoints: Float32Array;
  /** Shares of the variance on the axes of the plane. */
  shares: readonly [number, number];
  /** The likeliest bytes under the vectors, [M, T]. */
  decoded: Uint8Array;
  /** Share of the characters that are right. */
  accuracy: number;
  /** Of encoding and decoding. */
  milliseconds: number;
}
