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
  /** elu of x [..., D] and of -x side by side: [..., 2D]. */
  ProjConcatElu: {
    inputs: { x: Tensor };
    attrs: Record<never, never>;
    outputs: [y: Tensor];
  };
  /** Its gradient by x, [..., D], of dy and what it put out. */
  ProjConcatEluGrad: {
    inputs: { dy: Tensor; y: Tensor };
    attrs: Record<never, never>;
    outputs: [x: Tensor];
  };
  /** x + a sigmoid(b): x [..., D], h = [a, b] [..., 2D] -> [..., D]. */
  ProjGatedResidual: {
    inputs: { x: Tensor; h: Tensor };
    attrs: Record<never, never>;
    outputs: [y: Tensor];
  };
  /** Its gradient by h, [..., 2D]; that by x is dy [..., D]. */
  ProjGatedResidualGrad: {
    inputs: { dy: Tensor; h: Tensor };
    attrs: Record<never, never>;
    outputs: [h: Tensor];
  };
  /** KL(N(loc, e^(logVariance)) || N(0, 1)), summed over the last axis: [B, D], [B, D] -> [B]. */
  ProjGaussianKl: {
    inputs: { loc: Tensor; logVariance: Tensor };
    attrs: Record<never, never>;
    outputs: [kl: Tensor];
  };
  /**
   * Draws pixels [from, to) in raster order of every image of a batch from an autoregressive network: of each layer the new
   * pixel's column alone, from the columns before it that `state` holds. What to compute says `program`, of int32 words:
   *
   *   header, 12 words: H, W, C; passes over a pixel (softmax: one a channel, logistics: 1); D; head (0 softmax, 1 logistics);
   *     value that the head reads; K, its levels or components; number of values, of operations, of taps; floats of state an image.
   *   values, 4 words each: channels; stride (its grid is H / stride by W / stride); rows kept, 0 for the latest column alone;
   *     where it begins in the state, in floats an image. Value 0 is the image as the network sees it. Row y of the grid is kept
   *     in place y mod rows, [rows, W / stride, B, channels].
   *   operations, 12 words each: kind; output; a; b; 1 if it runs by rows; modulus; phase of y, of x; weights; bias; first
   *     tap; number of taps. It runs at pixels whose y and x have the phases modulo the modulus. Operations by rows run when a
   *     row begins, for the whole row, all before the first pixel; the others at each pixel, in the order they stand in.
   *   taps, 3 words each: value, dy, dx: the column at (floor(y / stride) + dy, floor(x / stride) + dx) of its grid, 0 outside.
   *
   * Kinds: 0 matrix: its taps' columns side by side, [N], times weights [N, channels], plus bias unless that is -1, plus value a
   * unless that is -1; then b: 0 nothing, 1 relu, 2 elu. 1 relu(a). 2 elu(a). 3 elu of [a, -a]. 4 a + b. 5 gate: first half of b
   * times the sigmoid of its second half, plus a unless that is -1. 6 [a, b]. 7 a + constants from `weights` on. All but taps are
   * read at the operation's own place. A matrix [N, M] lies in `weights` as ceil(M / 8) panels [N, 8], zeros at the end.
   *
   * The softmax head draws the channel whose pass it is: value [C K], logits of every channel, of levels from `low` on; noise
   * [C] is uniform, and the level is the first whose cumulated probability exceeds it. The logistics head reads
   * [K logits, K C locations, K C raw scales, K C (C - 1) / 2 coefficients] as `MixtureOfLogistics` of @proj/distributions has
   * them, scale = softplus(raw) + scaleFloor; noise [1 + C] is uniform for the component, logistic for each channel. A
   * temperature divides logits and multiplies logistic noise: at 0 the draw is the likeliest level, or the location of the
   * likeliest component. What is drawn is written to the image, and scaled to value 0 before the next channel.
   *
   * State begins as zeros, and calls go through the pixels from 0 on without gaps. Image and state are spent: one whose data no
   * other tensor shares is written in place, its output sharing the data.
   */
  ProjCausalSampler: {
    inputs: {
      program: Tensor;
      /** [S] */
      weights: Tensor;
      /** Levels, [B, H, W, C]. */
      image: Tensor;
      /** [B, floats of state an image]. */
      state: Tensor;
      /** [B, H, W, D]. */
      noise: Tensor;
      /** [B, H, W, C]: where it is not 0 the image keeps its level. */
      known?: Tensor;
      /** [B, N] numbers of an image that are the same at all its pixels. */
      constants?: Tensor;
    };
    attrs: {
      from: number;
      to: number;
      temperature: number;
      /** The network sees inputScale level + inputShift. */
      inputScale: number;
      inputShift: number;
      low: number;
      /** Greatest level; the logistics head alone reads this and scaleFloor. */
      high: number;
      scaleFloor: number;
    };
    outputs: [image: Tensor, state: Tensor];
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
