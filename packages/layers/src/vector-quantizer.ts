import { straightThrough } from '@proj/distributions';
import { foldIn, uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, layers, type Shape } from '@tensorflow/tfjs-layers';
import { checkPositiveInteger, checkSeed, shown } from './internal/check.ts';
import { type Initializer, type InitializerArg, toConfig, toInitializer } from './internal/initializer.ts';
import type { LayerArgs } from './internal/layer-args.ts';
import { onlyInput } from './internal/only-input.ts';

/** Results of `vectorQuantize`; the caller disposes them. */
export interface Quantized {
  /** The nearest codes, of the shape of x; backward their gradient is that of x (straight-through). */
  readonly quantized: tf.Tensor;
  /** Their numbers, int32, the shape of x without its last axis. */
  readonly indices: tf.Tensor;
  /** Mean of (code - x)^2 over all numbers, x held fast: pulls codes to the inputs. A scalar. */
  readonly codebookLoss: tf.Scalar;
  /** The same number with the codes held fast: pulls inputs to their codes. Its usual weight is 0.25. */
  readonly commitmentLoss: tf.Scalar;
}

/**
 * Replaces vectors by the nearest of K codes: x [..., D], codebook [K, D]. Of equally near ones the first.
 *
 * Source: van den Oord et al. 2017 (VQ-VAE), arXiv:1711.00937.
 *
 * @throws RangeError if the shapes do not fit.
 */
export function vectorQuantize(x: tf.Tensor, codebook: tf.Tensor): Quantized {
  checkShapes('vectorQuantize', x, codebook);
  return tf.tidy(() => {
    const indices = nearestCodes(x, codebook);
    const codes = lookup(codebook, indices);
    return {
      quantized: straightThrough(codes, x),
      indices,
      codebookLoss: tf.mean(tf.squaredDifference(codes, heldFast(x))) as tf.Scalar,
      commitmentLoss: tf.mean(tf.squaredDifference(x, heldFast(codes))) as tf.Scalar,
    };
  });
}

/** Number of the nearest code of each vector: [..., D], [K, D] -> int32 [...]. */
function nearestCodes(x: tf.Tensor, codebook: tf.Tensor): tf.Tensor {
  const features = codebook.shape[1]!;
  const rows = tf.reshape(x, [-1, features]) as tf.Tensor2D;
  const products = tf.matMul(rows, codebook as tf.Tensor2D, false, true); // [N, K]
  const squares = tf.sum(tf.square(codebook), 1); // [K]; the squares of x are the same for all codes
  return tf.reshape(tf.argMin(tf.sub(squares, tf.mul(2, products)), 1), x.shape.slice(0, -1));
}

/** Rows of the codebook. Its gradient goes by a product, and none to the indices, which come from differentiated inputs. */
function lookup(codebook: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  return tf.customGrad((codes, save) => {
    (save as tf.GradSaveFunc)([indices]);
    const [count, features] = (codes as tf.Tensor).shape as [number, number];
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
      const rows = tf.reshape(dy, [-1, features]) as tf.Tensor2D;
      return tf.matMul(whichCode(saved!, count), rows, true, false);
    };
    return { value: tf.gather(codes as tf.Tensor, indices), gradFunc: gradFunc as never };
  })(codebook);
}

/** [...] -> [N, K], 1 where a row has the code. Cast, since tfjs's own WASM engine makes no oneHot of floats. */
const whichCode = (indices: tf.Tensor, codes: number): tf.Tensor2D =>
  tf.cast(tf.oneHot(tf.reshape(indices, [-1]), codes), 'float32') as tf.Tensor2D;

/** x as a constant to differentiation. */
const heldFast = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((t) => ({ value: tf.clone(t as tf.Tensor), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) }))(x);

/**
 * How many codes are in use: exp of the entropy of their frequencies among `indices`, from 1 to K. A scalar.
 *
 * @throws RangeError if `codes` is not a positive integer.
 */
export function codePerplexity(indices: tf.Tensor, codes: number): tf.Scalar {
  checkPositiveInteger('codePerplexity', 'codes', codes);
  return tf.tidy(() => {
    const frequencies = tf.mean(whichCode(indices, codes), 0); // [K]
    const logs = tf.log(tf.maximum(frequencies, 1e-30)); // 0 log 0 = 0
    return tf.exp(tf.neg(tf.sum(tf.mul(frequencies, logs)))) as tf.Scalar;
  });
}

/** Options of `VectorQuantizer`. */
export interface VectorQuantizerArgs extends LayerArgs {
  /** How many codes, K. */
  codes: number;
  /** Weight of the commitment loss; 0.25 if omitted. */
  commitment?: number;
  /** Whether codes are moving averages of the inputs that choose them, in place of learning by gradient; false if omitted. */
  useMovingAverage?: boolean;
  /** Of the moving averages, of inputs and of how often a code is used; 0.99 if omitted. */
  decay?: number;
  /**
   * A code that on average fewer vectors of a batch than this choose is dead, and moves to a random vector of the batch. 0, never, if
   * omitted.
   */
  restartBelow?: number;
  /** Of the restarts' draws; each training step has its own. 0 if omitted. */
  seed?: number;
  /** Uniform from -1 / K to 1 / K if omitted. */
  initializer?: InitializerArg;
}

/** Keeps the moving average's divisor from 0; as in Sonnet. */
const LEAST_USAGE = 1e-5;

/**
 * Vector quantisation with its codebook [K, D]: [..., D] -> [..., D], each vector replaced by the nearest code, straight through
 * backward.
 *
 * In training, `model.fit` adds the layer's loss to the model's: commitment times the commitment loss, and, unless codes are moving
 * averages, the codebook loss (see `vectorQuantize`). Training also follows how often each code is used, and restarts dead ones; what an
 * optimiser remembers of a restarted code, such as Adam's moments, stays.
 * Sources: van den Oord et al. 2017, arXiv:1711.00937, moving averages in its appendix A.1; restarts: Dhariwal et al. 2020
 * (Jukebox), arXiv:2005.00341, section 3.1.
 */
export class VectorQuantizer extends layers.Layer {
  static className = 'VectorQuantizer'; // saved inside models: renaming it is a breaking change
  readonly codes: number;
  readonly commitment: number;
  readonly useMovingAverage: boolean;
  readonly decay: number;
  readonly restartBelow: number;
  readonly seed: number;
  private readonly initializer: Initializer;
  private codebook!: LayerVariable;
  private usage!: LayerVariable;
  private sums: LayerVariable | undefined;
  private loss: tf.Scalar | undefined;
  private trainingSteps = 0;

  /** @throws RangeError if a number is out of its range or the initialiser is none. */
  constructor(args: VectorQuantizerArgs) {
    super(args);
    const { codes, commitment = 0.25, useMovingAverage = false, decay = 0.99, restartBelow = 0, seed = 0 } = args;
    checkPositiveInteger('VectorQuantizer', 'codes', codes);
    for (const [name, value] of Object.entries({ commitment, restartBelow })) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        throw new RangeError(`VectorQuantizer: ${name} must be a number from 0, got ${value}.`);
      }
    }
    checkSeed('VectorQuantizer', seed);
    if (!(decay >= 0 && decay < 1)) {
      throw new RangeError(`VectorQuantizer: decay must be from 0 and below 1, got ${decay}. Omit it to use 0.99.`);
    }
    this.codes = codes;
    this.commitment = commitment;
    this.useMovingAverage = useMovingAverage;
    this.decay = decay;
    this.restartBelow = restartBelow;
    this.seed = seed;
    const usual = initializers.randomUniform({ minval: -1 / codes, maxval: 1 / codes });
    this.initializer = toInitializer('VectorQuantizer', args.initializer ?? usual);
  }

  /** @throws RangeError unless the input is [B, ..., D] with a known D. */
  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    const features = shape.at(-1);
    if (shape.length < 2 || typeof features !== 'number') {
      throw new RangeError(`VectorQuantizer: the input must be [B, ..., D] with a known D, got ${shown(shape)}.`);
    }
    const averaged = this.useMovingAverage;
    const size = [this.codes, features];
    this.codebook = this.addWeight('codebook', size, 'float32', this.initializer, undefined, !averaged);
    this.usage = this.addWeight('usage', [this.codes], 'float32', initializers.ones(), undefined, false);
    if (averaged) {
      this.sums = this.addWeight('sums', size, 'float32', initializers.zeros(), undefined, false);
      this.sums.write(this.codebook.read()); // each code starts as the average of one vector: itself
    }
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: { training?: boolean } = {}): tf.Tensor {
    const x = onlyInput(inputs);
    const { quantized, loss } = tf.tidy(() => {
      const result = vectorQuantize(x, this.codebook.read());
      if (!training) return { quantized: result.quantized, loss: undefined };
      const commitment = tf.mul(this.commitment, result.commitmentLoss) as tf.Scalar;
      const total = this.useMovingAverage ? commitment : tf.add(commitment, result.codebookLoss);
      if (x.size > 0) this.follow(x, result.indices);
      return { quantized: result.quantized, loss: total as tf.Scalar };
    });
    this.loss?.dispose();
    this.loss = loss;
    return quantized;
  }

  /** The loss of the last training step, once; `model.fit` calls this. */
  override calculateLosses(): tf.Scalar[] {
    const { loss } = this;
    this.loss = undefined;
    return loss === undefined ? [] : [loss];
  }

  /** The codes' numbers, int32: [..., D] -> [...]. The caller disposes them. */
  encode(x: tf.Tensor): tf.Tensor {
    checkShapes('VectorQuantizer.encode', x, this.codebook.read());
    return tf.tidy(() => nearestCodes(x, this.codebook.read()));
  }

  /** The codes of numbers: int32 [...] -> [..., D]. The caller disposes them. */
  decode(indices: tf.Tensor): tf.Tensor {
    return tf.tidy(() => lookup(this.codebook.read(), indices));
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { codes, commitment, useMovingAverage, decay, restartBelow, seed } = this;
    const initializer = toConfig(this.initializer);
    return { ...super.getConfig(), codes, commitment, useMovingAverage, decay, restartBelow, seed, initializer };
  }

  /** A training step's bookkeeping: usage, moving averages, dead codes. */
  private follow(x: tf.Tensor, indices: tf.Tensor): void {
    const { decay, codes } = this;
    const rows = tf.reshape(x, [-1, x.shape.at(-1)!]);
    const chosen = whichCode(indices, codes); // [N, K]
    const average = (old: LayerVariable, now: tf.Tensor) => tf.add(tf.mul(decay, old.read()), tf.mul(1 - decay, now));
    this.usage.write(average(this.usage, tf.sum(chosen, 0)));
    if (this.sums !== undefined) {
      this.sums.write(average(this.sums, tf.matMul(chosen, rows as tf.Tensor2D, true, false)));
      const divisor = tf.maximum(this.usage.read(), LEAST_USAGE);
      this.codebook.write(tf.div(this.sums.read(), tf.reshape(divisor, [codes, 1])));
    }
    if (this.restartBelow > 0) this.restart(rows);
    this.trainingSteps++;
  }

  /** Moves dead codes to random rows [N, D], as if each had been chosen often enough. */
  private restart(rows: tf.Tensor): void {
    const { codes, restartBelow } = this;
    const draws = uniform(codes, foldIn(this.seed, this.trainingSteps));
    const picks = Int32Array.from(draws, (u) => Math.floor(u * rows.shape[0]!));
    const fresh = tf.gather(rows, tf.tensor1d(picks, 'int32')); // [K, D]
    const dead = tf.less(this.usage.read(), restartBelow); // [K]
    const enough = Math.max(1, restartBelow);
    const deadRows = tf.reshape(dead, [codes, 1]);
    const replaced = (old: LayerVariable, now: tf.Tensor) => tf.where(deadRows, now, old.read());
    this.codebook.write(replaced(this.codebook, fresh));
    this.sums?.write(replaced(this.sums, tf.mul(fresh, enough)));
    this.usage.write(tf.where(dead, tf.fill([codes], enough), this.usage.read()));
  }
}

function checkShapes(who: string, x: tf.Tensor, codebook: tf.Tensor): void {
  if (codebook.shape.length === 2 && x.shape.length > 0 && x.shape.at(-1) === codebook.shape[1]) return;
  const got = `${shown(x.shape)} and ${shown(codebook.shape)}`;
  throw new RangeError(`${who}: x must be [..., D] and the codebook [K, D], got ${got}.`);
}
