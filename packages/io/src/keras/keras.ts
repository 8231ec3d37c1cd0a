import { DataError } from '../data-error.ts';
import { readHdf5 } from '../hdf5/read-hdf5.ts';
import { findInHdf5, type Hdf5Dataset, type Hdf5Group, type Hdf5Value } from '../hdf5/tree.ts';
import { hdf5Group, setInHdf5, writeHdf5 } from '../hdf5/write-hdf5.ts';
import type { NumericArray } from '../internal/numeric-array.ts';
import { looksLike } from '../internal/signature.ts';
import { writeZip, ZipArchive } from './zip.ts';

/** A weight of a Keras model, row-major. */
export interface KerasWeight {
  shape: number[];
  data: NumericArray;
}

/** JSON: of a model its class, its configuration and that of its layers. */
export type KerasConfig = Record<string, unknown>;

/** A model as Keras 3 keeps it. */
export interface KerasArchive {
  /** Of Keras: its version, and when the file was saved. */
  metadata: Record<string, unknown>;
  config: KerasConfig;
  /** By path, such as `layers/dense/vars/0`. */
  weights: Map<string, KerasWeight>;
}

/** The weights of one layer as older files keep them: in the order of `layer.weights`, with their names there. */
export interface KerasLayerWeights {
  name: string;
  weights: (KerasWeight & { name: string })[];
}

/**
 * What a `.h5` file of Keras holds: weights by path as in an archive, or layer by layer, and then maybe the whole model. `metadata`
 * are the other texts that stand in it, such as `keras_version` and `backend`.
 */
export type KerasH5 =
  | { form: 'paths'; weights: Map<string, KerasWeight> }
  | { form: 'layers'; layers: KerasLayerWeights[]; config?: KerasConfig; metadata: Record<string, string> };

/** Options of the readers. */
export interface ReadKerasOptions {
  /** Names the file in errors. */
  name?: string;
  /** Of all weights together; the larger of 64 MiB and 64 times the file if omitted. */
  maxBytes?: number;
}

const WEIGHTS = 'model.weights.h5';

const limit = (bytes: Uint8Array, { maxBytes }: ReadKerasOptions): number =>
  maxBytes ?? Math.max(2 ** 26, 64 * bytes.length);

/**
 * Reads a `.keras` archive as Keras 3 saves it, without the state of the optimiser. The arrays are copies, so `bytes` may
 * be reused. A damaged or hostile archive ends in an error, in memory within `maxBytes`.
 *
 * @throws DataError that names the first fault.
 */
export function readKeras(bytes: Uint8Array, options: ReadKerasOptions = {}): KerasArchive {
  const name = options.name ?? 'Keras archive';
  const maxBytes = limit(bytes, options);
  const zip = new ZipArchive(bytes, name, maxBytes);
  const config = parseJson(zip.read('config.json'), `${name}: config.json`);
  const metadata = parseJson(zip.read('metadata.json'), `${name}: metadata.json`);
  if (!zip.names.includes(WEIGHTS) && zip.names.some((member) => /^model\.weights/.test(member))) {
    const names = zip.names.join(', ').slice(0, 200);
    throw new DataError(`${name}: expected its weights in ${WEIGHTS}, found ${names}. Save it again, in one piece.`);
  }
  const file = zip.read(WEIGHTS);
  const filter = (path: string) => !path.startsWith('optimizer');
  const where = `${name}: ${WEIGHTS}`;
  const root = readHdf5(file, { name: where, filter, maxBytes });
  return { metadata, config, weights: weightsByPath(root, where) };
}

/**
 * Writes a `.keras` archive that `keras.models.load_model` of Keras 3 opens. Same archive, same bytes.
 *
 * @throws RangeError if a shape does not fit its values.
 */
export function writeKeras({ metadata, config, weights }: KerasArchive): Uint8Array {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return writeZip({
    'metadata.json': json(metadata),
    'config.json': json(config),
    [WEIGHTS]: writeHdf5(treeOf(weights)),
  });
}

/**
 * Reads a `.h5` file of Keras: weights alone (of Keras 3, `.weights.h5`, or of older ones), or a whole model as
 * `model.save('model.h5')` writes it, without the state of the optimiser.
 *
 * @throws DataError that names the first fault.
 */
export function readKerasH5(bytes: Uint8Array, options: ReadKerasOptions = {}): KerasH5 {
  const name = options.name ?? 'Keras weights';
  if (looksLike(bytes).startsWith('a zip')) {
    throw new DataError(`${name}: expected an HDF5 file, got a zip archive. Read it as a .keras archive.`);
  }
  const filter = (path: string) => !path.startsWith('optimizer');
  const root = readHdf5(bytes, { name, filter, maxBytes: limit(bytes, options) });
  const whole = root.members.get('model_weights');
  const group = whole?.kind === 'group' ? whole : root;
  const layerNames = strings(group, 'layer_names');
  if (layerNames === undefined) return { form: 'paths', weights: weightsByPath(root, name) };
  const configText = strings(root, 'model_config')?.[0];
  const once = onlyOnce(name);
  return {
    form: 'layers',
    layers: layerNames.map((layer) => readLayer(group, layer, name, once)),
    metadata: textsOf(root),
    ...(configText === undefined
      ? {}
      : { config: parseJson(new TextEncoder().encode(configText), `${name}: model_config`) }),
  };
}

/**
 * Writes a `.h5` file that Keras 3 opens: by paths for `model.load_weights` (name it `.weights.h5`); by layers, with
 * `config`, for `keras.models.load_model`. Same input, same bytes.
 *
 * @throws RangeError if a shape does not fit its values, or a name occurs twice.
 */
export function writeKerasH5(file: KerasH5): Uint8Array {
  if (file.form === 'paths') return writeHdf5(treeOf(file.weights));
  const texts = { backend: 'tensorflow', keras_version: '3.0.0', ...file.metadata };
  const root = hdf5Group(file.config === undefined ? {} : { ...texts, model_config: JSON.stringify(file.config) });
  const names = file.layers.map(({ name }) => name);
  const { backend, keras_version } = texts;
  const versions = file.config === undefined ? texts : { backend, keras_version };
  const group = hdf5Group({ ...versions, layer_names: { shape: [names.length], data: names } });
  for (const { name, weights } of file.layers) {
    const weightNames = weights.map((weight) => weight.name);
    const twice = weightNames.find((weight, i) => weightNames.indexOf(weight) !== i);
    if (twice !== undefined || group.members.has(name)) {
      throw new RangeError(`writeKerasH5: the name "${twice ?? name}" occurs twice. Rename one of them.`);
    }
    const layer = hdf5Group({ weight_names: { shape: [weights.length], data: weightNames } });
    for (const weight of weights) setInHdf5(layer, weight.name, weight);
    group.members.set(name, layer);
  }
  if (file.config === undefined) return writeHdf5({ ...group, kind: 'group' });
  root.members.set('model_weights', group);
  return writeHdf5(root);
}

function treeOf(weights: ReadonlyMap<string, KerasWeight>): Hdf5Group {
  const root = hdf5Group();
  for (const [path, weight] of weights) setInHdf5(root, path, weight);
  return root;
}

/** @throws DataError if something has two names, as Keras gives nothing: a few bytes can have any number of paths so. */
function weightsByPath(root: Hdf5Group, name: string): Map<string, KerasWeight> {
  const once = onlyOnce(name);
  const weights = new Map<string, KerasWeight>();
  const visit = (node: Hdf5Group | Hdf5Dataset, path: string): void => {
    once(node, path);
    if (node.kind === 'dataset') {
      const weight = weightOf(node);
      if (weight !== undefined) weights.set(path, weight);
      return;
    }
    for (const [own, member] of node.members) visit(member, path === '' ? own : `${path}/${own}`);
  };
  visit(root, '');
  return weights;
}

/** Refuses what it has been given before. */
function onlyOnce(name: string): (node: Hdf5Group | Hdf5Dataset, path: string) => void {
  const seen = new Set<Hdf5Group | Hdf5Dataset>();
  return (node, path) => {
    if (seen.has(node))
      throw new DataError(`${name}: "${path}" has another name too, expected one. Save the model again.`);
    seen.add(node);
  };
}

function weightOf({ shape, data }: Hdf5Value): KerasWeight | undefined {
  return Array.isArray(data) ? undefined : { shape, data };
}

function readLayer(
  group: Hdf5Group,
  layer: string,
  name: string,
  once: ReturnType<typeof onlyOnce>,
): KerasLayerWeights {
  const found = group.members.get(layer) ?? findInHdf5(group, layer);
  if (found?.kind !== 'group') {
    throw new DataError(`${name}: expected weights of the layer "${layer}", found none. Save the model again.`);
  }
  once(found, layer);
  const weights = (strings(found, 'weight_names') ?? []).map((path) => {
    const dataset = findInHdf5(found, path);
    const weight = dataset?.kind === 'dataset' ? weightOf(dataset) : undefined;
    if (weight === undefined) {
      throw new DataError(`${name}: expected the weight "${path}" of the layer "${layer}", found none. Save it again.`);
    }
    once(dataset!, `${layer}/${path}`);
    return { name: path, ...weight };
  });
  return { name: layer, weights };
}

const OWN_ATTRIBUTES = ['model_config', 'training_config'];

/** What else the file says of itself: texts, such as `keras_version` and `backend`. */
function textsOf({ attributes }: Hdf5Group): Record<string, string> {
  return Object.fromEntries(
    [...attributes].flatMap(([name, { shape, data }]) =>
      shape.length === 0 && typeof data[0] === 'string' && !OWN_ATTRIBUTES.includes(name) ? [[name, data[0]]] : [],
    ),
  );
}

/** An attribute of strings; a long one is cut into several that are counted. */
function strings(group: Hdf5Group, name: string): string[] | undefined {
  const whole = group.attributes.get(name);
  if (whole !== undefined) return Array.isArray(whole.data) ? whole.data : []; // an empty list has no type
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = group.attributes.get(`${name}${i}`)?.data;
    if (!Array.isArray(part)) return i === 0 ? undefined : parts;
    parts.push(...part);
  }
}

function parseJson(bytes: Uint8Array, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new DataError(`${what} is not JSON (${cause.slice(0, 200)}). Save the model again.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new DataError(
    `${what}: expected a JSON object, got ${JSON.stringify(value).slice(0, 60)}. Save the model again.`,
  );
}
