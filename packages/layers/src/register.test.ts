import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { savedAndLoaded } from './fixtures/saved.ts';
import * as our from './index.ts';

type Case = [layer: () => layers.Layer, ...shapes: number[][]];

const IMAGE = [4, 6, 4];

// Every layer of this package, with options that are not the usual ones, and the shapes of its inputs without the batch.
const CASES: Record<string, Case> = {
  AdaptiveGroupNormalization: [() => new our.AdaptiveGroupNormalization({ groups: 2, epsilon: 0.1 }), IMAGE, [3]],
  Bidirectional: [
    () =>
      new our.Bidirectional({
        layer: new our.Gru({ units: 3, seed: 1, layers: 2, returnSequences: true, resetAfter: false }),
        mergeMode: 'ave',
      }),
    [5, 2],
    ...[[3], [3], [3], [3]],
  ],
  CausalConv1d: [
    () =>
      new our.CausalConv1d({
        filters: 3,
        kernelSize: 2,
        dilation: 2,
        shift: 1,
        useWeightNorm: true,
        activation: 'relu',
      }),
    [5, 2],
  ],
  Divide: [() => new our.Divide({ inputAxis: 1, outputAxis: 2, factor: 2, insert: true }), [4, 3]],
  DotAttention: [() => new our.DotAttention({ scale: 0.3, causal: true, usePaddingMask: true }), [5, 3], [5]],
  GatedResidualBlock: [
    () =>
      new our.GatedResidualBlock({
        direction: 'down-right',
        activation: 'concatElu',
        useWeightNorm: true,
        dropout: 0.3,
        seed: 0,
      }),
    IMAGE,
    [4, 6, 3],
  ],
  GraphConvolution: [() => new our.GraphConvolution({ units: 2, activation: 'tanh', useBias: true }), [5, 3], [5, 5]],
  GroupNormalization: [() => new our.GroupNormalization({ groups: 2, epsilon: 0.1 }), IMAGE],
  Gru: [
    () =>
      new our.Gru({
        units: 3,
        seed: 1,
        returnSequences: true,
        goBackwards: true,
        convention: 'torch',
        usePaddingMask: true,
        kernelInitializer: 'heNormal',
      }),
    [5, 2],
    [5],
  ],
  Lstm: [
    () => new our.Lstm({ units: 3, seed: 1, layers: 2, useBias: false, unitForgetBias: false, goBackwards: true }),
    [5, 2],
    ...[[3], [3], [3], [3]],
  ],
  MaskedConv2d: [
    () => new our.MaskedConv2d({ filters: 6, kernelSize: [3, 5], maskType: 'A', colours: 2, useWeightNorm: true }),
    IMAGE,
  ],
  Merge: [() => new our.Merge({ leftAxis: 1, rightAxis: -1, left: false }), IMAGE],
  MultiHeadAttention: [
    () =>
      new our.MultiHeadAttention({ heads: 3, headSize: 2, valueSize: 4, outputSize: 5, causal: true, useBias: false }),
    [5, 4],
    [5, 3],
  ],
  PositionalEmbedding: [() => new our.PositionalEmbedding({ maxLength: 7 }), [5, 3]],
  ResidualBlock: [
    () => new our.ResidualBlock({ masked: true, hidden: 2, kernelSize: [1, 3], colours: 2, activation: 'tanh' }),
    IMAGE,
  ],
  RmsNorm: [() => new our.RmsNorm({ epsilon: 0.1 }), [5, 3]],
  Sampling: [() => new our.Sampling({ seed: 3 }), [4], [4]],
  ShiftedConv2d: [
    () => new our.ShiftedConv2d({ filters: 3, kernelSize: [2, 3], direction: 'down', strides: 2, shift: [1, 0] }),
    IMAGE,
  ],
  ShiftedConv2dTranspose: [
    () =>
      new our.ShiftedConv2dTranspose({
        filters: 3,
        kernelSize: 2,
        direction: 'down-right',
        strides: [2, 1],
        useWeightNorm: true,
      }),
    IMAGE,
  ],
  SinusoidalPositions: [() => new our.SinusoidalPositions(), [5, 3]],
  VectorQuantizer: [
    () => new our.VectorQuantizer({ codes: 5, commitment: 0.5, useMovingAverage: true, decay: 0.9, restartBelow: 0.1 }),
    [5, 3],
  ],
};

const BATCH = 2;
const numbers = (shapes: number[][], seed: number) =>
  shapes.map((shape, i) => tf.randomUniform([BATCH, ...shape], 0.1, 1, 'float32', seed + i));

function modelOf([make, ...shapes]: Case) {
  const layer = make();
  const inputs = shapes.map((shape) => input({ shape }));
  // Under the layer a dense one, which learns through it.
  const below = layers.dense({ units: shapes[0]!.at(-1)!, kernelInitializer: 'glorotUniform' });
  const first = below.apply(inputs[0]!) as SymbolicTensor;
  const outputs = layer.apply(shapes.length === 1 ? first : [first, ...inputs.slice(1)]) as SymbolicTensor;
  return { layer, below, outputs, net: model({ inputs, outputs }), x: numbers(shapes, 1) };
}

/** Options of all layers; what is not given is undefined before saving, null after it. */
const configs = ({ layers: all }: LayersModel): unknown =>
  JSON.parse(
    JSON.stringify(
      all.map((one) => one.getConfig()),
      (_, value: unknown) => value ?? undefined,
    ),
  );

it('these are all layers that the package exports', () => {
  const exported = Object.values(our).filter((value) => typeof value === 'function' && 'className' in value);
  expect(exported.map((value) => value.name).sort()).toEqual(Object.keys(CASES).sort());
  // Saved under their names, but for the one that tfjs has taken.
  for (const { name, className } of exported as { name: string; className?: string }[])
    expect(className).toBe(name === 'Bidirectional' ? 'BidirectionalRecurrent' : name);
});

it('no name of them is one of tfjs: a model with its layers loads as ever', () => {
  const known = () => tf.serialization.SerializationMap.getMap().classNameMap;
  const before = { ...known() };
  expect(before).toHaveProperty('LSTM');
  our.registerLayers();
  expect(Object.keys(before).filter((name) => known()[name] !== before[name])).toEqual([]);
  expect(Object.keys(known()).length).toBe(Object.keys(before).length + Object.keys(CASES).length);
});

describe.each(Object.entries(CASES))('%s', (_, example) => {
  it('saves and loads: the same outputs, the same options', async () => {
    const { net, layer, x } = modelOf(example);
    // Weights that no initialiser would make again.
    layer.setWeights(layer.getWeights().map((w, i) => tf.randomUniform(w.shape, 0.1, 1, 'float32', 10 + i)));
    const loaded = await savedAndLoaded(net);
    expect((loaded.predict(x) as tf.Tensor).arraySync()).toEqual((net.predict(x) as tf.Tensor).arraySync());
    expect(configs(loaded)).toEqual(configs(net));
  });

  it('says the shape of its output before it has one', () => {
    const { net, outputs, x } = modelOf(example);
    const y = net.predict(x) as tf.Tensor;
    expect(y.shape.slice(1)).toEqual(outputs.shape.slice(1));
    expect(y.shape[0]).toBe(BATCH);
  });

  it('gives a gradient to every trainable weight, and leaves nothing behind', () => {
    const { net, layer, x } = modelOf(example);
    const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const offset = tf.variable(tf.scalar(0)); // for those without weights
    const loss = () => {
      const y = layer.apply(x.length === 1 ? x[0]! : x) as tf.Tensor;
      return tf.add(tf.mean(tf.square(y)), offset) as tf.Scalar;
    };
    const step = (): number[] => {
      const { value, grads } = tf.variableGrads(loss, [...variables, offset]);
      const sizes = variables.map(({ name }) => tf.tidy(() => tf.max(tf.abs(grads[name]!)).dataSync()[0]!));
      tf.dispose([value, grads, net.predict(x)]);
      return sizes;
    };
    const sizes = step();
    expect(sizes.filter((size) => !(size > 0 && size < 1e3))).toEqual([]);
    const before = tf.memory().numTensors;
    step();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains in a model', async () => {
    const { net, layer, below, x, outputs } = modelOf(example);
    net.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    const weightsOf = () => [below, layer].map((one) => one.getWeights().map((w) => [...w.dataSync()]));
    const before = weightsOf().flat();
    const target = tf.zeros([BATCH, ...(outputs.shape.slice(1) as number[])]);
    await net.fit(x, target, { epochs: 1, verbose: 0 });
    const after = weightsOf().flat();
    expect(after.length).toBe(before.length);
    for (const [i, weights] of after.entries()) expect(weights, `weight ${i}`).not.toEqual(before[i]);
  });
});
