import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { input, type LayersModel, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import {
  CausalConv1d,
  Divide,
  GroupNormalization,
  Gru,
  Lstm,
  MaskedConv2d,
  Merge,
  MultiHeadAttention,
  RmsNorm,
} from '../index.ts';
import { golden } from './fixtures/golden.ts';
import { modelFromKeras } from './model-from-keras.ts';
import { modelToKeras, modelToKerasH5 } from './model-to-keras.ts';

type Flat = { shape: number[]; data: ArrayLike<number> };

function outputs(net: LayersModel, x: readonly Flat[]): tf.Tensor[] {
  const inputs = x.map(({ shape, data }, i) => tf.tensor(data as number[], shape, net.inputs[i]!.dtype));
  const y = net.predict(inputs.length === 1 ? inputs[0]! : inputs);
  return Array.isArray(y) ? y : [y];
}

/** The largest difference of outputs. */
function distance(net: LayersModel, x: readonly Flat[], y: readonly Flat[]): number {
  const found = outputs(net, x);
  expect(found.map(({ shape }) => shape)).toEqual(y.map(({ shape }) => shape));
  return Math.max(...found.flatMap((one, i) => [...one.dataSync()].map((v, k) => Math.abs(v - y[i]!.data[k]!))));
}

// Goldens: what Keras 3.15.1 computes, tooling/keras/fixtures.py.
describe.each(['pictures', 'texts', 'nested'] as const)('the model "%s" of Keras', (name) => {
  const { archive, h5, x, y } = golden(name);

  it('gives the same outputs here, from an archive and from a .h5 file', () => {
    expect(distance(modelFromKeras(archive), x, y)).toBeLessThan(1e-6);
    expect(distance(modelFromKeras(h5), x, y)).toBeLessThan(1e-6);
  });

  it('goes back as it came: the same weights under the same paths, the same layers', () => {
    const back = modelToKeras(modelFromKeras(archive));
    const paths = [...archive.weights.keys()].filter((path) => !path.includes('seed_generator'));
    expect([...back.weights.keys()].sort()).toEqual(paths.sort());
    for (const path of paths) expect(back.weights.get(path), path).toEqual(archive.weights.get(path));
    expect(classes(back.config)).toEqual(classes(archive.config));
    expect(distance(modelFromKeras({ ...back, config: throughJson(back.config) }), x, y)).toBeLessThan(1e-6);
  });

  it('goes to a .h5 file and back', () => {
    expect(distance(modelFromKeras(modelToKerasH5(modelFromKeras(archive))), x, y)).toBeLessThan(1e-6);
  });
});

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Names of classes, with those of models in models. */
const classes = ({ class_name: name, config }: Record<string, unknown>): unknown => {
  const { layers: inner } = config as { layers?: Record<string, unknown>[] };
  return inner === undefined ? name : [name, inner.filter((one) => one.class_name !== 'NotEqual').map(classes)];
};

it('layers of this package go as registered names', () => {
  const net = sequential({
    layers: [
      new Divide({ inputAxis: 1, outputAxis: 2, factor: 2, insert: true, inputShape: [4, 3] }),
      new RmsNorm({ epsilon: 0.1 }),
      new Merge({ leftAxis: 1, rightAxis: 2 }),
    ],
  });
  net.layers[1]!.setWeights([tf.tensor1d([1, 2, 3])]);
  const archive = modelToKeras(net);
  const saved = archive.config.config as { layers: Record<string, unknown>[] };
  expect(saved.layers.map((one) => one.registered_name)).toEqual([null, 'proj>Divide', 'proj>RmsNorm', 'proj>Merge']);
  expect(saved.layers[1]!.config).toMatchObject({ input_axis: 1, output_axis: 2, factor: 2, insert: true });
  expect([...archive.weights.keys()]).toEqual(['layers/rms_norm/vars/0']);
  const x = { shape: [1, 4, 3], data: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] };
  const y = outputs(net, [x]).map((one) => ({ shape: one.shape, data: one.dataSync() }));
  expect(distance(modelFromKeras(archive), [x], y)).toBe(0);
});

it('layers of this package keep their options, initialisers among them, and their weights', () => {
  const net = sequential({
    layers: [
      new MaskedConv2d({ filters: 4, kernelSize: [3, 5], maskType: 'A', useWeightNorm: true, inputShape: [4, 6, 2] }),
      new GroupNormalization({ groups: 2, epsilon: 0.1 }),
      new Merge({ leftAxis: 1, rightAxis: 2 }),
      new CausalConv1d({ filters: 3, kernelSize: 2, dilation: 2, shift: 1, kernelInitializer: 'heNormal' }),
      new MultiHeadAttention({ heads: 3, headSize: 2, outputSize: 5, causal: true }),
    ],
  });
  net.setWeights(net.weights.map(({ shape }, i) => tf.randomUniform(shape as number[], 0.1, 1, 'float32', i)));
  const archive = modelToKeras(net);
  const back = modelFromKeras({ ...archive, config: throughJson(archive.config) });
  const options = ({ layers: all }: LayersModel) =>
    throughJson(
      all.map((layer) => {
        const { batchInputShape: _, dtype: __, ...config } = layer.getConfig();
        return [layer.getClassName(), config];
      }),
    );
  expect(options(back).slice(1)).toEqual(options(net)); // after the layer of the input
  const x = { shape: [1, 4, 6, 2], data: Array.from({ length: 48 }, (_, i) => Math.sin(i)) };
  const y = outputs(net, [x]).map((one) => ({ shape: one.shape, data: one.dataSync() }));
  expect(distance(back, [x], y)).toBe(0);
});

it('reads the graph of Keras 2, whose calls are lists', () => {
  const { archive, x, y } = golden('nested');
  const config = throughJson(archive.config);
  type Call = { args: Tensors[]; kwargs: { initial_state?: Tensors } };
  type Tensors = { config: { keras_history: unknown[] } } | Tensors[];
  // The model "inner" is called once, which is call 1 there.
  const history = (value: Tensors): unknown[] => {
    if (Array.isArray(value)) return value.flatMap(history);
    const [name, node, tensor] = value.config.keras_history;
    return [[name, name === 'inner' ? 1 : node, tensor, {}]];
  };
  for (const layer of (config.config as { layers: { inbound_nodes: unknown[] }[] }).layers) {
    layer.inbound_nodes = (layer.inbound_nodes as Call[]).map(({ args, kwargs }) => [
      ...args.flatMap(history),
      ...(kwargs.initial_state ? history(kwargs.initial_state) : []),
    ]);
  }
  expect(distance(modelFromKeras({ ...archive, config }), x, y)).toBeLessThan(1e-6);
});

it('leaves nothing behind but the model', () => {
  const { archive } = golden('texts');
  modelFromKeras(archive).dispose();
  const before = tf.memory().numTensors;
  const net = modelFromKeras(archive);
  const weights = net.weights.length;
  modelToKeras(net);
  expect(tf.memory().numTensors).toBe(before + weights);
  const others = new Map([...archive.weights].map(([path, one]) => [`x${path}`, one]));
  expect(() => modelFromKeras({ ...archive, weights: others })).toThrow('has weights of shapes');
  const fewer = new Map([...archive.weights].slice(0, 5)); // some layers are made before the rest is refused
  expect(() => modelFromKeras({ ...archive, weights: fewer })).toThrow('more than is left');
  expect(tf.memory().numTensors).toBe(before + weights);
  net.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('any other value in a configuration is taken or refused by name', () => {
  const values = [null, -1, 0, 1.5, 1e12, 'x', '', [], {}, [1, 2, 3], true];
  const counts = { taken: 0, refused: 0 };
  for (const name of ['pictures', 'texts', 'nested'] as const) {
    const { archive } = golden(name);
    for (let run = 0; run < 400; run++) {
      const config = throughJson(archive.config);
      // Down a path that the run's number chooses, to a value that it chooses.
      let node: Record<string, unknown> = config;
      let left = run * 2654435761 + 1;
      const choose = (n: number) => {
        left = (left * 48271) % 2147483647;
        return left % n;
      };
      for (;;) {
        const keys = Object.keys(node);
        const key = keys[choose(keys.length)]!;
        const next = node[key];
        if (typeof next === 'object' && next !== null && Object.keys(next).length > 0 && choose(8) > 0) {
          node = next as Record<string, unknown>;
          continue;
        }
        node[key] = values[choose(values.length)];
        break;
      }
      try {
        modelFromKeras({ ...archive, config }).dispose();
        counts.taken++;
      } catch (error) {
        if (!(error instanceof RangeError)) throw new Error(`run ${run} of ${name}`, { cause: error });
        counts.refused++;
      }
    }
  }
  expect(counts.taken).toBeGreaterThan(50);
  expect(counts.refused).toBeGreaterThan(50);
});

describe('mistakes are named', () => {
  const dense = (config: object, extra: object = {}) => ({
    config: {
      class_name: 'Sequential',
      config: {
        build_input_shape: [null, 3],
        layers: [{ class_name: 'Dense', config: { name: 'd', units: 2, ...config }, ...extra }],
      },
    },
    weights: new Map(),
  });
  const chain = (inbound: unknown) => ({
    config: {
      class_name: 'Functional',
      config: {
        layers: [
          { class_name: 'InputLayer', name: 'x', config: { batch_shape: [null, 3] }, inbound_nodes: [] },
          { class_name: 'Dense', name: 'd', config: { name: 'd', units: 3 }, inbound_nodes: inbound },
        ],
        input_layers: [['x', 0, 0]],
        output_layers: [['d', 0, 0]],
      },
    },
    weights: new Map(),
  });
  it.each<[string, Parameters<typeof modelFromKeras>[0], string]>([
    [
      'a class of a program',
      { config: { class_name: 'Tokun', registered_name: 'models>Tokun' }, weights: new Map() },
      'got "Tokun" (models>Tokun)',
    ],
    [
      'an unknown layer',
      dense({}, { class_name: 'Einsum' }),
      'there is no layer "Einsum" here. Known are Activation, Add',
    ],
    [
      'an unknown activation',
      dense({ activation: 'hard_sigmoid' }),
      'the layer "d" (Dense) has the activation "hard_sigmoid"',
    ],
    ['no weights', dense({}), 'the layer "d" wants a weight of shape [3, 2], more than is left of those in the file'],
    ['a huge layer', dense({ units: 1e9 }), 'wants a weight of shape [3, 1000000000]'],
    [
      'weights of another shape',
      {
        ...dense({ use_bias: false }),
        weights: new Map([['layers/dense/vars/0', { shape: [2, 3], data: new Float32Array(6) }]]),
      },
      'has weights of shapes [3, 2], the file has [2, 3]',
    ],
    ['a circle', chain([[['d', 0, 0]]]), 'the inputs of "d" are missing or go in a circle'],
    ['a missing layer', chain([[['y', 0, 0]]]), 'the inputs of "d" are missing'],
    ['a missing output', chain([[['x', 0, 1]]]), 'output 1 of call 0 of "x" does not exist'],
    ['no list', chain(3), 'expected the inputs of "d" to be a list, got 3'],
    [
      'no shape',
      { config: { class_name: 'Sequential', config: { layers: [] } }, weights: new Map() },
      'with the shape of its input',
    ],
    [
      'groups',
      {
        config: {
          class_name: 'Sequential',
          config: {
            build_input_shape: [null, 4, 4, 2],
            layers: [{ class_name: 'Conv2D', config: { name: 'c', filters: 2, kernel_size: 3, groups: 2 } }],
          },
        },
        weights: new Map(),
      },
      'the layer "c" (Conv2D) has groups 2, this package has 1 or null alone',
    ],
    [
      'another activation of an LSTM',
      {
        config: {
          class_name: 'Sequential',
          config: {
            build_input_shape: [null, 4, 2],
            layers: [{ class_name: 'LSTM', config: { name: 'l', units: 2, recurrent_activation: 'hard_sigmoid' } }],
          },
        },
        weights: new Map(),
      },
      'the layer "l" (LSTM) has recurrent_activation "hard_sigmoid", this package has "sigmoid" or null alone',
    ],
  ])('%s', (_, keras, message) => {
    expect(() => modelFromKeras(keras)).toThrow(RangeError);
    expect(() => modelFromKeras(keras)).toThrow(message);
  });

  it('on the way to Keras too', () => {
    const of = (layer: layers.Layer) => () => modelToKeras(sequential({ layers: [layer] }));
    const inputShape = [4, 3];
    expect(of(new Lstm({ units: 2, seed: 1, layers: 2, name: 'l', inputShape }))).toThrow('"l" is a stack of 2');
    expect(of(layers.dense({ units: 2, activation: 'hardSigmoid', name: 'd', inputShape }))).toThrow(
      '"d" (Dense) has the activation "hardSigmoid"',
    );
    expect(of(layers.simpleRNN({ units: 2, recurrentInitializer: 'zeros', name: 'r', inputShape }))).toThrow(
      'the layer "r" is a SimpleRNN',
    );
    const torch = new Gru({
      units: 2,
      seed: 1,
      convention: 'torch',
      goBackwards: true,
      returnSequences: true,
      name: 'g',
      inputShape,
    });
    expect(of(torch)).toThrow('"g" gives its outputs in the order of PyTorch');
    const [x, mask] = [input({ shape: [4, 3] }), input({ shape: [4] })];
    const masked = new Gru({ units: 2, seed: 1, usePaddingMask: true, name: 'm' });
    const net = model({ inputs: [x, mask], outputs: masked.apply([x, mask]) as SymbolicTensor });
    expect(() => modelToKeras(net)).toThrow('"m" takes its mask as an input');
  });
});
