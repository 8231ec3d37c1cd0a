import { Gru, Lstm } from '@proj/layers';
import type { LanguageModel } from '@proj/models';
import type * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { UsageError } from '../errors.ts';
import type { Network } from './spec.ts';

type Weights = Readonly<Record<string, tf.Variable>>;
type Activation = 'linear' | 'relu' | 'tanh' | 'softplus';

/** Names of Keras have no slashes. */
const layerName = (path: string): string => path.replaceAll('/', '_');

/** `paths` are what the names of weights begin with, layer by layer; `leaves` how those of a layer end. */
function network(net: LayersModel, paths: readonly string[], leaves: (path: string) => readonly string[]): Network {
  const byName = new Map(paths.map((path) => [layerName(path), path]));
  const weights = net.layers.flatMap(({ name }) => {
    const path = byName.get(name);
    return path === undefined ? [] : leaves(path).map((leaf) => `${path}/${leaf}`);
  });
  return { net, weights };
}

const denseLeaves = (): readonly string[] => ['kernel', 'bias'];

const densePaths = (weights: Weights): string[] =>
  Object.keys(weights).flatMap((name) => (name.endsWith('/kernel') ? [name.slice(0, -'/kernel'.length)] : []));

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
  return network(net, paths, denseLeaves);
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
  return network(net, paths, denseLeaves);
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
  const recurrent = ['kernel', 'recurrentKernel', 'bias'];
  const leaves = (path: string) => (path === 'embedding' ? ['embeddings'] : recurrent);
  return network(net, ['embedding', ...names, 'output'], (path) => (path === 'output' ? denseLeaves() : leaves(path)));
}
