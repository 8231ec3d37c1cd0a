import * as tf from '@tensorflow/tfjs-core';

type Elementwise = (x: tf.Tensor) => tf.Tensor;

/**
 * The elementwise function `f` with the gradient `derivative`, where that of its operations would be wrong at a kink, inexact
 * or not a number. Nothing in `f` is recorded: comparisons may stand in it, and branches not taken may be anything.
 */
export const withDerivative =
  (f: Elementwise, derivative: Elementwise): Elementwise =>
  (x) =>
    tf.tidy(() =>
      tf.customGrad((input, save) => {
        (save as tf.GradSaveFunc)([input as tf.Tensor]);
        return {
          value: f(input as tf.Tensor),
          gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, derivative(saved!)),
        };
      })(x),
    );
