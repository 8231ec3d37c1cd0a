import { serialization } from '@tensorflow/tfjs-core';
import { GraphConvolution } from './graph/graph-convolution.ts';
import { MaskedConv2d } from './masked-conv2d.ts';
import { RmsNorm } from './rms-norm.ts';
import { Sampling } from './sampling.ts';

/** Makes every layer of this package known to `tf.loadLayersModel`. Call it before loading; calling it again does no harm. */
export function registerLayers(): void {
  for (const layer of [GraphConvolution, MaskedConv2d, RmsNorm, Sampling])
    serialization.registerClass(layer as serialization.SerializableConstructor<serialization.Serializable>);
}
