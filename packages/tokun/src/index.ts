export { fromBits, groupAccuracy, toBits } from './bits.ts';
export { type ChunkOptions, chunk, chunkLabel, merge, offset } from './chunks.ts';
export { type Comparison, compare, editDistance } from './compare.ts';
export { fold, hilbertCurve, unfold } from './hilbert.ts';
export {
  flatLayout,
  hilbertLayout,
  joinFeatures,
  type LaidOut,
  type Layout,
  type LayoutOptions,
  layOut,
  squareLayout,
  withoutColours,
} from './layouts.ts';
export { padBytes, unpad } from './padding.ts';
export { decode, interpret, postprocess, preprocess, tokenSizeOf } from './pipeline.ts';
export { streamText, streamTokens, type TokenStreamOptions } from './stream.ts';
export { decodeUtf32, encodeUtf32 } from './utf32.ts';
export { type VersionOptions, version } from './version.ts';
