import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, layers, type Shape } from '@tensorflow/tfjs-layers';
import { type Initializer, type InitializerArg, toConfig, toInitializer } from '../internal/initializer.ts';
import { inputShapes } from '../internal/input-shapes.ts';
import type { LayerArgs } from '../internal/layer-args.ts';
import { coordinateMatMul, sparseMatMul } from './sparse-mat-mul.ts';
import type { SparseMatrix } from './sparse-matrix.ts';

/** Options of `GraphConvolution`. */
export interface GraphConvolutionArgs extends LayerArgs {
  /** Features of a node in the output. */
  units: number;
  /** Name of an activation of tfjs-layers, such as 'relu'; none if omitted. */
  activation?: string;
  /** Whether each unit has a bias; false if omitted. */
  useBias?: boolean;
  /** 'glorotUniform' if omitted. */
  kernelInitializer?: InitializerArg;
  /** 'zeros' if omitted. */
  biasInitializer?: InitializerArg;
}

/**
 * Graph convolution: every node sums the transformed features of its neighbours, weighted by the adjacency.
 *
 *   x [N, F] -> [N, units]:  y = activation(A x W + b)
 * A is used as it is given; `normalizedAdjacency` makes the one of the paper. It comes in one of three ways:
 *   apply([x, adjacency])         dense, [N, N]
 *   apply([x, indices, values])   sparse: int32 [E, 2] of (row, column), and [E]; entries at one place add up
 *   apply(x, { adjacency })       sparse and constant, a `SparseMatrix`: the fastest
 * With x [B, N, F] it takes a batch of graphs: [B, N, N], or [B, E, 2] and [B, E] (fill up with values of 0). `fit` and `predict`
 * of tfjs-layers cut along the first axis, so they want this form. Gradients reach x, the weights, and adjacency or values.
 * Source: Kipf & Welling 2017, arXiv:1609.02907.
 */
export class GraphConvolution extends layers.Layer {
  static className = 'GraphConvolution'; // saved inside models: renaming it is a breaking change
  readonly units: number;
  readonly useBias: boolean;
  private readonly activationName: string | undefined;
  private readonly activation: layers.Layer | undefined;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private kernel!: LayerVariable;
  private bias: LayerVariable | undefined;

  /** @throws RangeError if units or an initialiser is not one. */
  constructor(args: GraphConvolutionArgs) {
    super(args);
    const { units } = args;
    if (!(Number.isInteger(units) && units > 0)) {
      throw new RangeError(`GraphConvolution: units must be a positive integer, got ${units}.`);
    }
    this.units = units;
    this.useBias = args.useBias ?? false;
    this.activationName = args.activation ?? undefined; // null in a saved model
    this.activation =
      this.activationName === undefined ? undefined : layers.activation({ activation: this.activationName as 'relu' });
    this.kernelInitializer = toInitializer(
      'GraphConvolution',
      args.kernelInitializer ?? initializers.glorotUniform({}),
    );
    this.biasInitializer = toInitializer('GraphConvolution', args.biasInitializer ?? initializers.zeros());
  }

  /** @throws RangeError unless x is [N, F] or [B, N, F] with a known F. */
  override build(inputShape: Shape | Shape[]): void {
    const shape = shapeOfX(inputShape);
    const features = shape.at(-1);
    if (shape.length < 2 || shape.length > 3 || typeof features !== 'number') {
      throw new RangeError(
        `GraphConvolution: x must be [N, F] or [B, N, F] with a known number of features F, got [${shape.join(', ')}].`,
      );
    }
    this.kernel = this.addWeight('kernel', [features, this.units], 'float32', this.kernelInitializer);
    if (this.useBias) this.bias = this.addWeight('bias', [this.units], 'float32', this.biasInitializer);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { adjacency }: { adjacency?: SparseMatrix } = {}): tf.Tensor {
    return tf.tidy(() => {
      const [x, ...graph] = (Array.isArray(inputs) ? inputs : [inputs]) as [tf.Tensor, ...tf.Tensor[]];
      const width = x.shape.at(-1)!;
      const rows = tf.reshape(x, [x.size / width, width]); // [B N, F]
      const messages = tf.matMul(rows, this.kernel.read() as tf.Tensor2D) as tf.Tensor2D; // [B N, units]
      const shape = [...x.shape.slice(0, -1), this.units];
      const summed = tf.reshape(propagate(messages, shape, graph, adjacency), shape);
      const y = this.bias === undefined ? summed : tf.add(summed, this.bias.read());
      return this.activation === undefined ? y : (this.activation.call(y, {}) as tf.Tensor);
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...shapeOfX(inputShape).slice(0, -1), this.units];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: this.activationName ?? null,
      useBias: this.useBias,
      kernelInitializer: toConfig(this.kernelInitializer),
      biasInitializer: toConfig(this.biasInitializer),
    };
  }
}

const shapeOfX = (inputShape: Shape | Shape[]): Shape => inputShapes(inputShape)[0]!;

/** A times messages [B N, U], in any shape of as many numbers. */
function propagate(
  messages: tf.Tensor2D,
  shape: number[],
  [first, values, ...rest]: tf.Tensor[],
  constant: SparseMatrix | undefined,
): tf.Tensor {
  const nodes = shape.at(-2)!;
  const batch = shape.length === 3 ? shape.slice(0, 1) : [];
  if ((first === undefined) === (constant === undefined) || rest.length > 0) {
    throw new RangeError(
      'GraphConvolution: call it with [x, adjacency], with [x, indices, values], or with x and { adjacency: a SparseMatrix }.',
    );
  }
  if (constant !== undefined) {
    if (batch.length > 0) {
      throw new RangeError(
        `GraphConvolution: with a SparseMatrix x must be [N, F], got rank 3. Call it graph by graph.`,
      );
    }
    return sparseMatMul(constant, messages);
  }
  if (values === undefined) {
    expectShape('adjacency', first!, [...batch, nodes, nodes]);
    return tf.matMul(first!, tf.reshape(messages, shape));
  }
  const edges = first!.shape.at(-2) ?? 0;
  expectShape('indices', first!, [...batch, edges, 2]);
  expectShape('values', values, [...batch, edges]);
  const [rows, columns] = tf.unstack(blockDiagonal(tf.cast(first!, 'int32'), nodes), 1) as [tf.Tensor1D, tf.Tensor1D];
  return coordinateMatMul(rows, columns, tf.reshape(values, [values.size]) as tf.Tensor1D, messages, messages.shape[0]);
}

/** Places in one matrix [B N, B N] that has the graphs along its diagonal: [B, E, 2] -> [B E, 2]. */
function blockDiagonal(indices: tf.Tensor, nodes: number): tf.Tensor2D {
  if (indices.rank === 2) return indices as tf.Tensor2D;
  const offsets = tf.mul(tf.range(0, indices.shape[0]!, 1, 'int32'), tf.scalar(nodes, 'int32'));
  return tf.reshape(tf.add(indices, tf.reshape(offsets, [-1, 1, 1])), [indices.size / 2, 2]);
}

function expectShape(name: string, { shape }: tf.Tensor, expected: number[]): void {
  if (shape.join() === expected.join()) return;
  throw new RangeError(`GraphConvolution: ${name} must be [${expected.join(', ')}], got [${shape.join(', ')}].`);
}
