import type { Tensor } from '@tensorflow/tfjs-core';

// Names and attributes of kernels that fuse a step of training, for whoever provides them and whoever asks for them:
//
//   tf.getKernel(name, tf.getBackend()) !== undefined ? tf.engine().runKernel(name, inputs, attrs) : plain operations
//
// `useEngine` of @proj/backend registers them on every engine, in WebAssembly or composed, each with its gradient; without
// it there are none, and the plain operations give the same numbers to float error. Types alone: nothing is loaded.

/** Shapes: B batch, T steps, D features, H units, V classes, N rows; float32 unless said. */
export interface FusedKernels {
  /**
   * An LSTM over a whole sequence, its inputs already projected: i, f, o = sigmoid, g = tanh of x W + b + h U, gates in the
   * order i, f, g, o along the last axis (that of Keras and of PyTorch); c' = f c + i g, h' = o tanh(c').
   * Where mask is 0, h and c stay as they were. Outputs: h of every step, last h, last c; the rest is for the gradient.
   * With `backward` steps run from the last to the first, and outputs stand beside their inputs all the same.
   */
  ProjLstmSequence: {
    inputs: {
      /** x W + b, [B, T, 4H]. */
      projected: Tensor;
      /** U, [H, 4H]. */
      recurrent: Tensor;
      /** [B, H] each. */
      h: Tensor;
      c: Tensor;
      /** [B, T], 1 or 0. */
      mask?: Tensor;
    };
    attrs: { backward: boolean };
    outputs: [h: Tensor, lastH: Tensor, lastC: Tensor, ...saved: Tensor[]];
  };
  /**
   * A GRU over a whole sequence, its inputs already projected: gates in the order z, r, n (Keras's) along the last axis.
   * z, r = sigmoid(x W + b + h U [+ recurrentBias]); n = tanh(x W + b + r (h U + recurrentBias)) with `resetAfter`, else
   * tanh(x W + b + (r h) U); h' = z h + (1 - z) n. Mask and `backward` are as for the LSTM.
   */
  ProjGruSequence: {
    inputs: {
      /** x W + b, [B, T, 3H]. */
      projected: Tensor;
      /** U, [H, 3H]. */
      recurrent: Tensor;
      /** [3H], with `resetAfter` alone. */
      recurrentBias?: Tensor;
      /** [B, H]. */
      h: Tensor;
      /** [B, T], 1 or 0. */
      mask?: Tensor;
    };
    attrs: { resetAfter: boolean; backward: boolean };
    outputs: [h: Tensor, lastH: Tensor, ...saved: Tensor[]];
  };
  /**
   * Cross-entropy of int32 labels [N] under logits [N, V], in nats: [N]. Its gradient by the logits, [N, V], only if asked for.
   * Rows whose mask [N] is 0 have loss and gradient 0, and any label.
   */
  ProjSparseCrossEntropy: {
    inputs: { logits: Tensor; labels: Tensor; mask?: Tensor };
    attrs: { gradient: boolean };
    outputs: [loss: Tensor, gradient?: Tensor];
  };
  /**
   * The same under logits x W + b that never exist as a whole: x [N, D], W [D, V], b [V]. Sum over rows of weights [N] times the
   * cross-entropy, a scalar, and that sum's gradients by x, W and b only if asked for. Rows of weight 0 are left out, whatever
   * their x and label; by the weights there is no gradient.
   */
  ProjDenseCrossEntropy: {
    inputs: { x: Tensor; kernel: Tensor; bias: Tensor; labels: Tensor; weights: Tensor };
    attrs: { gradient: boolean };
    outputs: [loss: Tensor, dx?: Tensor, dKernel?: Tensor, dBias?: Tensor];
  };
  /**
   * (x - mean) / sqrt(variance + epsilon) gamma + beta along the last axis: [N, D]. Also the mean and 1 / sqrt(...), [N], for
   * the gradient: they pass none themselves.
   */
  ProjLayerNorm: {
    inputs: { x: Tensor; gamma: Tensor; beta: Tensor };
    attrs: { epsilon: number };
    outputs: [y: Tensor, mean: Tensor, inverse: Tensor];
  };
  /** The gradients of the same, of dy [N, D] and what it put out. */
  ProjLayerNormGrad: {
    inputs: { dy: Tensor; x: Tensor; gamma: Tensor; mean: Tensor; inverse: Tensor };
    attrs: Record<never, never>;
    outputs: [x: Tensor, gamma: Tensor, beta: Tensor];
  };
  /** Sum over the last axis of softplus(l) - x l: [B, D], [B, D] -> [B]; its gradient by l, [B, D], only if asked for. */
  ProjSigmoidCrossEntropy: {
    inputs: { x: Tensor; logits: Tensor };
    attrs: { gradient: boolean };
    outputs: [loss: Tensor, gradient?: Tensor];
  };
  /**
   * Log-likelihood of pixels under P mixtures of K products of C discretised logistics: see `MixtureOfLogistics` of
   * @proj/distributions. Value n is one of mixture n modulo P. [S P], and the gradients of its sum for every value only if
   * asked for: by logits [S P, K], loc and scale [S P, K, C] and coefficients.
   */
  ProjLogisticMixture: {
    inputs: {
      /** Integers of [low, high], [S P, C]. */
      value: Tensor;
      /** [P, K]. */
      logits: Tensor;
      /** [P, K, C] each; scale is positive. */
      loc: Tensor;
      scale: Tensor;
      /** [P, K, C (C - 1) / 2], or [P, K, 0] for none. */
      coefficients: Tensor;
    };
    attrs: { low: number; high: number; gradient: boolean };
    outputs: [logProb: Tensor, ...gradients: Tensor[]];
  };
  /** KL(N(loc, e^(logVariance)) || N(0, 1)), summed over the last axis: [B, D], [B, D] -> [B]. */
  ProjGaussianKl: {
    inputs: { loc: Tensor; logVariance: Tensor };
    attrs: Record<never, never>;
    outputs: [kl: Tensor];
  };
  /**
   * One step of Adam or AdamW for all weights: inputs weight0, m0, v0, gradient0, weight1, ...; outputs weight0, m0, v0,
   * weight1, ... m' = beta1 m + (1 - beta1) g, v' = beta2 v + (1 - beta2) g^2, weight' = weight - learningRate
   * (weightDecay weight + m' / correction1 / (sqrt(v' / correction2) + epsilon)).
   * Gradients are scaled by gradientScale and, with clipNorm above 0, clipped to that global norm; then the norm before clipping
   * is the last output, a scalar, and where it is not finite nothing changes.
   * Weights and moments are spent: one whose data no other tensor shares may be written in place, its output sharing the data.
   */
  ProjAdamAll: {
    inputs: Record<string, Tensor>;
    attrs: {
      beta1: number;
      beta2: number;
      epsilon: number;
      learningRate: number;
      /** One a weight. */
      weightDecay: readonly number[];
      gradientScale: number;
      clipNorm: number;
      /** 1 - beta^step, steps counted from 1. */
      correction1: number;
      correction2: number;
    };
    outputs: Tensor[];
  };
}

export type FusedKernelName = keyof FusedKernels;
