import { writeKeras, writeKerasH5, writeProjectorMetadata, writeProjectorTensors, writeSafetensors } from '@proj/io';
import { modelToKeras, modelToKerasH5 } from '@proj/layers/keras';
import { readWeights } from '@proj/training';
import { io as tfIo } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { UsageError } from '../errors.ts';
import { modelSpecs } from '../models/index.ts';
import type { ModelSpec, Settings } from '../models/spec.ts';
import { projectorFiles } from '../projector.ts';
import type { Session } from '../session.ts';
import type { Model } from '../tasks/task.ts';
import { RUN_INFO, type RunInfo, runInfoText } from './run-info.ts';

export const formats = ['keras', 'h5', 'tfjs', 'safetensors', 'tsv'] as const;
export type Format = (typeof formats)[number];

/** What an export is made of: one file, or several for a folder; and how many weights or, of tsv, vectors are in it. */
export type Exported = { readonly count: number } & (
  | { readonly file: Uint8Array }
  | { readonly files: Readonly<Record<string, Uint8Array>> }
);

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/**
 * A trained model in another program's form; `text` is what a model of bytes makes vectors of, for tsv.
 *
 * @throws UsageError if it has no such form, with the models that do.
 */
export async function exportRun(
  session: Session,
  info: RunInfo,
  format: Format,
  readText: () => string,
): Promise<Exported> {
  const note = { [RUN_INFO]: runInfoText(info) };
  if (format === 'safetensors') {
    const tensors = await readWeights(session.model.weights);
    const metadata = { format: 'pt', model: session.spec.name, ...note };
    return { count: Object.keys(tensors).length, file: writeSafetensors(tensors, metadata) };
  }
  if (format === 'tsv') return projectorExport(session, readText);
  const net = filledNetwork(session, info.config.set, format);
  const count = net.weights.length;
  try {
    if (format === 'tfjs') return { count, files: await tfjsFiles(net) };
    if (format === 'keras') {
      const archive = modelToKeras(net);
      return { count, file: writeKeras({ ...archive, metadata: { ...archive.metadata, ...note } }) };
    }
    const file = modelToKerasH5(net);
    return { count, file: writeKerasH5({ ...file, metadata: { ...file.metadata, ...note } }) };
  } finally {
    net.dispose();
  }
}

/** The model as layers, with its weights; the caller disposes it. */
function filledNetwork({ spec, model }: Session, set: Settings, format: Format): LayersModel {
  if (spec.network === undefined) throw noForm(spec, format, ({ network }) => network !== undefined);
  const { net, weights } = spec.network(set, model);
  const left = Object.keys(model.weights).find((name) => !weights.includes(name));
  if (left !== undefined) {
    net.dispose();
    throw new UsageError(
      `--to ${format}: the weights "${left}" of this ${spec.name} have no place in layers of Keras. Use --to safetensors, which takes every model.`,
    );
  }
  net.setWeights(weights.map((name) => model.weights[name]!));
  return net;
}

function noForm({ name }: ModelSpec, format: Format, has: (spec: ModelSpec) => boolean): UsageError {
  const takers = modelSpecs.filter(has).map((spec) => spec.name);
  return new UsageError(
    `--to ${format} is for ${takers.join(', ')}; this run is of ${name}. Use --to safetensors, which takes every model.`,
  );
}

/** `tensors.tsv`, `metadata.tsv`, and the file by which TensorBoard finds both in its --logdir. */
async function projectorExport({ spec, model }: Session, readText: () => string): Promise<Exported> {
  const config = `embeddings {\n  tensor_name: "${spec.name}"\n  tensor_path: "tensors.tsv"\n  metadata_path: "metadata.tsv"\n}\n`;
  const { count, tensors, metadata } = await projectorTables(spec, model, readText);
  const files = {
    'tensors.tsv': text(tensors),
    'metadata.tsv': text(metadata),
    'projector_config.pbtxt': text(config),
  };
  return { count, files };
}

async function projectorTables(spec: ModelSpec, model: Model, readText: () => string) {
  if (spec.vectors !== undefined) {
    const { shape, data, labels } = spec.vectors(model);
    const tensors = writeProjectorTensors({ shape, data });
    return { count: labels.length, tensors, metadata: writeProjectorMetadata(labels) };
  }
  if (spec.task.codec !== undefined) {
    const tables = await projectorFiles(spec.task.codec(model), readText());
    return { count: tables.metadata.split('\n').length - 1, ...tables };
  }
  throw noForm(spec, 'tsv', ({ vectors, task }) => vectors !== undefined || task.codec !== undefined);
}

/** `model.json` and its weights, for `tf.loadLayersModel`. */
async function tfjsFiles(net: LayersModel): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  await net.save(
    tfIo.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy }) => {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      files['model.json'] = text(JSON.stringify({ format, generatedBy, convertedBy, modelTopology, weightsManifest }));
      files['weights.bin'] = new Uint8Array(tfIo.CompositeArrayBuffer.join(weightData));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return files;
}
