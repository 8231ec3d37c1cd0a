import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { layers } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import goldens from '../../fixtures/recurrent_layers.json';
import { expectNear, type Numbers, tensor } from '../fixtures/golden.ts';
import { Bidirectional, type BidirectionalArgs } from './bidirectional.ts';
import { Gru, type GruArgs } from './gru-layer.ts';
import { Lstm, type LstmArgs } from './lstm-layer.ts';

interface Golden {
  readonly name: string;
  readonly layer: { layer: 'Lstm' | 'Gru'; mergeMode?: string } & Record<string, unknown>;
  readonly x: Numbers;
  readonly initial: readonly Numbers[];
  readonly mask?: Numbers;
  readonly weights: readonly Numbers[];
  readonly outputs: readonly Numbers[];
  readonly loss: readonly Numbers[];
  readonly gradients: readonly Numbers[];
}

function layerOf({ layer, mergeMode, ...options }: Golden['layer'], masked: boolean): layers.Layer {
  const args = { units: 3, seed: 0, usePaddingMask: masked, ...options };
  const one = layer === 'Lstm' ? new Lstm(args as LstmArgs) : new Gru(args as GruArgs);
  if (mergeMode === undefined) return one;
  return new Bidirectional({ layer: one, mergeMode } as BidirectionalArgs);
}

// Goldens: fixtures/recurrent_layers.py, Keras 3.15.1 on JAX in float64: outputs, and gradients by x, the initial states and all
// weights. Float32 has 7 digits, sums of some dozen terms 6.
describe('as Keras has them', () => {
  it.each(goldens as unknown as Golden[])('$name', (golden) => {
    const before = tf.memory().numTensors;
    const layer = layerOf(golden.layer, golden.mask !== undefined);
    const mask = golden.mask === undefined ? [] : [tensor(golden.mask)];
    const inputs = [golden.x, ...golden.initial].map(tensor);
    const run = (...given: tf.Tensor[]): tf.Tensor[] => [layer.apply([...given, ...mask])].flat() as tf.Tensor[];
    tf.dispose(run(...inputs)); // builds it
    tf.tidy(() => layer.setWeights(golden.weights.map(tensor)));
    const built = tf.memory().numTensors;
    tf.tidy(() => {
      const outputs = run(...inputs);
      expect(outputs.length).toBe(golden.outputs.length);
      for (const [i, output] of outputs.entries()) expectNear(output, golden.outputs[i]!, `output ${i}`);
      const loss = (...given: tf.Tensor[]) =>
        tf.addN(run(...given).map((output, i) => tf.sum(tf.mul(output, tensor(golden.loss[i]!))))) as tf.Scalar;
      const { grads } = tf.variableGrads(() => loss(...inputs));
      const byWeight = layer.trainableWeights.map((weight) => grads[(weight.read() as tf.Variable).name]!);
      const gradients = [...tf.grads(loss)(inputs), ...byWeight];
      expect(gradients.length).toBe(golden.gradients.length);
      for (const [i, gradient] of gradients.entries()) expectNear(gradient, golden.gradients[i]!, `gradient ${i}`);
    });
    expect(tf.memory().numTensors).toBe(built);
    layer.dispose();
    tf.dispose([inputs, mask]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
