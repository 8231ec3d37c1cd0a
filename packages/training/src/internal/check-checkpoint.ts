import type { TrainingState } from '../checkpoint.ts';
import type { EpochReport } from '../reports.ts';

/**
 * @throws RangeError unless every expected name is there with the expected shape and as many numbers; where `exact`, also for any other
 * name.
 */
export function checkTensors(
  who: string,
  expected: Readonly<Record<string, readonly number[]>>,
  tensors: Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>,
  { exact = false } = {},
): void {
  for (const [name, shape] of Object.entries(expected)) {
    const tensor = tensors[name];
    if (tensor === undefined) {
      const names = Object.keys(tensors);
      throw new RangeError(
        `${who}: the checkpoint must hold '${name}' [${shape}], got ${names.length} tensors without it (${preview(names)}). ` +
          'Use the checkpoint of a model of the same configuration.',
      );
    }
    const count = shape.reduce((product, size) => product * size, 1);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      throw new RangeError(
        `${who}: '${name}' must have shape [${shape}], got [${tensor.shape}] from the checkpoint. ` +
          'Use the checkpoint of a model of the same configuration.',
      );
    }
    if (!(tensor.data instanceof Float32Array) || tensor.data.length !== count) {
      throw new RangeError(
        `${who}: '${name}' must hold ${count} float32 numbers, got ${tensor.data.length} from the checkpoint. The checkpoint is damaged.`,
      );
    }
  }
  const strange = exact ? Object.keys(tensors).find((name) => expected[name] === undefined) : undefined;
  if (strange !== undefined) {
    throw new RangeError(
      `${who}: the checkpoint must hold nothing but the model's ${preview(Object.keys(expected))}, got '${strange}' too. ` +
        'Use the checkpoint of a model of the same configuration.',
    );
  }
}

function preview(names: string[]): string {
  return names.length > 4 ? `${names.slice(0, 4).join(', ')}, ...` : names.join(', ');
}

/** @throws RangeError unless `saved` is the state of a run over the same batches as `current`. */
export function checkState(saved: TrainingState, current: TrainingState): void {
  if (saved.version !== current.version) {
    throw new RangeError(
      `fit: the checkpoint must be of version ${current.version}, got ${saved.version}. Write it again with this version of @proj/training.`,
    );
  }
  const what = { seed: 'seed', batchSize: 'batchSize', examples: 'number of examples' } as const;
  for (const key of ['seed', 'batchSize', 'examples'] as const) {
    if (saved[key] === current[key]) continue;
    throw new RangeError(
      `fit: to resume, ${what[key]} must be ${saved[key]} as in the checkpoint, got ${current[key]}. Start another run to change it.`,
    );
  }
}

/** A copy, with NaN where a metric that is not finite went through JSON as null. */
export function reviveHistory(history: readonly EpochReport[]): EpochReport[] {
  return history.map((epoch) => ({
    ...epoch,
    val: Object.fromEntries(Object.entries(epoch.val).map(([name, value]) => [name, value ?? Number.NaN])),
  }));
}
