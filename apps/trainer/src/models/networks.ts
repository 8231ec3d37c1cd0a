import { Divide, DotAttention, Gru, Lstm, Merge, PositionalEmbedding } from '@proj/layers';
import type { LanguageModel, TokunAutoencoder } from '@proj/models';
import type * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { UsageError } from '../errors.ts';
import type { Network } from './spec.ts';

type Weights = Readonly<Record<string, tf.Variable>>;
type Activation = 'linear' | 'relu' | 'tanh' | 'softplus';

/** Names of Keras have no slashes. */
const layerName = (path: string): string => path.replaceAll('/', '_');

/** `names` are those of the weights of each layer, by the layer's. */
const network = (net: LayersModel, names: ReadonlyMap<string, readonly string[]>): Network => ({
  net,
  weights: net.layers.flatMap(({ name }) => names.get(name) ?? []),
});

const leavesOf = (path: string, leaves: readonly string[]): [string, string[]] => [
  layerName(path),
  leaves.map((leaf) => `${path}/${leaf}`),
];

const DENSE = ['kernel', 'bias'];
const RECURRENT = ['kernel', 'recurrentKernel', 'bias'];

const densePaths = (weights: Weights): string[] =>
  Object.keys(weights).flatMap((name) => (name.endsWith('/kernel') ? [name.slice(0, -'/kernel'.length)] : []));

const denseNames = (paths: readonly string[]) => new Map(paths.map((path) => leavesOf(path, DENSE)));

const denseOf = (weights: Weights, path: string, activation: Activation) =>
  layers.dense({
    name: layerName(path),
    units: weights[`${path}/kernel`]!.shape[1]!,
    activation,
    kernelInitializer: 'zeros',
  });

/** Dense layers one on another, in the order of the weights PATH/kernel and PATH/bias. */
export function denseNetwork(weights: Weights, activationOf: (path: string) => Activation): Network {
  const paths = densePaths(weights);
  const inputs = weights[`${paths[0]}/kernel`]!.shape[0]!;
  const net = sequential({ layers: [layers.inputLayer({ inputShape: [inputs], name: 'input' })] });
  for (const path of paths) net.add(denseOf(weights, path, activationOf(path)));
  return network(net, denseNames(paths));
}

/**
 * A VAE of dense layers, from images to [mean, log-variance, what the mean decodes to]; log-variances are not bounded yet.
 *
 * @throws UsageError if it is another one.
 */
export function vaeNetwork(settings: { net: string; activation: Activation }, weights: Weights): Network {
  if (settings.net !== 'mlp') {
    throw new UsageError(`a vae of net ${settings.net} has no form in Keras here; one of net mlp has.`);
  }
  const paths = densePaths(weights);
  const chain = (from: SymbolicTensor, part: string): SymbolicTensor =>
    paths
      .filter((path) => path.startsWith(`${part}/hidden`))
      .reduce((h, path) => denseOf(weights, path, settings.activation).apply(h) as SymbolicTensor, from);
  const end = (path: string, on: SymbolicTensor) => denseOf(weights, path, 'linear').apply(on) as SymbolicTensor;
  const x = input({ shape: [weights['encoder/hidden/kernel']!.shape[0]!], name: 'x' });
  const features = chain(x, 'encoder');
  const loc = end('encoder/loc', features);
  const decoded = chain(loc, 'decoder');
  const ends = paths.filter((path) => /^decoder\/(output|log-scale)$/.test(path)).map((path) => end(path, decoded));
  const net = model({ inputs: x, outputs: [loc, end('encoder/log-variance', features), ...ends], name: 'vae' });
  return network(net, denseNames(paths));
}

const table = (inputDim: number, outputDim: number) =>
  layers.embedding({ name: 'embedding', inputDim, outputDim, embeddingsInitializer: 'zeros' });

/** The auto-encoder of bytes by their bits, from tokens int32 [B, T] to the logits [B, 8 T] of their bits. */
export function bitsNetwork(weights: Weights): Network {
  const [rows, numbers] = weights['encoder/embedding']!.shape as [number, number];
  const [inputs, outputs] = weights['decoder/kernel']!.shape as [number, number];
  const net = sequential({
    layers: [
      layers.inputLayer({ batchInputShape: [null, inputs / numbers], dtype: 'int32', name: 'bytes' }),
      table(rows, numbers),
      layers.flatten({ name: 'token' }),
      layers.dense({ name: 'bits', units: outputs, kernelInitializer: 'zeros' }),
    ],
  });
  return { net, weights: ['encoder/embedding', 'decoder/kernel', 'decoder/bias'] };
}

/** A language model from tokens [B, T] to the logits [B, T, V] of the word after each. */
export function textNetwork({ config }: LanguageModel): Network {
  const { vocabulary, embedding, units, layers: count, cell, reset } = config;
  const names = Array.from({ length: count }, (_, i) => `${cell}${i + 1}`);
  const net = sequential({
    layers: [
      layers.inputLayer({ batchInputShape: [null, null], dtype: 'int32', name: 'tokens' }),
      table(vocabulary, embedding),
      ...names.map((name) => {
        const args = { name, units, seed: 0, returnSequences: true, recurrentInitializer: 'zeros' };
        return cell === 'lstm' ? new Lstm(args) : new Gru({ ...args, resetAfter: reset === 'after' });
      }),
      layers.dense({ name: 'output', units: vocabulary, kernelInitializer: 'zeros' }),
    ],
  });
  return network(
    net,
    new Map([
      leavesOf('embedding', ['embeddings']),
      ...names.map((name) => leavesOf(name, RECURRENT)),
      leavesOf('output', DENSE),
    ]),
  );
}

const ACTIVATIONS = { silu: 'swish', relu: 'relu', gelu: 'gelu', tanh: 'tanh' } as const;

/** The auto-encoder of text as bytes, from tokens int32 [B, T] to the logits [B, T, 256] of their bytes. */
export function tokunNetwork({ config, tokenSize, weights }: TokunAutoencoder): Network {
  const { groups, dim, activation, attention, scaledAttention, normalization } = config;
  const names = new Map<string, readonly string[]>();
  const net = sequential({
    layers: [
      layers.inputLayer({ batchInputShape: [null, tokenSize], dtype: 'int32', name: 'bytes' }),
      table(weights['encoder/embedding']!.shape[0]!, dim),
      new Merge({ leftAxis: 0, rightAxis: 1, name: 'positions' }),
    ],
  });
  names.set('embedding', ['encoder/embedding']);
  const add = (layer: layers.Layer, path: string, leaves: readonly string[] = []) => {
    names.set(
      layer.name,
      leaves.map((leaf) => `${path}/${leaf}`),
    );
    net.add(layer);
  };
  const block = (path: string, group: number, isEncoder: boolean) => {
    const name = layerName(path);
    const normalize = () => {
      if (normalization) add(layers.layerNormalization({ name: `${name}_normalization` }), path, ['gamma', 'beta']);
    };
    const dense = () =>
      add(
        layers.dense({
          name: `${name}_dense`,
          units: isEncoder ? dim : group * dim,
          activation: ACTIVATIONS[activation],
          kernelInitializer: 'zeros',
        }),
        path,
        DENSE,
      );
    if (isEncoder) normalize();
    else dense();
    const inputAxis = isEncoder ? 0 : 2;
    add(new Divide({ name: `${name}_divide`, inputAxis, outputAxis: 1, factor: group, insert: true }), path);
    add(new PositionalEmbedding({ name: `${name}_positions`, maxLength: group }), path, ['positions']);
    const scale = scaledAttention ? 1 / Math.sqrt(dim) : 1;
    if (attention) add(new DotAttention({ name: `${name}_attention`, scale }), path);
    const [leftAxis, rightAxis] = isEncoder ? [1, 2] : [0, 1];
    add(new Merge({ name: `${name}_merge`, leftAxis, rightAxis }), path);
    if (isEncoder) dense();
    else normalize();
  };
  groups.forEach((group, i) => {
    block(`encoder/block${i + 1}`, group, true);
  });
  [...groups].reverse().forEach((group, i) => {
    block(`decoder/block${i + 1}`, group, false);
  });
  add(denseOf(weights, 'decoder/head', 'linear'), 'decoder/head', DENSE);
  add(new Divide({ name: 'tokens', inputAxis: 0, outputAxis: 1, factor: tokenSize, insert: true }), '');
  return network(net, names);
}
