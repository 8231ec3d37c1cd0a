import { mendConvolutions } from './convolution.ts';
import { mendPooling } from './pooling.ts';

/** Kernels that tfjs-node lacks or has wrong, on TensorFlow or on the host. Calling it again changes nothing. */
export function mendNode(): void {
  mendConvolutions();
  mendPooling();
}
