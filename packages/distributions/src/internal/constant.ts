import * as tf from '@tensorflow/tfjs-core';

/**
 * `f` as a constant to differentiation: its result has gradient zero with respect to every argument.
 *
 * For masks above all: tfjs's comparisons have no gradient, so one between an input and the result makes tf.grad throw.
 * `constant((x) => tf.greater(x, 0))(x)` lets it pass, and `constant((x) => x)` stops a gradient. What `f` reaches
 * by closure must not depend on a differentiated input; hand it over as an argument.
 *
 * A float32 result stays connected to the arguments, so that tf.grad finds the zeros even if nothing else leads there.
 * Others are cut off: the gradient of tf.where negates its mask, and logicalNot has no gradient for a second derivative.
 */
export function constant(f: (...tensors: tf.Tensor[]) => tf.Tensor): (...tensors: tf.Tensor[]) => tf.Tensor {
  return (...tensors) => {
    const shapes = tensors.map((t) => t.shape);
    return tf.tidy(() => {
      // Inside a customGrad nothing is recorded, whatever its own input is: here one that nobody differentiates.
      const value = tf.customGrad(() => {
        const result = f(...tensors);
        return { value: tensors.includes(result) ? tf.clone(result) : result, gradFunc: () => tf.scalar(0) };
      })(tf.scalar(0));
      if (value.dtype !== 'float32') return value;
      return tf.customGrad(() => ({
        value: tf.clone(value),
        gradFunc: () => shapes.map((shape) => tf.zeros(shape)),
      }))(...tensors);
    });
  };
}
