import { type KerasWeight, readKeras, readKerasH5, readSafetensors } from '@proj/io';
import { type KerasModel, modelFromKeras } from '@proj/layers/keras';
import type { readWeights } from '@proj/training';
import { UsageError } from '../errors.ts';
import { modelSpec, modelSpecs } from '../models/index.ts';
import type { ForeignModel } from '../models/spec.ts';
import { createSession } from '../session.ts';
import { parseRunInfo, RUN_INFO, type RunInfo } from './run-info.ts';

type HostTensors = Awaited<ReturnType<typeof readWeights>>;

/** What a file holds, whatever its form. */
export type ImportedFile = {
  /** What it says of its run, if it was exported here. */
  readonly info: RunInfo | undefined;
} & ({ readonly tensors: HostTensors } | { readonly keras: KerasModel });

/** Reads a file of weights, told by its first bytes. @throws DataError or UsageError that names the first fault. */
export function readExchangeFile(bytes: Uint8Array, name: string): ImportedFile {
  const infoOf = (value: unknown) => (typeof value === 'string' ? parseRunInfo(value, name) : undefined);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    const { metadata, config, weights } = readKeras(bytes, { name });
    return { info: infoOf(metadata[RUN_INFO]), keras: { config, weights } };
  }
  if (bytes[0] === 0x89) {
    const file = readKerasH5(bytes, { name });
    if (file.form === 'layers' && file.config !== undefined) {
      return { info: infoOf(file.metadata[RUN_INFO]), keras: { config: file.config, layers: file.layers } };
    }
    throw new UsageError(`${name} holds weights without their model. Give a .keras file, or a .h5 of model.save().`);
  }
  const { tensors, metadata } = readSafetensors(bytes, { name });
  const floats = Object.entries(tensors).map(([key, { dtype, shape, data }]) => {
    if (data instanceof Float32Array) return [key, { shape, data }] as const;
    throw new UsageError(`${name}: expected weights of float32, got ${dtype} for "${key}". Convert them.`);
  });
  return { info: infoOf(metadata[RUN_INFO]), tensors: Object.fromEntries(floats) };
}

/** A model of another program that one of ours knows by its form. */
export function foreignModel(file: ImportedFile): { model: string; foreign: ForeignModel } | undefined {
  if (!('keras' in file) || !('weights' in file.keras)) return undefined;
  const { config, weights } = file.keras;
  for (const { name, fromKeras } of modelSpecs) {
    const foreign = fromKeras?.({ config, weights: weights as ReadonlyMap<string, KerasWeight> as never });
    if (foreign !== undefined) return { model: name, foreign };
  }
  return undefined;
}

/** Weights by the names of the run's model. @throws UsageError if the file is of another model. */
export async function weightsFor(file: ImportedFile, { config, assets }: RunInfo, name: string): Promise<HostTensors> {
  if ('tensors' in file) return file.tensors;
  const spec = modelSpec(config.model);
  if (spec.network === undefined) {
    throw new UsageError(`${name} is a model of Keras, which a ${config.model} cannot be. Give it as safetensors.`);
  }
  const { model } = createSession(config, assets);
  try {
    const { net, weights } = spec.network(config.set, model);
    const given = fromKeras(file.keras, name);
    try {
      const shapes = (of: typeof net) => of.weights.map(({ shape }) => `[${shape}]`).join(' ');
      if (shapes(given) !== shapes(net)) {
        throw new UsageError(
          `${name}: expected the weights of this ${config.model}, ${shapes(net)}, got ${shapes(given)}. Name another run with --like.`,
        );
      }
      const values = given.getWeights();
      return Object.fromEntries(
        weights.map((key, i) => [key, { shape: values[i]!.shape, data: values[i]!.dataSync() as Float32Array }]),
      );
    } finally {
      given.dispose();
      net.dispose();
    }
  } finally {
    model.dispose();
  }
}

/** @throws UsageError if it has layers that are not known here. */
function fromKeras(keras: KerasModel, name: string) {
  try {
    return modelFromKeras(keras);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${name}: ${error.message}`) : error;
  }
}
