import * as tf from '@tensorflow/tfjs-core';
import { type Kernel, mend } from '../kernels/mended.ts';
import { geometry, paddings } from './convolution.ts';
import { TENSORFLOW, withChanges } from './execute.ts';

/**
 * Gradients of convolutions that are padded by numbers: of the padded image, which TensorFlow computes two to four times as fast
 * as with its own explicit padding.
 */
export function registerNativeConvolutionGradients(): void {
  mend(tf.Conv2DBackpropFilter, TENSORFLOW, filterGradient);
  mend(tf.Conv2DBackpropInput, TENSORFLOW, inputGradient);
}
