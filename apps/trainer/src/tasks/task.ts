import type { Corruption } from '@proj/models';
import type { Dataset, TrainableModel } from '@proj/training';
import type * as tf from '@tensorflow/tfjs-core';
import type { Split } from '../data.ts';
import type { Io } from '../io.ts';
import type { Settings } from '../models/spec.ts';
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

/** Something of the report to look at, by the name of its file: `.png`, or UTF-8 text in `.txt`. */
export interface Exhibit {
  readonly file: string;
  readonly title: string;
  readonly caption: string;
  readonly bytes: Uint8Array;
}

/** What `sample` and `reconstruct` make: a file, or things to print; `notes` are what the user should know of it. */
export type Product = { readonly count: number; readonly notes?: readonly string[] } & (
  | { readonly bytes: Uint8Array; readonly extension: string }
  | { readonly samples: readonly unknown[] }
);

/** What some tasks' `sample` takes besides. */
export interface SamplingOptions {
  /** Text to go on from. */
  readonly prompt?: string;
  /** With every token, the so many that were likeliest in its place: samples are objects then. */
  readonly top?: number;
  /** Draws from the so many likeliest tokens alone. */
  readonly topK?: number;
  /** Draws from the fewest tokens that hold this share of the probability. */
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly topic?: number;
  /** The way from one word to another. */
  readonly between?: readonly [from: string, to: string];
}

export interface SampleOptions extends SamplingOptions {
  readonly count: number;
  readonly seed: number;
  readonly temperature: number;
}

/** Files of a run that its model needs beside its weights, such as a vocabulary: text by name. */
export type Assets = Readonly<Record<string, string>>;

/** How a model writes bytes as vectors, a token at a time, and reads them back. */
export interface VectorCodec {
  /** Bytes of a vector, and its numbers. */
  readonly tokenSize: number;
  readonly width: number;
  /** Of whole tokens: their vectors, one after the other. */
  encode(bytes: Uint8Array): Promise<Float32Array>;
  decode(vectors: Float32Array): Promise<Uint8Array>;
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
  /** Made from the training part at the start of a run, kept in its folder, and given to `ModelSpec.create` ever after. */
  assets?(data: D, settings: Settings): Assets;
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
  /** How its codes stand noise, on a part: a row a deviation, and a picture of them. The same noise at each call. */
  robustness?(
    session: Session<M>,
    data: D,
    split: Split,
  ): Promise<{ readonly rows: readonly Readonly<Record<string, number>>[]; readonly picture: Exhibit }>;
  /**
   * While it trains, after an epoch; they stay in the run folder. Text is printed too, and the report shows all that is named
   * NAME-epoch-NNNN.txt.
   */
  progress?(session: Session<M>, data: D, epoch: number): Promise<Exhibit[]>;
  /** For the report of a finished run. */
  exhibits(session: Session<M>, data: D): Promise<Exhibit[]>;
  /** For `encode` and `decode`. */
  codec?(model: M): VectorCodec;
  /** Options that `sample` takes besides those of every task. */
  readonly samplingOptions?: readonly (keyof SamplingOptions)[];
  /** How many `sample` draws if nobody says; 100 if omitted. */
  readonly usualSamples?: number;
  sample(session: Session<M>, load: () => Promise<D>, options: SampleOptions): Promise<Product>;
  reconstruct(session: Session<M>, data: D, split: Split, count: number): Promise<Product>;
}
