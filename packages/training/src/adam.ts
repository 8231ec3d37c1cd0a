import * as tf from '@tensorflow/tfjs-core';
import { clipScale, globalNorm } from './clip.ts';
import { type Constants, fused, hasFusedStep, onHost, type Pair, type Slot, withOps } from './internal/adam-step.ts';
import { readScalar } from './internal/read-scalar.ts';

export interface AdamOptions {
  /** Decay of the mean of the gradient, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay of the mean of the squared gradient, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Added to the root of the bias-corrected mean square. Default 1e-7. */
  epsilon?: number;
}

/** All that Adam remembers: the step count, and two moments a weight (m/NAME and v/NAME), on the host. */
export interface AdamState {
  step: number;
  tensors: Record<string, { shape: number[]; data: Float32Array }>;
}

/**
 * Adam: steps scaled by running means of the gradient g and of its square.
 *
 *   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2
 *   w <- w - learningRate mHat / (sqrt(vHat) + epsilon),   mHat = m / (1 - beta1^step),   vHat = v / (1 - beta2^step)
 *
 * Source: Kingma & Ba 2014, arXiv:1412.6980, algorithm 1, as in PyTorch and tf.train.adam (Keras adds its epsilon to sqrt(v) before the
 * bias correction: the same but for the first steps of weights with tiny gradients). The default epsilon is that of Keras.
 * Both corrections are float64 numbers made from the step count, so m, v and the step are the whole state.
 */
export class Adam {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  private readonly slots = new Map<string, Slot>();
  private steps = 0;

  /**
   * The weights are borrowed; those that aren't trainable are left alone. `weightDecay` of a weight is what AdamW takes off.
   * @throws RangeError if a beta is not in [0, 1) or epsilon is not positive.
   */
  constructor(
    weights: Readonly<Record<string, tf.Variable>>,
    options: AdamOptions = {},
    weightDecay: (name: string, weight: tf.Variable) => number = () => 0,
  ) {
    this.beta1 = decay('beta1', options.beta1 ?? 0.9);
    this.beta2 = decay('beta2', options.beta2 ?? 0.999);
    this.epsilon = options.epsilon ?? 1e-7;
    if (!(this.epsilon > 0 && this.epsilon < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`Adam: epsilon must be positive, got ${this.epsilon}. Omit it to use 1e-7.`);
    }
    for (const [name, weight] of Object.entries(weights)) {
      if (!weight.trainable) continue;
      this.slots.set(name, {
        weight,
        weightDecay: weightDecay(name, weight),
        m: tf.keep(tf.zeros(weight.shape)),
        v: tf.keep(tf.zeros(weight.shape)),
      });
    }
  }

  /** How many steps were made. */
  get step(): number {
    return this.steps;
  }

  /**
   * One step along `gradients` times `gradientScale`. Weights without a gradient stay as they are. The gradients are borrowed.
   *
   * On an engine of `@proj/backend` the step is one kernel, which writes weights and moments in place where no clone shares their data.
   */
  update(gradients: Gradients, learningRate: number, gradientScale = 1): void {
    const constants = this.constants(learningRate, gradientScale);
    const step = onPlainEngine() ? onHost : hasFusedStep() ? fused : withOps;
    step(constants, this.pairs(gradients));
    this.steps += 1;
  }

  /**
   * One step along `gradients` scaled down to the global norm `clipNorm` if theirs is above. The gradients are borrowed until the promise
   * resolves, to their global norm before; if that is not finite, no step was made.
   * @throws RangeError if clipNorm is not positive.
   */
  async clippedUpdate(gradients: Gradients, learningRate: number, clipNorm: number): Promise<number> {
    if (!(clipNorm > 0))
      throw new RangeError(`Adam: clipNorm must be positive, got ${clipNorm}. For none, use update.`);
    const pairs = this.pairs(gradients);
    if (!onPlainEngine() && hasFusedStep()) {
      const norm = await readScalar(fused(this.constants(learningRate, 1), pairs, clipNorm)!);
      if (Number.isFinite(norm)) this.steps += 1;
      return norm;
    }
    const norm = await readScalar(globalNorm(pairs.map(([, gradient]) => gradient)));
    if (Number.isFinite(norm)) this.update(gradients, learningRate, clipScale(norm, clipNorm));
    return norm;
  }

  private constants(learningRate: number, gradientScale: number): Constants {
    const { beta1, beta2, epsilon } = this;
    const step = this.steps + 1;
    const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
    return { beta1, beta2, epsilon, learningRate, gradientScale, correction1, correction2 };
  }

  private pairs(gradients: Gradients): Pair[] {
    const pairs: Pair[] = [];
    for (const [name, slot] of this.slots) {
      const gradient = gradients[name];
      if (gradient !== undefined) pairs.push([slot, gradient]);
    }
    return pairs;
  }

  /** A copy of the state on the host. */
  async state(): Promise<AdamState> {
    const tensors: AdamState['tensors'] = {};
    for (const [name, { weight, m, v }] of this.slots) {
      const shape = weight.shape;
      tensors[`m/${name}`] = { shape: [...shape], data: ((await m.data()) as Float32Array).slice() };
      tensors[`v/${name}`] = { shape: [...shape], data: ((await v.data()) as Float32Array).slice() };
    }
    return { step: this.steps, tensors };
  }

  /** Goes on from a state that `state()` made for the same weights, which must have been checked. */
  restore(state: AdamState): void {
    this.steps = state.step;
    for (const [name, slot] of this.slots) {
      tf.dispose([slot.m, slot.v]);
      slot.m = tf.keep(toTensor(state.tensors[`m/${name}`]!));
      slot.v = tf.keep(toTensor(state.tensors[`v/${name}`]!));
    }
  }

  dispose(): void {
    for (const { m, v } of this.slots.values()) tf.dispose([m, v]);
    this.slots.clear();
  }
}

/** By the names of the weights. */
type Gradients = Readonly<Record<string, tf.Tensor | undefined>>;

const onPlainEngine = () => tf.getBackend() === 'cpu';

function toTensor({ shape, data }: { shape: number[]; data: Float32Array }): tf.Tensor {
  return tf.tensor(data.slice(), shape, 'float32');
}

function decay(name: string, value: number): number {
  if (!(value >= 0 && value < 1)) throw new RangeError(`Adam: ${name} must be in [0, 1), got ${value}.`);
  return value;
}
