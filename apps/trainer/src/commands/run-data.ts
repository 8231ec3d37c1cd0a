import type { RunConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import type { Shape, TaskData } from '../tasks/task.ts';

/** The data of a run, or others that its model can take. @throws UsageError if they have another shape. */
export async function loadRunData(io: Io, config: RunConfig, other: string | undefined): Promise<TaskData> {
  const { task } = modelSpec(config.model);
  const own = other === undefined || other === config.data;
  const data = await task.load(io, other ?? config.data, own ? config.limit : null);
  const shape = task.shapeOf(data);
  if (!sameShape(shape, config.shape)) {
    throw new UsageError(
      `this ${config.model} takes ${task.noun} of ${task.showShape(config.shape)}, ${data.name} has ${task.showShape(shape)}. Give it data of its own shape with --data.`,
    );
  }
  return data;
}

const sameShape = (a: Shape, b: Shape) => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};
