import { normal } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { initializers, input, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import goldens from '../../fixtures/recurrent.json';
import { expectLayerGolden } from '../fixtures/golden.ts';
import { savedAndLoaded } from '../fixtures/saved.ts';
import { Bidirectional } from './bidirectional.ts';
import { Gru } from './gru-layer.ts';
import { lstm } from './lstm.ts';
import { Lstm } from './lstm-layer.ts';
import { fromTorchGru, fromTorchLstm, type TorchRecurrentWeights } from './torch.ts';

const draw = (shape: number[], seed: number) => tf.tensor(normal(tf.util.sizeFromShape(shape), seed), shape);
const outputsOf = (layer: layers.Layer, ...inputs: tf.Tensor[]) => [layer.apply(inputs)].flat() as tf.Tensor[];
const outputOf = (layer: layers.Layer, ...inputs: tf.Tensor[]) => outputsOf(layer, ...inputs)[0]!;
const apart = (a: tf.Tensor, b: tf.Tensor): number => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);

// Interface: systems.md, 3.2; Keras's formulas 4((in + u)u + u), 3((in + u)u + u), 3((in + u)u + 2u).
it.each<[string, layers.Layer, number, number[]]>([
  ['LSTM', new Lstm({ units: 128, seed: 0 }), 117_248, [128]],
  ['second LSTM', new Lstm({ units: 128, seed: 0, inputShape: [null, 128] }), 131_584, [128]],
  ['stack of two', new Lstm({ units: 128, seed: 0, layers: 2 }), 117_248 + 131_584, [128]],
  ['GRU, reset before', new Gru({ units: 128, seed: 0, resetAfter: false }), 87_936, [128]],
  ['GRU', new Gru({ units: 128, seed: 0 }), 88_320, [128]],
  [
    'bidirectional GRU, reset before',
    new Bidirectional({ layer: new Gru({ units: 100, seed: 0, resetAfter: false }) }),
    120_600,
    [200],
  ],
  ['bidirectional GRU', new Bidirectional({ layer: new Gru({ units: 100, seed: 0 }) }), 121_200, [200]],
])('%s: as many parameters as in the book, the last output alone unless asked for more', (_, layer, count, width) => {
  const features = layer.batchInputShape?.at(-1) ?? 100;
  const output = layer.apply(input({ shape: [null, features] })) as SymbolicTensor;
  expect(layer.countParams()).toBe(count);
  expect(output.shape).toEqual([null, ...width]);
  layer.dispose();
});

describe('first weights', () => {
  it('are as Keras has them, from the seed: Glorot, orthogonal, zeros, ones in the gate f', () => {
    const layer = new Lstm({ units: 4, seed: 7, layers: 2 });
    outputOf(layer, tf.zeros([1, 1, 3]));
    const [kernel, recurrent, bias, kernel1, recurrent1] = layer.getWeights() as tf.Tensor[];
    expect([kernel!.shape, recurrent!.shape, bias!.shape]).toEqual([[3, 16], [4, 16], [16]]);
    const identity = tf.matMul(recurrent as tf.Tensor2D, recurrent as tf.Tensor2D, false, true);
    expect(apart(identity, tf.eye(4))).toBeLessThan(1e-6);
    expect(tf.max(tf.abs(kernel!)).dataSync()[0]).toBeLessThanOrEqual(Math.sqrt(6 / 19));
    expect(tf.max(tf.abs(kernel!)).dataSync()[0]).toBeGreaterThan(0.8 * Math.sqrt(6 / 19)); // 48 draws: fails in 2e-5
    expect([...bias!.dataSync()]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(apart(recurrent!, recurrent1!)).toBeGreaterThan(0.1);
    expect(kernel1!.shape).toEqual([4, 16]);
    const again = new Lstm({ units: 4, seed: 7 });
    outputOf(again, tf.zeros([1, 1, 3]));
    expect(apart(again.getWeights()[0]!, kernel!)).toBe(0);
    expect(apart(again.getWeights()[1]!, recurrent!)).toBe(0);
  });

  it('are those of initialisers, where given', () => {
    const layer = new Gru({
      units: 2,
      seed: 0,
      kernelInitializer: 'ones',
      recurrentInitializer: initializers.constant({ value: 3 }),
      biasInitializer: initializers.constant({ value: 5 }),
    });
    outputOf(layer, tf.zeros([1, 1, 1]));
    expect(layer.getWeights().map((weight) => [weight.shape, ...new Set(weight.dataSync())])).toEqual([
      [[1, 6], 1],
      [[2, 6], 3],
      [[2, 6], 5],
    ]);
  });

  it('are drawn apart for the two directions', () => {
    const layer = new Bidirectional({ layer: new Gru({ units: 2, seed: 0 }) });
    outputOf(layer, tf.zeros([1, 1, 1]));
    const [forward, , , backward] = layer.getWeights() as tf.Tensor[];
    expect(apart(forward!, backward!)).toBeGreaterThan(0.1);
  });
});

// Goldens: fixtures/recurrent.py, PyTorch 1.13.0a0 in float64: its weights, its outputs with 0 past the end, its last states.
it.each(goldens.filter(({ resetAfter }) => resetAfter))('as PyTorch has it: $name', (golden) => {
  tf.tidy(() => {
    const tensors: Record<string, tf.Tensor> = Object.fromEntries(
      Object.entries(golden.inputs).map(([name, values]) => [name, tf.tensor(values as number[])]),
    );
    const torch = tensors as unknown as TorchRecurrentWeights;
    const args = { units: 3, seed: 0, returnSequences: true, returnState: true, convention: 'torch' } as const;
    const options = { ...args, goBackwards: golden.goBackwards, usePaddingMask: golden.masked };
    const layer = golden.kind === 'lstm' ? new Lstm(options) : new Gru(options);
    const { kernel, recurrentKernel, bias } = golden.kind === 'lstm' ? fromTorchLstm(torch) : fromTorchGru(torch);
    const states = golden.kind === 'lstm' ? [tensors.h!, tensors.c!] : [tensors.h!];
    const inputs = [tensors.x!, ...states, ...(golden.masked ? [tf.tensor(golden.mask)] : [])];
    outputOf(layer, ...inputs); // builds it
    layer.setWeights([kernel, recurrentKernel, bias]);
    const [outputs, ...last] = outputsOf(layer, ...inputs);
    expect(apart(outputs!, tf.tensor(golden.outputs))).toBeLessThan(3e-6);
    for (const [i, state] of last.entries()) expect(apart(state, tf.tensor(golden.last[i]!))).toBeLessThan(3e-6);
    layer.dispose();
  });
});

// Goldens: fixtures/layers.py, PyTorch 1.13.0a0 in float64: packed sequences, gradients by x, the initial states and all weights.
describe('as PyTorch has it, gradients too', () => {
  const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0], [3, 5]);
  const args = { units: 3, seed: 0, returnSequences: true, convention: 'torch', usePaddingMask: true } as const;
  const weightsOf = (...names: string[]) =>
    names.flatMap((name) => [`${name}Kernel`, `${name}RecurrentKernel`, `${name}Bias`]);

  it('bidirectional GRU', () => {
    const inputs = ['x', 'forward', 'backward'];
    const layer = new Bidirectional({ layer: new Gru(args) });
    const weights = weightsOf('forward', 'backward');
    expectLayerGolden('bidirectional GRU, padded', layer, { inputs, weights, also: [mask] });
  });

  it('stack of two LSTMs', () => {
    const inputs = ['x', 'lowerH', 'lowerC', 'upperH', 'upperC'];
    const layer = new Lstm({ ...args, layers: 2 });
    expectLayerGolden('two LSTMs, padded', layer, { inputs, weights: weightsOf('lower', 'upper'), also: [mask] });
  });
});

const embedding = (maskZero: boolean) =>
  layers.embedding({
    inputDim: 6,
    outputDim: 3,
    maskZero,
    embeddingsInitializer: initializers.randomUniform({ minval: -1, maxval: 1, seed: 3 }),
  });

const FORMS: Record<string, () => Lstm | Gru> = {
  LSTM: () => new Lstm({ units: 8, seed: 1, returnSequences: true, returnState: true }),
  'stack of two LSTMs': () => new Lstm({ units: 8, seed: 1, layers: 2, returnSequences: true, returnState: true }),
  'stack of two GRUs': () => new Gru({ units: 8, seed: 1, layers: 2, returnSequences: true, returnState: true }),
  'GRU, reset after': () => new Gru({ units: 8, seed: 1, returnSequences: true, returnState: true }),
  'GRU, reset before': () =>
    new Gru({ units: 8, seed: 1, resetAfter: false, returnSequences: true, returnState: true }),
};

describe.each(Object.entries(FORMS))('%s', (_, make) => {
  it('step by step, its states carried, is the whole sequence of 200 steps', () => {
    tf.tidy(() => {
      const layer = make();
      const x = tf.mul(2, draw([2, 200, 5], 3));
      const whole = outputsOf(layer, x);
      let states: tf.Tensor[] = [];
      const steps = tf.split(x, 200, 1).map((step) => {
        const [output, ...next] = outputsOf(layer, step, ...states);
        states = next;
        return output!;
      });
      expect(states.length).toBe(layer.stateCount);
      expect(apart(tf.concat(steps, 1), whole[0]!)).toBeLessThan(1e-4);
      for (const [i, state] of states.entries()) expect(apart(state, whole[i + 1]!)).toBeLessThan(1e-4);
      // Numbers that would show it.
      expect(apart(whole[0]!, tf.zerosLike(whole[0]!))).toBeGreaterThan(0.3);
      layer.dispose();
    });
  });

  it('keeps sequences of a batch apart, and leaves out what is masked', () => {
    tf.tidy(() => {
      const layer = make();
      const x = draw([3, 6, 5], 4);
      const whole = outputsOf(layer, x);
      const alone = outputsOf(layer, tf.slice(x, [1, 0, 0], [1, 6, 5]));
      for (const [i, one] of alone.entries())
        expect(apart(tf.slice(whole[i]!, [1, ...one.shape.slice(1).map(() => 0)], one.shape), one)).toBeLessThan(1e-6);
      // With three steps of padding the last states are those of three steps.
      const mask = tf.tensor2d([[1, 1, 1, 0, 0, 0]]);
      const short = outputsOf(layer, tf.slice(x, [0, 0, 0], [1, 3, 5]));
      const padded = layer.apply(tf.slice(x, [0, 0, 0], [1, 6, 5]), { mask }) as tf.Tensor[];
      for (let i = 1; i < short.length; i++) expect(apart(padded[i]!, short[i]!)).toBe(0);
      layer.dispose();
    });
  });
});

it('a stack is one layer on another', () => {
  tf.tidy(() => {
    const x = draw([2, 5, 3], 0);
    const stack = new Lstm({ units: 4, seed: 1, layers: 2, returnSequences: true, returnState: true });
    const [outputs, h0, c0, h1, c1] = outputsOf(stack, x);
    const [below, above] = [0, 1].map((i) => {
      const one = new Lstm({ units: 4, seed: 1, returnSequences: true, returnState: true });
      outputOf(one, i === 0 ? x : outputs!); // builds it
      one.setWeights(stack.getWeights().slice(3 * i, 3 * i + 3));
      return one;
    }) as [Lstm, Lstm];
    const first = outputsOf(below, x);
    const second = outputsOf(above, first[0]!);
    const pairs = [outputs, second[0], h0, first[1], c0, first[2], h1, second[1], c1, second[2]] as tf.Tensor[];
    for (let i = 0; i < pairs.length; i += 2) expect(apart(pairs[i]!, pairs[i + 1]!)).toBe(0);
  });
});

it('Bidirectional is a run forward and one over the reversed sequence: width 200', () => {
  tf.tidy(() => {
    const x = draw([2, 7, 10], 0);
    const args = { units: 100, seed: 0, returnSequences: true, returnState: true };
    const both = new Bidirectional({ layer: new Gru(args) });
    const [outputs, ahead, back] = outputsOf(both, x);
    expect(outputs!.shape).toEqual([2, 7, 200]);
    const run = (weights: tf.Tensor[], sequence: tf.Tensor) => {
      const one = new Gru(args);
      outputOf(one, sequence); // builds it
      one.setWeights(weights);
      return outputsOf(one, sequence) as [tf.Tensor, tf.Tensor];
    };
    const forward = run(both.getWeights().slice(0, 3), x);
    const reversed = run(both.getWeights().slice(3), tf.reverse(x, 1));
    expect(apart(outputs!, tf.concat([forward[0], tf.reverse(reversed[0], 1)], -1))).toBe(0);
    expect([apart(ahead!, forward[1]), apart(back!, reversed[1])]).toEqual([0, 0]);
    const last = new Bidirectional({ layer: new Gru({ units: 100, seed: 0 }) });
    const output = outputOf(last, x);
    expect(apart(output, tf.concat([forward[1], reversed[1]], -1))).toBe(0); // weights of the same seed
  });
});

describe('in models', () => {
  it.each([1, 4, 9])('a language model gives [B, T, V] for T = %i', (steps) => {
    const net = sequential({
      layers: [
        layers.embedding({ inputDim: 11, outputDim: 3 }),
        new Lstm({ units: 4, seed: 0, returnSequences: true }),
        new Lstm({ units: 5, seed: 1, returnSequences: true }),
        layers.dense({ units: 11 }),
      ],
    });
    const output = net.predict(tf.zeros([2, steps], 'int32')) as tf.Tensor;
    expect(output.shape).toEqual([2, steps, 11]);
    net.dispose();
    output.dispose();
  });

  // Words 5, 2 and two paddings: the outputs are those of 5, 2 alone.
  it.each<[string, () => layers.Layer]>([
    ['Lstm', () => new Lstm({ units: 3, seed: 0, layers: 2 })],
    ['Gru', () => new Gru({ units: 3, seed: 0, goBackwards: true })],
    ['Bidirectional', () => new Bidirectional({ layer: new Gru({ units: 3, seed: 0 }), mergeMode: 'sum' })],
  ])('%s leaves out what embedding({ maskZero: true }) masks, alone and above another layer', (_, make) => {
    const stacks = [
      [make()],
      [new Bidirectional({ layer: new Lstm({ units: 2, seed: 0, returnSequences: true }) }), make()],
    ];
    for (const recurrent of stacks) {
      const net = sequential({
        layers: [embedding(true), ...recurrent],
      });
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const long = net.predict(tf.tensor2d([[5, 2, 0, 0]], undefined, 'int32')) as tf.Tensor;
        const short = net.predict(tf.tensor2d([[5, 2]], undefined, 'int32')) as tf.Tensor;
        expect(apart(long, short)).toBe(0);
        expect(apart(long, net.predict(tf.tensor2d([[5, 2, 3, 0]], undefined, 'int32')) as tf.Tensor)).toBeGreaterThan(
          1e-3,
        );
      });
      expect(tf.memory().numTensors).toBe(before);
      net.dispose();
    }
  });

  // tfjs keeps the mask in the options of later layers; without care the decoder would leave out its second word.
  it('the mask of an encoder is none of the decoder', () => {
    const [source, target] = [input({ shape: [null] }), input({ shape: [null] })];
    const masked = embedding(true).apply(source) as SymbolicTensor;
    const plain = embedding(false).apply(target) as SymbolicTensor;
    const [, h] = new Gru({ units: 4, seed: 0, returnState: true }).apply(masked) as SymbolicTensor[];
    const decoder = new Gru({ units: 4, seed: 1 });
    const net = model({ inputs: [source, target], outputs: decoder.apply([plain, h!]) as SymbolicTensor });
    const output = (words: number[]) =>
      net.predict([tf.tensor2d([[3, 0]], undefined, 'int32'), tf.tensor2d([words], undefined, 'int32')]) as tf.Tensor;
    expect(apart(output([1, 2]), output([1, 4]))).toBeGreaterThan(1e-3);
  });

  it('states go in and out of a model that is saved', async () => {
    const [x, h, c] = [input({ shape: [null, 3] }), input({ shape: [4] }), input({ shape: [4] })];
    const layer = new Lstm({ units: 4, seed: 0, returnState: true });
    const net = model({ inputs: [x, h, c], outputs: layer.apply([x, h, c]) as SymbolicTensor[] });
    const inputs = [draw([2, 5, 3], 0), draw([2, 4], 1), draw([2, 4], 2)];
    const loaded = await savedAndLoaded(net);
    const [kernel, recurrentKernel, bias] = layer.getWeights() as [tf.Tensor, tf.Tensor, tf.Tensor];
    const golden = lstm(
      inputs[0]!,
      { kernel, recurrentKernel, bias },
      { initialState: { h: inputs[1]!, c: inputs[2]! } },
    );
    const got = loaded.predict(inputs) as tf.Tensor[];
    expect(got.length).toBe(3);
    for (const [i, wanted] of [golden.h, golden.h, golden.c].entries()) expect(apart(got[i]!, wanted)).toBe(0);
  });
});

it("output and state are the caller's, each of its own", () => {
  const x = draw([1, 2, 3], 0);
  const layer = new Bidirectional({ layer: new Gru({ units: 2, seed: 0, returnState: true }), mergeMode: 'none' });
  const given = outputsOf(layer, x);
  const values = given.map((tensor) => [...tensor.dataSync()]);
  expect(values.slice(0, 2)).toEqual(values.slice(2));
  tf.dispose(given.slice(0, 2));
  expect(given.slice(2).map((tensor) => [...tensor.dataSync()])).toEqual(values.slice(2));
  tf.dispose([x, given.slice(2)]);
  layer.dispose();
});

describe('mistakes', () => {
  it.each<[() => unknown, string | RegExp]>([
    [() => new Lstm({ units: 0, seed: 0 }), 'Lstm: units must be a positive integer, got 0.'],
    [() => new Gru({ units: 2, seed: 0, layers: 1.5 }), 'Gru: layers must be a positive integer, got 1.5.'],
    [
      () => new Lstm({ units: 2 } as unknown as { units: number; seed: number }),
      'Lstm: seed must be a non-negative safe integer, got undefined. 0 is an ordinary seed; give each layer its own.',
    ],
    [
      () => new Gru({ units: 2, seed: 0, convention: 'jax' as 'torch' }),
      'Gru: convention must be "keras" or "torch", got "jax".',
    ],
    [
      () => new Gru({ units: 2, seed: 0, convention: 'torch', resetAfter: false }),
      'Gru: PyTorch has the reset after the product alone, got resetAfter: false. Omit it, or use convention "keras".',
    ],
    [
      () => new Bidirectional({ layer: new Gru({ units: 2, seed: 0 }), mergeMode: 'max' as 'sum' }),
      'Bidirectional: mergeMode must be one of "concat", "sum", "mul", "ave", "none", got "max".',
    ],
    [
      () => new Bidirectional({ layer: new Gru({ units: 2, seed: 0, goBackwards: true }) }),
      'Bidirectional: the layer must go forwards, got goBackwards: true. Leave it out.',
    ],
    [
      () => new Bidirectional({ layer: { className: 'GRU', config: {} } }),
      'Bidirectional: layer must be an Lstm or a Gru of this package, got "GRU".',
    ],
    [
      () => new Lstm({ units: 2, seed: 0 }).apply([tf.zeros([1, 2, 3]), tf.zeros([1, 2])]),
      'Lstm: inputs must be x [B, T, D], if you like states (2 of [B, 2]), got [1, 2, 3], [1, 2].',
    ],
    [
      () => new Gru({ units: 2, seed: 0, usePaddingMask: true }).apply(tf.zeros([1, 2, 3])),
      'Gru: inputs must be x [B, T, D], if you like states (1 of [B, 2]) and the mask [B, T], got [1, 2, 3].',
    ],
    [
      () => new Gru({ units: 2, seed: 0 }).apply(tf.zeros([1, 2])),
      'Gru: x must be [B, T, D] with a known D, got [1, 2].',
    ],
    [
      () => new Gru({ units: 2, seed: 0 }).apply([tf.zeros([1, 2, 3]), tf.zeros([1, 3])]),
      'gru: initialState must have the shape [1, 2], got [1, 3].',
    ],
  ])('are named: %#', (call, message) => {
    expect(call).toThrow(new RangeError(message as string));
  });
});
