import type { Corruption } from '@proj/models';
import type { Dataset, TrainableModel } from '@proj/training';
import type * as tf from '@tensorflow/tfjs-core';
import type { Split } from '../data.ts';
import type { Io } from '../io.ts';
import type { Session } from '../session.ts';

/** Sizes of an example by name, all that a model needs to know of its data: kept in config.json. */
export type Shape = Readonly<Record<string, number>>;

/** Data of a task, however they are held. */
export interface TaskData {
  readonly name: string;
  /** Where they came from, for the reader. */
  readonly source: string;
}

export interface LayerRow {
  readonly name: string;
  readonly type: string;
  readonly outputShape: readonly (number | null)[];
  readonly params: number;
}

/** What the trainer asks of every model. */
export interface Model extends TrainableModel<tf.TensorContainer> {
  /** The scalar to minimise, one step. */
  loss(batch: tf.TensorContainer, seed: number, step: number): tf.Scalar;
  countParams(): number;
  /** Without weights that can never matter, such as the dead taps of masked convolutions. Absent: there are none. */
  countLiveParams?(): number;
  /** What the same network stores with masked kernels; of a model whose kernels hold live taps alone. */
  fullKernelParams?(): number;
  describe(): readonly LayerRow[];
  /** After each step, `steps` of them made: for averages of the weights. */
  afterStep?(steps: number): void;
  dispose(): void;
}

/** A picture of the report, PNG, by the name of its file. */
export interface Picture {
  readonly file: string;
  readonly title: string;
  readonly caption: string;
  readonly bytes: Uint8Array;
}

/** What `sample` and `reconstruct` make: a file, or things to print. */
export type Product = { readonly count: number } & (
  | { readonly bytes: Uint8Array; readonly extension: string }
  | { readonly samples: readonly unknown[] }
);

export interface SampleOptions {
  readonly count: number;
  readonly seed: number;
  readonly temperature: number;
}

export type OnExample = (index: number, metrics: Record<string, number>) => void;

/**
 * One kind of data, and what is done with a model of it: the commands know no more than this.
 *
 * Methods, and not properties, so that a task of images is a task of anything: only `load` makes data, and only a
 * specification that names the task makes models for it.
 */
export interface Task<D extends TaskData = TaskData, M extends Model = Model> {
  /** Of examples, plural, for sentences: images. */
  readonly noun: string;
  /** What `describe` assumes, as it reads no data. */
  readonly usualShape: Shape;
  /** By name or path, downloaded if need be; `limit` keeps the first so many examples of each part. */
  load(io: Io, name: string, limit: number | null): Promise<D>;
  shapeOf(data: D): Shape;
  /** The same for the reader: 28x28x1. */
  showShape(shape: Shape): string;
  counts(data: D): Readonly<Record<Split, number>>;
  /** The training part. */
  dataset(data: D, session: Session<M>): Dataset<tf.TensorContainer>;
  /** Before the first step of a new run. */
  prepare?(model: M, data: D): void;
  /** Whether `evaluate` can corrupt what it measures. */
  readonly corrupts?: true;
  /**
   * Mean metrics of a part; `full` adds the slow ones. Same model, data and seeds: same figures. With a corruption, `denoisingMse`
   * too, or at that level if the model would have it at another.
   */
  evaluate(
    session: Session<M>,
    data: D,
    split: Split,
    full: boolean,
    onExample?: OnExample,
    corruption?: Corruption,
  ): Promise<Record<string, number>>;
  /** While it trains, after an epoch; they stay in the run folder. */
  progress?(session: Session<M>, data: D, epoch: number): Promise<Picture[]>;
  /** For the report of a finished run. */
  pictures(session: Session<M>, data: D): Promise<Picture[]>;
  sample(session: Session<M>, load: () => Promise<D>, options: SampleOptions): Promise<Product>;
  reconstruct(session: Session<M>, data: D, split: Split, count: number): Promise<Product>;
}
