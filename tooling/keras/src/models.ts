import { Bidirectional, Divide, DotAttention, Gru, Lstm, Merge, PositionalEmbedding, RmsNorm } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';

const call = (layer: layers.Layer, on: SymbolicTensor | SymbolicTensor[]) => layer.apply(on) as SymbolicTensor;

/** Models that between them have every layer that goes to Keras. */
export const MODELS: Readonly<Record<string, () => LayersModel>> = {
  pictures: () =>
    sequential({
      name: 'pictures',
      layers: [
        layers.conv2d({
          filters: 4,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
          inputShape: [8, 8, 2],
        }),
        layers.upSampling2d({ size: [2, 2] }),
        layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', useBias: false }),
        layers.layerNormalization({ epsilon: 0.01 }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.batchNormalization(),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.zeroPadding2d({ padding: 1 }),
        layers.permute({ dims: [3, 1, 2] }),
        layers.flatten(),
        layers.dropout({ rate: 0.5 }),
        layers.dense({ units: 6, activation: 'swish' }),
        layers.reshape({ targetShape: [2, 3] }),
        layers.activation({ activation: 'softmax' }),
      ],
    }),
  signals: () =>
    sequential({
      name: 'signals',
      layers: [
        layers.conv1d({ filters: 3, kernelSize: 2, dilationRate: 2, activation: 'elu', inputShape: [6, 2] }),
        layers.globalAveragePooling1d(),
        layers.repeatVector({ n: 3 }),
        new Lstm({ units: 4, seed: 1, returnSequences: true, goBackwards: true }),
        new Gru({ units: 4, seed: 2, resetAfter: false, useBias: false }),
        layers.dense({ units: 2, activation: 'gelu' }),
      ],
    }),
  texts: () => {
    const words = input({ shape: [5], dtype: 'int32', name: 'words' });
    const more = input({ shape: [3], name: 'more' });
    let h = call(layers.embedding({ inputDim: 11, outputDim: 4, maskZero: true }), words);
    h = call(new Bidirectional({ layer: new Lstm({ units: 3, seed: 1, returnSequences: true }) }), h);
    h = call(new Bidirectional({ layer: new Gru({ units: 3, seed: 2, returnSequences: true }), mergeMode: 'sum' }), h);
    h = call(new Lstm({ units: 3, seed: 3, returnSequences: true, convention: 'torch' }), h);
    h = call(new Gru({ units: 3, seed: 4 }), h);
    const first = call(layers.dense({ units: 2, name: 'first' }), call(layers.concatenate(), [h, more]));
    const second = call(layers.dense({ units: 2, useBias: false, activation: 'tanh' }), more);
    const last = call(layers.dense({ units: 2, name: 'last' }), call(layers.add(), [first, second]));
    return model({ inputs: [words, more], outputs: [first, last], name: 'texts' });
  },
  // A model in a model, a layer called twice, states handed on; branches, which Keras orders in its own way.
  graph: () => {
    const inner = sequential({
      name: 'inner',
      layers: [layers.dense({ units: 3, activation: 'relu', inputShape: [4, 3] })],
    });
    const x = input({ shape: [4, 3], name: 'x' });
    const embedded = inner.apply(x) as SymbolicTensor;
    const [y, h, c] = new Lstm({ units: 3, seed: 1, returnSequences: true, returnState: true }).apply(
      embedded,
    ) as SymbolicTensor[];
    const z = call(new Lstm({ units: 3, seed: 2 }), [y!, h!, c!]);
    const shared = layers.dense({ units: 3, activation: 'sigmoid' });
    const long = call(layers.dense({ units: 3 }), call(layers.dense({ units: 5 }), c!));
    const ends = [call(shared, z), long, call(shared, c!), call(layers.dense({ units: 3 }), h!)];
    const merged = call(layers.multiply(), [call(layers.average(), ends), call(layers.maximum(), ends.slice(1))]);
    return model({ inputs: x, outputs: call(layers.dense({ units: 2 }), merged), name: 'graph' });
  },
  words: () =>
    sequential({
      name: 'words',
      layers: [
        layers.inputLayer({ batchInputShape: [null, null], dtype: 'int32' }),
        layers.embedding({ inputDim: 11, outputDim: 4 }),
        new Lstm({ units: 4, seed: 1, returnSequences: true }),
        new Gru({ units: 4, seed: 2, returnSequences: true }),
        layers.dense({ units: 11 }),
      ],
    }),
  // Layers that Keras has not, which check.py registers; as the trainer exports tokun.
  bytes: () =>
    sequential({
      name: 'bytes',
      layers: [
        layers.inputLayer({ batchInputShape: [null, 5], dtype: 'int32' }),
        layers.embedding({ inputDim: 11, outputDim: 4 }),
        new Merge({ leftAxis: 0, rightAxis: 1 }),
        layers.layerNormalization(),
        new Divide({ inputAxis: 0, outputAxis: 1, factor: 5, insert: true }),
        new PositionalEmbedding({ maxLength: 5 }),
        new DotAttention({ scale: 1 }),
        new Merge({ leftAxis: 1, rightAxis: 2 }),
        layers.dense({ units: 20, activation: 'swish' }),
        new Divide({ inputAxis: 2, outputAxis: 1, factor: 5, insert: true }),
        new DotAttention(),
        new Merge({ leftAxis: 0, rightAxis: 1 }),
        layers.dense({ units: 3 }),
        new Divide({ inputAxis: 0, outputAxis: 1, factor: 5, insert: true }),
      ],
    }),
  own: () =>
    sequential({
      name: 'own',
      layers: [
        new RmsNorm({ epsilon: 0.1, inputShape: [4, 3] }),
        new Merge({ leftAxis: 1, rightAxis: 2 }),
        layers.dense({ units: 2 }),
      ],
    }),
};

/** Gives a model weights that no initialiser makes, positive where they are variances. */
export function randomWeights(net: LayersModel, seed: number): void {
  net.setWeights(
    net.weights.map(({ shape, name }, i) => {
      const value = tf.randomUniform(shape as number[], -0.5, 0.5, 'float32', seed + i);
      return name.includes('variance') ? tf.add(tf.abs(value), 0.5) : value;
    }),
  );
}

/** A batch of two for each input: words 1 to 10, the second text padded with 0; other numbers from a normal distribution. */
export const inputsOf = (net: LayersModel): tf.Tensor[] =>
  net.inputs.map(({ shape, dtype }, i) => {
    const own = [2, ...shape.slice(1).map((size) => size ?? 5)];
    if (dtype !== 'int32') return tf.randomNormal(own, 0, 1, 'float32', 90 + i);
    const words = tf.cast(tf.randomUniform(own, 1, 11, 'float32', 70), 'int32');
    return tf.mul(words, tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [2, 5], 'int32'));
  });
