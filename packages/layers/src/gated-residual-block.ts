import { foldIn, uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { concatElu } from './concat-elu.ts';
import { gatedResidual } from './gated-residual.ts';
import type { DataInitializable } from './initialize-from-data.ts';
import { checkPair, demandWeightNorm, pair, shown } from './internal/check.ts';
import { convolveSame } from './internal/convolve.ts';
import { inputShapes } from './internal/input-shapes.ts';
import type { LayerArgs } from './internal/layer-args.ts';
import { LinearMap, type Run, type WeightArgs, WeightOptions } from './internal/linear-map.ts';
import { type ShiftDirection, shiftedConv2d } from './shifted-conv2d.ts';

const ACTIVATIONS = { concatElu, elu: tf.elu, relu: tf.relu } as const;

/** Options of `GatedResidualBlock`. */
export interface GatedResidualBlockArgs extends LayerArgs, WeightArgs {
  /** Makes both convolutions causal, as `shiftedConv2d` has it; ordinary ones, zero-padded, if omitted. */
  direction?: ShiftDirection;
  /** Size of both convolutions; if omitted [2, 3] for 'down', [2, 2] for 'down-right', else [3, 3]. */
  kernelSize?: number | [number, number];
  /** 'concatElu' if omitted. */
  activation?: keyof typeof ACTIVATIONS;
  /** Fraction of numbers that are set to 0 before the second convolution, in training only; 0 if omitted. */
  dropout?: number;
  /** Of dropout's draws, which needs one: each training step draws from `foldIn(seed, step)`. Give each block its own. */
  seed?: number;
}

type Step = (map: LinearMap, x: tf.Tensor) => tf.Tensor;

/**
 * Gated residual block of PixelCNN++: x + a sigmoid(b), [B, H, W, C] -> [B, H, W, C], where (a, b) are the two halves of
 * conv(dropout(f(conv(f(x)) + skip))), f the activation, and skip, of a second input [B, H, W, S], dense(f(input)).
 *
 * `apply(x)`, or `apply([x, input])` with the skip. Source: Salimans et al. 2017, arXiv:1701.05517.
 */
export class GatedResidualBlock extends layers.Layer implements DataInitializable {
  static className = 'GatedResidualBlock'; // saved inside models: renaming it is a breaking change
  readonly direction: ShiftDirection | undefined;
  readonly kernelSize: [number, number];
  readonly activation: keyof typeof ACTIVATIONS;
  readonly dropout: number;
  readonly seed: number | undefined;
  private readonly options: WeightOptions;
  private maps!: { first: LinearMap; second: LinearMap; skip: LinearMap | undefined };
  private trainingSteps = 0;

  /** @throws RangeError if a size, the direction, the activation, the dropout or an initialiser is not one. */
  constructor(args: GatedResidualBlockArgs = {}) {
    super(args);
    const { direction, activation = 'concatElu', dropout = 0 } = args;
    if (direction != null && direction !== 'down' && direction !== 'down-right') {
      throw new RangeError(
        `GatedResidualBlock: direction must be "down" or "down-right", got "${direction}". Or omit it.`,
      );
    }
    if (!Object.hasOwn(ACTIVATIONS, activation)) {
      const known = Object.keys(ACTIVATIONS).join(', ');
      throw new RangeError(`GatedResidualBlock: activation must be one of ${known}, got ${activation}.`);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new RangeError(`GatedResidualBlock: dropout must be a fraction from 0 and below 1, got ${dropout}.`);
    }
    if (dropout > 0 && !(Number.isSafeInteger(args.seed) && args.seed! >= 0)) {
      throw new RangeError(
        `GatedResidualBlock: dropout needs a seed, a non-negative safe integer, got ${args.seed}. Give each block its own.`,
      );
    }
    this.direction = direction ?? undefined; // null in a saved model
    const usual: Record<ShiftDirection, [number, number]> = { down: [2, 3], 'down-right': [2, 2] };
    this.kernelSize = pair(args.kernelSize ?? (this.direction === undefined ? 3 : usual[this.direction]));
    checkPair('GatedResidualBlock', 'kernelSize', this.kernelSize);
    if (this.direction === 'down' && this.kernelSize[1] % 2 === 0) {
      throw new RangeError(
        `GatedResidualBlock: with direction "down" the kernel's width must be odd, got ${shown(this.kernelSize)}.`,
      );
    }
    this.activation = activation;
    this.dropout = dropout;
    this.seed = args.seed ?? undefined; // null in a saved model
    this.options = new WeightOptions('GatedResidualBlock', args);
  }

  get useWeightNorm(): boolean {
    return this.options.useWeightNorm;
  }

  /** @throws RangeError unless the inputs are [B, H, W, C] and, for a skip, [B, H, W, S], with known C and S. */
  override build(inputShape: Shape | Shape[]): void {
    const shapes = inputShapes(inputShape);
    if (shapes.length > 2 || !shapes.every((shape) => shape.length === 4 && typeof shape[3] === 'number')) {
      throw new RangeError(
        `GatedResidualBlock: inputs must be [B, H, W, C] and, for a skip, [B, H, W, S], got ${shapes.map(shown).join(', ')}.`,
      );
    }
    const [channels, skipped] = shapes.map((shape) => shape[3]!);
    const wide = this.activation === 'concatElu' ? 2 : 1;
    const { direction } = this;
    const convolve: Run = (x, kernel, bias) =>
      direction === undefined ? convolveSame(x, kernel, bias) : shiftedConv2d(x, kernel, bias, { direction });
    const map = (prefix: string, kernelShape: number[], run: Run) =>
      new LinearMap({
        prefix,
        kernelShape,
        run,
        options: this.options,
        addWeight: (name, size, initializer) => this.addWeight(name, size, 'float32', initializer),
      });
    this.maps = {
      first: map('first', [...this.kernelSize, wide * channels!, channels!], convolve),
      skip: skipped === undefined ? undefined : map('skip', [1, 1, wide * skipped, channels!], convolveSame),
      second: map('second', [...this.kernelSize, wide * channels!, 2 * channels!], convolve),
    };
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: { training?: boolean } = {}): tf.Tensor {
    return tf.tidy(() => this.forward(inputs, (map, x) => map.apply(x), training && this.dropout > 0));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return inputShapes(inputShape)[0]!;
  }

  /**
   * Sets gains and biases so that, for this batch, every filter of the convolutions has mean 0 and variance 1.
   *
   * @throws RangeError unless `useWeightNorm` is set.
   */
  initializeFromData(inputs: tf.Tensor | tf.Tensor[]): void {
    demandWeightNorm('GatedResidualBlock', this.useWeightNorm);
    tf.tidy(() => {
      if (!this.built) this.apply(inputs);
      this.forward(inputs, (map, x) => map.initializeAndApply(x), false);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { direction = null, kernelSize, activation, dropout, seed = null } = this;
    return { ...super.getConfig(), direction, kernelSize, activation, dropout, seed, ...this.options.config() };
  }

  private forward(inputs: tf.Tensor | tf.Tensor[], step: Step, drops: boolean): tf.Tensor {
    const [x, skipped] = Array.isArray(inputs) ? inputs : [inputs];
    const { first, skip, second } = this.maps;
    const f = ACTIVATIONS[this.activation];
    let h = step(first, f(x!));
    if (skip !== undefined) h = tf.add(h, step(skip, f(skipped!)));
    h = f(h);
    return gatedResidual(x!, step(second, drops ? tf.mul(h, this.kept(h.shape)) : h));
  }

  /** 1 / (1 - dropout) where a number is kept, 0 where it is dropped. */
  private kept(shape: number[]): tf.Tensor {
    const draws = uniform(tf.util.sizeFromShape(shape), foldIn(this.seed!, this.trainingSteps++));
    const scale = 1 / (1 - this.dropout);
    return tf.tensor(
      draws.map((u) => (u < this.dropout ? 0 : scale)),
      shape,
    );
  }
}
