import type * as tf from '@tensorflow/tfjs-core';

/** The tensor that a layer of one input is called with. */
export const onlyInput = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(inputs) ? inputs[0]! : inputs);
