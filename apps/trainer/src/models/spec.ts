import type { KerasArchive, KerasWeight } from '@proj/io';
import type { Dataset, FitOptions, FitResult } from '@proj/training';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { z } from 'zod';
import type { Session } from '../session.ts';
import type { Assets, Exhibit, Model, Shape, Task, TaskData } from '../tasks/task.ts';

/** A model as layers of tfjs, whose weights are not yet the model's. */
export interface Network {
  /** Whoever asked disposes it. */
  readonly net: LayersModel;
  /** Names among the model's weights, in the order of `net.weights`. */
  readonly weights: readonly string[];
}

export interface LabelledVectors {
  /** [N, D]. */
  readonly shape: readonly [number, number];
  readonly data: Float32Array;
  readonly labels: readonly string[];
}

export interface ForeignModel {
  readonly set: Record<string, string | number | boolean>;
  readonly weights: Readonly<Record<string, KerasWeight>>;
}

export type Settings = Record<string, string | number | boolean>;

/** A model of the command line: the task it is for, its settings, and how to build it. */
export interface ModelSpec<D extends TaskData = TaskData, M extends Model = Model> {
  readonly name: string;
  readonly summary: string;
  readonly task: Task<D, M>;
  /** Keys of `--set`, with their defaults and bounds. */
  readonly schema: z.ZodObject;
  readonly defaults: {
    readonly data: string;
    readonly epochs: number;
    readonly batch: number;
    readonly learningRate: number;
  };
  /** The validation metric that chooses the best weights. */
  readonly monitor: { readonly metric: string; readonly mode: 'min' | 'max' };
  /** What the reader of a figure must know: binarisation, units. */
  notes(settings: Settings): readonly string[];
  /** With its first weights. Without the task's assets, for `describe`, it has the sizes that the settings say. */
  create(settings: Settings, shape: Shape, seed: number, assets?: Assets): M;
  /** Pictures of this model that others of the task have not. */
  exhibits?(session: Session<M>, data: D): Promise<Exhibit[]>;
  /** The metric that the loss is minus of: the report draws it, of training beside validation, in place of the loss. */
  readonly bound?: string;
  /** The model as layers of tfjs, for programs such as Keras that know layers. Absent: it has no such form. */
  network?(settings: Settings, model: M): Network;
  /** Vectors to look at in the projector of TensorBoard, with their labels. */
  vectors?(model: M): LabelledVectors;
  /** Settings and weights of a model that another program made; undefined if it is not of this kind. */
  fromKeras?(file: Pick<KerasArchive, 'config' | 'weights'>): ForeignModel | undefined;
  /** Trains in place of `fit` of @proj/training, with the same options and result: for what has no gradients. */
  fit?(model: M, data: Dataset<tf.TensorContainer>, options: FitOptions): Promise<FitResult>;
}
