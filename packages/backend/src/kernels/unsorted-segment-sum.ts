import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { Heap } from './heap.ts';

interface Args {
  inputs: { x: TensorInfo; segmentIds: TensorInfo };
  attrs: { numSegments: number };
  backend: BackendWasm;
}

/**
 * Sums the rows of x by segment, and so the gradient of gather: [N..., D...], ids [N...] -> [numSegments, D...].
 * Rows whose id is outside [0, numSegments) count nowhere; segments without rows are 0. Integers stay integers.
 */
export function unsortedSegmentSum({ inputs: { x, segmentIds }, attrs, backend }: Args): TensorInfo {
  const heap = Heap.of(backend);
  const { numSegments } = attrs;
  const inner = x.shape.slice(segmentIds.shape.length);
  const width = util.sizeFromShape(inner);
  const out = backend.makeOutput([numSegments, ...inner], x.dtype === 'float32' ? 'float32' : 'int32');
  const rows = backend.typedArrayFromHeap(x);
  const sums = backend.typedArrayFromHeap(out).fill(0);
  const ids = heap.ints(segmentIds);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (id < 0 || id >= numSegments) continue;
    const from = i * width;
    const to = id * width;
    for (let j = 0; j < width; j++) sums[to + j] = sums[to + j]! + rows[from + j]!;
  }
  return out;
}
