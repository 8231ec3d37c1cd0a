import type { DataType } from '@tensorflow/tfjs-core';
import {
  initializers,
  input,
  type LayersModel,
  type layers,
  layers as makeLayer,
  model,
  type Sequential,
  type Shape,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';
import { registerLayers } from '../register.ts';
import { asJson, asList, asText, isJson, type Json, short } from './json.ts';
import { type Translation, translationFromKeras } from './translations.ts';
import { archivePaths, type KerasWeight, setWeights, type Translated } from './weights.ts';

/** Weights layer by layer, as older files have them: those of each layer in its order. */
export interface KerasLayerWeights {
  name: string;
  weights: readonly KerasWeight[];
}

/** A model of Keras: its configuration, with its weights by path (of an archive) or by layer (of a `.h5` file). */
export type KerasModel = { config: Json } & (
  | { weights: ReadonlyMap<string, KerasWeight> }
  | { layers: readonly KerasLayerWeights[] }
);

const MAX_LAYERS = 10_000;
const MODELS = ['Sequential', 'Functional', 'Model'];

/**
 * A tfjs model that computes what a model of Keras does: sequential or functional, also one inside of another, of the layers of
 * `translations.ts`. Takes what `readKeras` and `readKerasH5` of `@proj/io` give, of Keras 3 and, where they differ, of Keras 2. The
 * caller disposes it. Regularisers, constraints and what the model was compiled with stay behind; weights become float32. A mask
 * that an `Embedding` makes goes on by itself.
 *
 * @throws RangeError that names the layer if the model cannot be had here, or the weights are not its own.
 */
export function modelFromKeras(keras: KerasModel): LayersModel {
  registerLayers();
  const made: Made = { layers: new Map(), all: [], room: sizeOf(keras) };
  try {
    const result = build(keras.config, made, 0);
    if ('weights' in keras) setByPath(result, made, keras.weights);
    else setByLayer(result, keras.layers);
    return result;
  } catch (error) {
    for (const layer of made.all) for (const weight of layer.weights) weight.dispose();
    throw error;
  }
}

function setByPath(whole: LayersModel, made: Made, weights: ReadonlyMap<string, KerasWeight>): void {
  const parts = (inner: LayersModel) => made.layers.get(inner)!;
  const values = new Map<layers.Layer, (KerasWeight | undefined)[]>();
  for (const { path, layer } of archivePaths(parts(whole), parts)) {
    values.set(layer, [...(values.get(layer) ?? []), weights.get(path)]);
  }
  for (const [layer, found] of values) setWeights(layer, found);
}

function setByLayer(whole: LayersModel, saved: readonly KerasLayerWeights[]): void {
  const byName = new Map(saved.map(({ name, weights }) => [name, weights]));
  for (const layer of whole.layers) setWeights(layer, byName.get(layer.name) ?? []);
}

/** What is made on the way. */
interface Made {
  /** The layers of each model, in the order of Keras. */
  readonly layers: Map<LayersModel, Translated[]>;
  /** Every layer that has weights of its own. */
  readonly all: layers.Layer[];
  /** How many values of weights there may still be: as many as the file has. */
  room: number;
}

/** Values of all weights of a file. */
function sizeOf(keras: KerasModel): number {
  const weights = 'weights' in keras ? [...keras.weights.values()] : keras.layers.flatMap((layer) => layer.weights);
  return weights.reduce((sum, { data }) => sum + data.length, 0);
}

type AddWeight = (name: string, shape: number[], dtype: DataType, initializer: unknown, ...rest: unknown[]) => unknown;

/** Lets a layer have weights as long as the file may hold them, and spares the draw of those that it will get. */
function limitWeights(layer: layers.Layer, made: Made): void {
  const own = layer as unknown as { addWeight: AddWeight };
  const addWeight = own.addWeight.bind(layer);
  own.addWeight = (name, shape, dtype, _, ...rest) => {
    made.room -= shape.reduce((product, size) => product * size, 1);
    if (!(made.room >= 0)) {
      throw new RangeError(
        `modelFromKeras: the layer "${layer.name}" wants a weight of shape [${shape.join(', ')}], more than is left of those in the file. Its configuration and its weights are of two models.`,
      );
    }
    return addWeight(name, shape, dtype, initializers.zeros(), ...rest);
  };
}

function build(config: Json, made: Made, depth: number): LayersModel {
  const className = asText(config.class_name, 'class_name');
  if (!MODELS.includes(className)) {
    const registered =
      isJson(config) && typeof config.registered_name === 'string' ? ` (${config.registered_name})` : '';
    throw new RangeError(
      `modelFromKeras: expected a Sequential or a Functional model, got "${className}"${registered}. Read its weights alone, and give them to a model of yours.`,
    );
  }
  if (depth > 16) throw new RangeError('modelFromKeras: more than 16 models lie one in another. Flatten the model.');
  const inner = asJson(config.config, 'config');
  const entries = asList(inner.layers, 'layers');
  if (entries.length > MAX_LAYERS) {
    throw new RangeError(`modelFromKeras: expected at most ${MAX_LAYERS} layers, got ${entries.length}.`);
  }
  const configs = entries.map((entry) => asJson(entry, 'a layer'));
  return className === 'Sequential'
    ? buildSequential(inner, configs, made, depth)
    : buildFunctional(inner, configs, made, depth);
}

/** What tfjs finds wrong with a layer, as this package says it. */
function attempt<T>(name: unknown, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw new RangeError(
      `modelFromKeras: the layer ${short(name)} cannot be made: ${cause.slice(0, 300)}. Save the model again.`,
      { cause: error },
    );
  }
}

/** A layer or a model inside of another. */
function make(entry: Json, made: Made, depth: number): Translated {
  const className = asText(entry.class_name, 'class_name');
  const config = asJson(entry.config, `the configuration of a ${className}`);
  if (MODELS.includes(className)) return { layer: build(entry, made, depth + 1) };
  const translation: Translation = translationFromKeras(className, entry.registered_name);
  const layer = attempt(config.name, () => translation.make(config));
  made.all.push(layer);
  limitWeights(layer, made);
  return { layer, translation };
}

function buildSequential(inner: Json, entries: readonly Json[], made: Made, depth: number): Sequential {
  const [first, ...others] = entries;
  const hasInput = first?.class_name === 'InputLayer';
  const firstConfig = isJson(first?.config) ? first.config : {};
  const shape = firstConfig.batch_shape ?? firstConfig.batch_input_shape ?? inner.build_input_shape;
  if (!Array.isArray(shape)) {
    throw new RangeError(
      'modelFromKeras: expected a Sequential with the shape of its input, got none. Build the model before you save it.',
    );
  }
  const result = sequential(typeof inner.name === 'string' ? { name: inner.name } : {});
  const dtype = (firstConfig.dtype === 'int32' ? 'int32' : 'float32') as DataType;
  attempt('input', () => result.add(makeLayer.inputLayer({ batchInputShape: shape as Shape, dtype })));
  const translated = (hasInput ? others : entries).map((entry) => make(entry, made, depth));
  for (const { layer } of translated) attempt(layer.name, () => result.add(layer));
  made.layers.set(result, translated);
  return result;
}

/** A tensor of the graph: the layer, which of its calls, which output. */
interface Reference {
  readonly name: string;
  readonly node: number;
  readonly tensor: number;
}

/** A call of a layer. */
interface Call {
  readonly name: string;
  readonly node: number;
  readonly inputs: readonly Reference[];
}

function buildFunctional(inner: Json, entries: readonly Json[], made: Made, depth: number): LayersModel {
  const tensors = new Map<string, SymbolicTensor[]>();
  const byName = new Map<string, Translated>();
  const masks = new Set<string>();
  const calls: Call[] = [];
  const translated: Translated[] = [];
  for (const entry of entries) {
    const name = asText(entry.name, 'the name of a layer');
    const config = asJson(entry.config, `the configuration of "${name}"`);
    if (entry.class_name === 'NotEqual') {
      masks.add(name); // where an Embedding masks its zeros; tfjs does so by itself
      continue;
    }
    if (entry.class_name === 'InputLayer') {
      const shape = asList(config.batch_shape ?? config.batch_input_shape, `the shape of "${name}"`) as Shape;
      const dtype = (config.dtype === 'int32' ? 'int32' : 'float32') as DataType;
      tensors.set(`${name} 0`, [attempt(name, () => input({ batchShape: shape, dtype, name }))]);
      continue;
    }
    const one = make(entry, made, depth);
    if (one.layer.name !== name) one.layer.name = name;
    byName.set(name, one);
    translated.push(one);
    asList(entry.inbound_nodes, `the inputs of "${name}"`).forEach((node, i) => {
      calls.push({ name, node: i, inputs: inputsOf(node, masks, name) });
    });
  }
  // In Keras 2, a model inside of another has made a call of itself before: its first call here is number 1.
  const isKeras2 = entries.some((entry) => Array.isArray((entry.inbound_nodes as unknown[] | undefined)?.[0]));
  const counted = (reference: Reference): Reference =>
    isKeras2 && byName.get(reference.name)?.translation === undefined && byName.has(reference.name)
      ? { ...reference, node: reference.node - 1 }
      : reference;
  connect(
    calls.map((call) => ({ ...call, inputs: call.inputs.map(counted) })),
    byName,
    tensors,
  );
  const at = (value: unknown, what: string): SymbolicTensor[] =>
    references(value, what).map((one) => tensorAt(tensors, counted(one)));
  const inputs = at(inner.input_layers, 'input_layers');
  const outputs = at(inner.output_layers, 'output_layers');
  const named = typeof inner.name === 'string' ? { name: inner.name } : {};
  const result = attempt(inner.name, () => model({ inputs, outputs, ...named }));
  made.layers.set(result, translated);
  return result;
}

/** Makes each call once its inputs are there. */
function connect(
  calls: readonly Call[],
  byName: ReadonlyMap<string, Translated>,
  tensors: Map<string, SymbolicTensor[]>,
): void {
  const waiting = new Map<string, Call[]>();
  const ready: Call[] = [];
  const place = (call: Call): void => {
    const missing = call.inputs.find(({ name, node }) => !tensors.has(`${name} ${node}`));
    if (missing === undefined) {
      ready.push(call);
      return;
    }
    const key = `${missing.name} ${missing.node}`;
    waiting.set(key, [...(waiting.get(key) ?? []), call]);
  };
  for (const call of calls) place(call);
  for (const { name, node, inputs } of ready) {
    const given = inputs.map((reference) => tensorAt(tensors, reference));
    const { layer } = byName.get(name)!;
    const apply = () => layer.apply(given.length === 1 ? given[0]! : given) as SymbolicTensor | SymbolicTensor[];
    const output = attempt(name, apply);
    const key = `${name} ${node}`;
    tensors.set(key, Array.isArray(output) ? output : [output]);
    const released = waiting.get(key) ?? [];
    waiting.delete(key);
    for (const call of released) place(call);
  }
  const [stuck] = waiting.keys();
  if (stuck !== undefined) {
    throw new RangeError(
      `modelFromKeras: the inputs of ${short(waiting.get(stuck)![0]!.name)} are missing or go in a circle. Save the model again.`,
    );
  }
}

function tensorAt(tensors: ReadonlyMap<string, SymbolicTensor[]>, { name, node, tensor }: Reference): SymbolicTensor {
  const found = tensors.get(`${name} ${node}`)?.[tensor];
  if (found !== undefined) return found;
  throw new RangeError(
    `modelFromKeras: output ${tensor} of call ${node} of ${short(name)} does not exist. Save it again.`,
  );
}

/** Inputs of a call, as Keras 3 has them, or as Keras 2 and older. */
function inputsOf(node: unknown, masks: ReadonlySet<string>, name: string): Reference[] {
  if (!isJson(node)) {
    return asList(node, `a call of "${name}"`).map((entry) => reference(asList(entry, `an input of "${name}"`), name));
  }
  const found = tensorsIn(node.args, name);
  for (const [key, value] of Object.entries(isJson(node.kwargs) ? node.kwargs : {})) {
    if (value === null || key === 'training') continue;
    const given = tensorsIn(value, name);
    const isMask = key === 'mask' && given.every((one) => masks.has(one.name));
    if (key === 'initial_state') found.push(...given);
    else if (!isMask) {
      throw new RangeError(`modelFromKeras: the layer "${name}" is called with ${key}, which is not known here.`);
    }
  }
  return found;
}

/** All tensors of a value, in their order. */
function tensorsIn(value: unknown, name: string): Reference[] {
  if (Array.isArray(value)) return value.flatMap((one) => tensorsIn(one, name));
  if (!isJson(value)) {
    if (value === null || typeof value === 'boolean') return [];
    throw new RangeError(`modelFromKeras: the layer "${name}" is called with ${short(value)}, expected tensors alone.`);
  }
  const config = asJson(value.config, `a tensor of "${name}"`);
  return [reference(asList(config.keras_history, `a tensor of "${name}"`), name)];
}

function reference(entry: readonly unknown[], where: string): Reference {
  const [name, node, tensor] = entry;
  if (typeof name === 'string' && Number.isInteger(node) && Number.isInteger(tensor)) {
    return { name, node: node as number, tensor: tensor as number };
  }
  throw new RangeError(`modelFromKeras: expected [layer, call, output] in "${where}", got ${short(entry)}.`);
}

/** One [layer, call, output], or a list of them. */
function references(value: unknown, what: string): Reference[] {
  const list = asList(value, what);
  return typeof list[0] === 'string' ? [reference(list, what)] : list.map((one) => reference(asList(one, what), what));
}
