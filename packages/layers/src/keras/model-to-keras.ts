import { LayersModel, type layers, type Shape, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { SequenceLayer } from '../recurrent/sequence-layer.ts';
import { registerLayers } from '../register.ts';
import type { Json } from './json.ts';
import { translationOf } from './translations.ts';
import { archivePaths, type KerasWeight, readWeight, type Translated } from './weights.ts';

/** The version of Keras whose form these configurations have. */
const VERSION = '3.8.0';

/** What `writeKeras` of `@proj/io` takes. */
export interface KerasArchive {
  metadata: Record<string, unknown>;
  config: Json;
  weights: Map<string, KerasWeight>;
}

/** What `writeKerasH5` of `@proj/io` takes for a whole model. */
export interface KerasModelH5 {
  form: 'layers';
  metadata: Record<string, string>;
  config: Json;
  layers: { name: string; weights: (KerasWeight & { name: string })[] }[];
}

/**
 * A tfjs model, sequential or functional, as a Keras 3 archive: the same outputs there. Layers of this package that Keras has not
 * stand in it under registered names, `proj>NAME`, for which a Python program must register a class of its own. The optimiser
 * stays behind. The arrays are copies.
 *
 * @throws RangeError that names the layer if Keras cannot have it.
 */
export function modelToKeras(model: LayersModel): KerasArchive {
  registerLayers();
  const weights = new Map<string, KerasWeight>();
  for (const { path, layer, index } of archivePaths(translatedLayers(model), translatedLayers)) {
    weights.set(path, readWeight(layer.weights[index]!, layer.getWeights()[index]!));
  }
  return { metadata: { keras_version: VERSION, date_saved: '1980-01-01@00:00:00' }, config: configOf(model), weights };
}

/** The same for a `.h5` file of a whole model. @throws RangeError that names the layer if Keras cannot have it. */
export function modelToKerasH5(model: LayersModel): KerasModelH5 {
  const { config } = modelToKeras(model);
  const saved = model.layers.map((layer) => {
    const weights = layer.getWeights().map((tensor, i) => {
      const { name, shape } = layer.weights[i]!;
      return { name: `${layer.name}/${i}/${name.split('/').at(-1)}`, ...readWeight({ shape }, tensor) };
    });
    return { name: layer.name, weights };
  });
  return { form: 'layers', metadata: { keras_version: VERSION }, config, layers: saved };
}

function translatedLayers(model: LayersModel): Translated[] {
  return model.layers.map((layer) =>
    layer instanceof LayersModel || isInput(layer) ? { layer } : { layer, translation: translationOf(layer) },
  );
}

const isInput = (layer: layers.Layer): boolean => layer.getClassName() === 'InputLayer';
const isRecurrent = (layer: layers.Layer): boolean => layer instanceof SequenceLayer;
const isSequential = (layer: layers.Layer): boolean => layer.getClassName() === 'Sequential';

function configOf(model: LayersModel): Json {
  if (!isSequential(model)) {
    return {
      module: 'keras.src.models.functional',
      class_name: 'Functional',
      config: functionalConfig(model),
      registered_name: 'Functional',
      build_config: { input_shape: null },
    };
  }
  const shape = model.inputs[0]!.shape;
  const config = {
    name: model.name,
    trainable: true,
    dtype: 'float32',
    layers: [
      inputConfig('input_layer', model.inputs[0]!),
      ...model.layers.filter((layer) => !isInput(layer)).map(layerConfig),
    ],
    build_input_shape: shape,
  };
  return {
    module: 'keras',
    class_name: 'Sequential',
    config,
    registered_name: null,
    build_config: { input_shape: shape },
  };
}

const inputConfig = (name: string, { shape, dtype }: SymbolicTensor): Json => ({
  module: 'keras.layers',
  class_name: 'InputLayer',
  config: { batch_shape: shape, dtype, sparse: false, ragged: false, name },
  registered_name: null,
});

function layerConfig(layer: layers.Layer): Json {
  if (layer instanceof LayersModel) return configOf(layer);
  if (isInput(layer)) return inputConfig(layer.name, layer.output as SymbolicTensor);
  const { keras, module, registeredName = null, config } = translationOf(layer);
  return {
    module,
    class_name: keras,
    config: { name: layer.name, trainable: layer.trainable, dtype: 'float32', ...config(layer) },
    registered_name: registeredName,
  };
}

/** [layer, call, output], as tfjs and Keras both name tensors of a graph. */
type Reference = [name: string, node: number, tensor: number, ...unknown[]];

function functionalConfig(model: LayersModel): Json {
  const {
    layers: entries,
    inputLayers,
    outputLayers,
  } = model.getConfig() as unknown as {
    layers: { name: string; inboundNodes: Reference[][] }[];
    inputLayers: Reference[];
    outputLayers: Reference[];
  };
  const byName = new Map(model.layers.map((layer) => [layer.name, layer]));
  // In tfjs, as in Keras 2, a model inside of another has made a call of itself before.
  const history = ([name, node, index]: Reference): [string, number, number] => [
    name,
    byName.get(name) instanceof LayersModel ? node - 1 : node,
    index,
  ];
  const tensor = (reference: Reference): Json => {
    const [name, node, index] = history(reference);
    const { shape, dtype } = callsIn(model, byName.get(name)!)[node]![index]!;
    return { class_name: '__keras_tensor__', config: { shape, dtype, keras_history: [name, node, index] } };
  };
  return {
    name: model.name,
    trainable: true,
    layers: entries.map(({ name, inboundNodes }, i) => ({
      ...layerConfig(model.layers[i]!),
      name,
      inbound_nodes: inboundNodes.map((inputs) => {
        const tensors = inputs.map(tensor);
        if (tensors.length === 1) return { args: tensors, kwargs: {} };
        const [first, ...states] = tensors;
        if (isRecurrent(model.layers[i]!)) return { args: [first], kwargs: { initial_state: states } };
        return { args: [tensors], kwargs: {} };
      }),
    })),
    input_layers: inputLayers.map(history),
    output_layers: outputLayers.map(history),
  };
}

/** Outputs of each call of a layer that belongs to the model; it may be part of others too. */
function callsIn(model: LayersModel, layer: layers.Layer): { shape: Shape; dtype: string }[][] {
  const { containerNodes } = model as unknown as { containerNodes: Set<string> };
  return layer.inboundNodes
    .filter((_, i) => containerNodes.has(`${layer.name}_ib-${i}`))
    .map(({ outputTensors }) => outputTensors);
}
