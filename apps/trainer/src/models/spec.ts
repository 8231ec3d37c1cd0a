import type { Dataset, FitOptions, FitResult } from '@proj/training';
import type * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { Session } from '../session.ts';
import type { Assets, Exhibit, Model, Shape, Task, TaskData } from '../tasks/task.ts';

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
  /** Trains in place of `fit` of @proj/training, with the same options and result: for what has no gradients. */
  fit?(model: M, data: Dataset<tf.TensorContainer>, options: FitOptions): Promise<FitResult>;
}
