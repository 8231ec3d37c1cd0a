import * as tf from '@tensorflow/tfjs-core';

/** An ordinary convolution of stride 1, zero-padded: [B, H, W, C], [kh, kw, C, F], [F] -> [B, H, W, F]. */
export const convolveSame = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor =>
  tf.fused.conv2d({
    x: x as tf.Tensor4D,
    filter: filter as tf.Tensor4D,
    strides: 1,
    pad: 'same',
    ...(bias === undefined ? {} : { bias }),
  });
