import { mendConvolutions } from './convolution.ts';
import { runOnHost } from './host.ts';
import { mendIndexing } from './indexing.ts';
import { mendPooling } from './pooling.ts';
import { mendSums } from './sums.ts';
import { mendTypes } from './types.ts';

/** Kernels that tfjs-node lacks or has wrong, on TensorFlow or on the host. Calling it again changes nothing. */
export function mendNode(): void {
  mendConvolutions();
  mendPooling();
  mendIndexing();
  mendSums();
  mendTypes();
  runOnHost();
}
