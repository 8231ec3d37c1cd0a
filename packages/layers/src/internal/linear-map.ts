import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { dataDependentInit, weightNorm } from '../weight-norm.ts';
import { capital, type Initializer, type InitializerArg, toConfig, toInitializer } from './initializer.ts';

/** Options of a layer's weights. */
export interface WeightArgs {
  /** Whether each filter has a bias; true if omitted. */
  useBias?: boolean;
  /** Whether each filter's length is a weight of its own (`weightNorm`), which `initializeFromData` can set; false if omitted. */
  useWeightNorm?: boolean;
  /** 'glorotUniform' if omitted (as in Keras; over the whole kernel, dead taps counted). */
  kernelInitializer?: InitializerArg;
  /** 'zeros' if omitted. */
  biasInitializer?: InitializerArg;
}

/** The same, complete. */
export class WeightOptions {
  readonly useBias: boolean;
  readonly useWeightNorm: boolean;
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;

  /** @throws RangeError if no initialiser has such a name. */
  constructor(who: string, args: WeightArgs) {
    this.useBias = args.useBias ?? true;
    this.useWeightNorm = args.useWeightNorm ?? false;
    this.kernelInitializer = toInitializer(who, args.kernelInitializer ?? initializers.glorotUniform({}));
    this.biasInitializer = toInitializer(who, args.biasInitializer ?? initializers.zeros());
  }

  /** For a layer's `getConfig`. */
  config(): tf.serialization.ConfigDict {
    return {
      useBias: this.useBias,
      useWeightNorm: this.useWeightNorm,
      kernelInitializer: toConfig(this.kernelInitializer),
      biasInitializer: toConfig(this.biasInitializer),
    };
  }
}

/** What a map does with its input and its weights as they take effect. */
export type Run = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined) => tf.Tensor;

export interface MapForm {
  /** Makes a weight of the layer. */
  readonly addWeight: (name: string, shape: number[], initializer: Initializer) => LayerVariable;
  readonly options: WeightOptions;
  /** Stored shape, filters along `filterAxis`. */
  readonly kernelShape: number[];
  readonly run: Run;
  /** Before the names of the weights, where a layer has several maps: 'skip' makes 'skipKernel'. */
  readonly prefix?: string;
  /** -1 if omitted. */
  readonly filterAxis?: number;
  /** The live part of the stored kernel; all of it if omitted. */
  readonly live?: (kernel: tf.Tensor) => tf.Tensor;
}

/** One linear map of a layer, such as a convolution: its kernel, bias and, with weight normalisation, gain. */
export class LinearMap {
  readonly kernel: LayerVariable;
  private readonly bias: LayerVariable | undefined;
  private readonly gain: LayerVariable | undefined;

  constructor(private readonly form: MapForm) {
    const { addWeight, options, kernelShape, prefix = '', filterAxis = -1 } = form;
    const name = (what: string) => (prefix === '' ? what : prefix + capital(what));
    const filters = kernelShape.at(filterAxis)!;
    this.kernel = addWeight(name('kernel'), kernelShape, options.kernelInitializer);
    if (options.useBias) this.bias = addWeight(name('bias'), [filters], options.biasInitializer);
    if (options.useWeightNorm) this.gain = addWeight(name('gain'), [filters], initializers.ones() as Initializer);
  }

  apply(x: tf.Tensor): tf.Tensor {
    return this.applyWith(x, this.gain?.read(), this.bias?.read());
  }

  /** `apply`, after gain and bias were set so that the result has mean 0 (with a bias) and variance 1 for each filter. */
  initializeAndApply(x: tf.Tensor): tf.Tensor {
    const { gain, bias } = dataDependentInit(this.applyWith(x, tf.ones(this.gain!.shape as number[]), undefined));
    this.gain!.write(gain);
    this.bias?.write(bias);
    return this.apply(x);
  }

  private applyWith(x: tf.Tensor, gain: tf.Tensor | undefined, bias: tf.Tensor | undefined): tf.Tensor {
    const { live, filterAxis = -1, run } = this.form;
    const kernel = live === undefined ? this.kernel.read() : live(this.kernel.read());
    return run(x, gain === undefined ? kernel : weightNorm(kernel, gain, { axis: filterAxis }), bias);
  }
}
