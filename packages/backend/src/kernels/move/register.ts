import * as tf from '@tensorflow/tfjs-core';
import { type OwnKernel, replaceKernel } from '../../wasm/own.ts';
import { cast, identity } from './casts.ts';
import { gatherNd, gatherV2, oneHot, scatterNd, unsortedSegmentSum } from './indexed.ts';
import { concat, pack, padV2, tile } from './joins.ts';
import { argMax, argMin, cumprod, cumsum } from './scans.ts';
import { slice, splitV, stridedSlice, unpack } from './slices.ts';
import { reverse, transpose } from './turns.ts';

const KERNELS: Record<string, OwnKernel> = {
  [tf.ArgMax]: argMax,
  [tf.ArgMin]: argMin,
  [tf.Cast]: cast,
  [tf.Concat]: concat,
  [tf.Cumprod]: cumprod,
  [tf.Cumsum]: cumsum,
  [tf.GatherNd]: gatherNd,
  [tf.GatherV2]: gatherV2,
  [tf.Identity]: identity,
  [tf.OneHot]: oneHot,
  [tf.Pack]: pack,
  [tf.PadV2]: padV2,
  [tf.Reverse]: reverse,
  [tf.ScatterNd]: scatterNd,
  [tf.Slice]: slice,
  [tf.SplitV]: splitV,
  [tf.StridedSlice]: stridedSlice,
  [tf.Tile]: tile,
  [tf.Transpose]: transpose,
  [tf.Unpack]: unpack,
  [tf.UnsortedSegmentSum]: unsortedSegmentSum,
};

/** Data movement in place of tfjs's, which copies whole tensors through JavaScript. */
export function registerMoveKernels(): void {
  for (const [name, kernel] of Object.entries(KERNELS)) replaceKernel(name, kernel);
}
