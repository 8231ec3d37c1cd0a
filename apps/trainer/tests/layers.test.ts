import { useEngine } from '@proj/backend';
import { normal } from '@proj/distributions/random';
import {
  AdaptiveGroupNormalization,
  Bidirectional,
  CausalConv1d,
  concatElu,
  dotAttention,
  GatedResidualBlock,
  GroupNormalization,
  Gru,
  gatedResidual,
  gru,
  Lstm,
  lstm,
  MultiHeadAttention,
  maskedConv2d,
  PositionalEmbedding,
  ResidualBlock,
  shiftedConv2d,
  shiftedConv2dTranspose,
  VectorQuantizer,
  vectorQuantize,
  weightNorm,
} from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';

type Run = (...inputs: tf.Tensor[]) => tf.Tensor;

const IMAGE = [3, 6, 8, 12];

/** A function, and the shapes of the inputs that it is differentiated by. */
const FUNCTIONS: Record<string, [run: Run, ...shapes: number[][]]> = {
  'maskedConv2d A': [(x, k, b) => maskedConv2d(x!, k!, b, { maskType: 'A' }), [3, 9, 8, 2], [7, 7, 2, 16], [16]],
  'maskedConv2d B': [(x, k, b) => maskedConv2d(x!, k!, b, { maskType: 'B' }), IMAGE, [3, 3, 12, 20], [20]],
  'maskedConv2d, colours': [
    (x, k, b) => maskedConv2d(x!, k!, b, { maskType: 'A', colours: 3 }),
    IMAGE,
    [3, 5, 12, 18],
    [18],
  ],
  'shiftedConv2d down': [(x, k, b) => shiftedConv2d(x!, k!, b, { direction: 'down' }), IMAGE, [2, 3, 12, 20], [20]],
  'shiftedConv2d down-right, strides 2': [
    (x, k, b) => shiftedConv2d(x!, k!, b, { direction: 'down-right', strides: 2 }),
    IMAGE,
    [2, 2, 12, 20],
    [20],
  ],
  'shiftedConv2d, shifted': [
    (x, k, b) => shiftedConv2d(x!, k!, b, { direction: 'down', shift: [1, 0] }),
    [3, 6, 8, 1],
    [2, 3, 1, 20],
    [20],
  ],
  shiftedConv2dTranspose: [
    (x, k, b) => shiftedConv2dTranspose(x!, k!, b, { direction: 'down', strides: 2 }),
    IMAGE,
    [2, 3, 20, 12],
    [20],
  ],
  weightNorm: [(v, g) => weightNorm(v!, g!), [3, 3, 12, 20], [20]],
  concatElu: [(x) => concatElu(x!), IMAGE],
  dotAttention: [
    (q, k, v) => dotAttention(q!, k!, v!, { causal: true, mask: tf.tensor2d([1, 1, 1, 0, 0, 1], [2, 3]) }),
    [2, 4, 3, 8],
    [2, 4, 3, 8],
    [2, 4, 3, 5],
  ],
  vectorQuantize: [
    (x, codes) => {
      const { quantized, codebookLoss, commitmentLoss } = vectorQuantize(x!, codes!);
      return tf.concat([tf.reshape(quantized, [-1]), tf.mul(10, tf.stack([codebookLoss, commitmentLoss]))]);
    },
    [4, 9, 6],
    [8, 6],
  ],
  gatedResidual: [(x, h) => gatedResidual(x!, h!), IMAGE, [3, 6, 8, 24]],
};

/** Result and gradients on the engine that runs. */
function numbersOf(run: Run, shapes: number[][]): Float32Array[] {
  return tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tf.tensor(normal(tf.util.sizeFromShape(shape), i), shape));
    const y = run(...inputs);
    const weights = tf.tensor(normal(y.size, 99), y.shape);
    const gradients = tf.grads((...values: tf.Tensor[]) => tf.sum(tf.mul(run(...values), weights)))(inputs);
    return [y, ...gradients].map((t) => t.dataSync() as Float32Array);
  });
}

/** A layer, and the shapes of its inputs. */
const LAYERS: Record<string, [make: () => layers.Layer, ...shapes: number[][]]> = {
  AdaptiveGroupNormalization: [() => new AdaptiveGroupNormalization({ groups: 3 }), IMAGE, [3, 5]],
  Bidirectional: [
    () => new Bidirectional({ layer: new Gru({ units: 9, seed: 0, returnSequences: true }), mergeMode: 'mul' }),
    [3, 7, 12],
    [3, 9],
    [3, 9],
  ],
  CausalConv1d: [() => new CausalConv1d({ filters: 20, kernelSize: 3, dilation: 4, useWeightNorm: true }), [3, 18, 12]],
  GatedResidualBlock: [() => new GatedResidualBlock({ direction: 'down', useWeightNorm: true }), IMAGE, IMAGE],
  'Gru, reset before': [
    () => new Gru({ units: 9, seed: 0, resetAfter: false, goBackwards: true, returnSequences: true }),
    [3, 7, 12],
  ],
  GroupNormalization: [() => new GroupNormalization({ groups: 4 }), IMAGE],
  'Lstm, a stack': [() => new Lstm({ units: 9, seed: 0, layers: 2 }), [3, 7, 12], [3, 9], [3, 9], [3, 9], [3, 9]],
  // Without biases: by the keys' the gradient is 0 but for rounding.
  MultiHeadAttention: [() => new MultiHeadAttention({ heads: 4, causal: true, useBias: false }), [3, 7, 12]],
  PositionalEmbedding: [() => new PositionalEmbedding(), [3, 7, 12]],
  ResidualBlock: [() => new ResidualBlock({ masked: true, activation: 'elu' }), IMAGE],
};

/** Result and gradients of a layer by its inputs and weights on the engine that runs. */
function numbersOfLayer(make: () => layers.Layer, shapes: number[][]): Float32Array[] {
  const layer = make();
  const numbers = tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tf.tensor(normal(tf.util.sizeFromShape(shape), i), shape));
    const run = (...x: tf.Tensor[]) => layer.apply(x.length === 1 ? x[0]! : x) as tf.Tensor;
    run(...inputs); // builds it
    layer.setWeights(layer.getWeights().map(({ size, shape }, i) => tf.tensor(normal(size, 10 + i), shape)));
    const y = run(...inputs);
    const weights = tf.tensor(normal(y.size, 99), y.shape);
    const loss = (...x: tf.Tensor[]) => tf.sum(tf.mul(run(...x), weights)) as tf.Scalar;
    const { grads } = tf.variableGrads(() => loss(...inputs));
    const byWeight = layer.trainableWeights.map((weight) => grads[(weight.read() as tf.Variable).name]!);
    return [y, ...tf.grads(loss)(inputs), ...byWeight].map((t) => t.dataSync() as Float32Array);
  });
  layer.dispose();
  return numbers;
}

// packages/layers may not know the engines, and packages/backend not the layers: they meet here. Sums of up to 300 terms of
// size 1 in another order: 1e-4 of the largest number is a hundred times what float32 loses, and a hundredth of one term.
async function expectSame(numbers: () => Float32Array[]): Promise<void> {
  await useEngine('cpu');
  const cpu = numbers();
  await useEngine('wasm');
  const wasm = numbers();
  expect(wasm.length).toBe(cpu.length);
  for (const [i, golden] of cpu.entries()) {
    const most = golden.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    expect(most, `number ${i}`).toBeGreaterThan(0.1);
    const off = golden.reduce((max, v, j) => Math.max(max, Math.abs(v - wasm[i]![j]!)), 0);
    expect(off, `number ${i}`).toBeLessThan(1e-4 * most);
  }
}

it.each(Object.entries(FUNCTIONS))(
  '%s: the same numbers and gradients on wasm as on cpu',
  async (_, [run, ...shapes]) => {
    await expectSame(() => numbersOf(run, shapes));
  },
);

it.each(Object.entries(LAYERS))(
  '%s: the same numbers and gradients on wasm as on cpu',
  async (_, [make, ...shapes]) => {
    await expectSame(() => numbersOfLayer(make, shapes));
  },
);

it('VectorQuantizer: the same codebook after training steps and restarts on wasm as on cpu', async () => {
  await expectSame(() => {
    const layer = new VectorQuantizer({
      codes: 8,
      useMovingAverage: true,
      decay: 0.5,
      restartBelow: 0.5,
      initializer: 'zeros',
    });
    for (const step of [0, 1, 2]) {
      tf.tidy(() => {
        layer.apply(tf.tensor(normal(40 * 3, step), [40, 3]), { training: true });
        layer.calculateLosses();
      });
    }
    const numbers = layer.getWeights().map((weight) => weight.dataSync() as Float32Array);
    layer.dispose();
    return numbers;
  });
});

/** x, kernel, recurrentKernel, bias, h and, of an LSTM, c -> outputs and last states. */
type Net = (...tensors: tf.Tensor[]) => tf.Tensor[];

const [BATCH, STEPS, FEATURES, UNITS] = [3, 5, 2, 4];

function netOf(kind: string): [run: Net, shapes: number[][]] {
  const mask = tf.tensor2d([1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1], [BATCH, STEPS]);
  const resetAfter = kind === 'gru, reset after';
  const gates = kind === 'lstm' ? 4 : 3;
  const state = [BATCH, UNITS];
  const biasShape = resetAfter ? [2, gates * UNITS] : [gates * UNITS];
  const shapes = [[BATCH, STEPS, FEATURES], [FEATURES, gates * UNITS], [UNITS, gates * UNITS], biasShape, state];
  const run: Net = (x, kernel, recurrentKernel, bias, h, c) => {
    const weights = { kernel: kernel!, recurrentKernel: recurrentKernel!, bias: bias! };
    if (c === undefined) return Object.values(gru(x!, weights, { mask, resetAfter, initialState: h! }));
    return Object.values(lstm(x!, weights, { mask, goBackwards: true, initialState: { h: h!, c } }));
  };
  return [run, kind === 'lstm' ? [...shapes, state] : shapes];
}

// Central differences of the fourth order along unit vectors, with a step where float32 loses 2e-5.
it.each(
  ['cpu', 'wasm'].flatMap((engine) =>
    ['lstm', 'gru, reset after', 'gru, reset before'].map((kind) => [kind, engine] as const),
  ),
)('%s, masked, from a state: gradients are slopes on %s', async (kind, engine) => {
  await useEngine(engine as 'cpu' | 'wasm');
  tf.tidy(() => {
    const [run, shapes] = netOf(kind);
    const draw = (shape: number[], seed: number) => tf.tensor(normal(tf.util.sizeFromShape(shape), seed), shape);
    const tensors = shapes.map(draw);
    const loss = (...given: tf.Tensor[]) =>
      tf.addN(run(...given).map((y, i) => tf.sum(tf.mul(y, draw(y.shape, 50 + i)))));
    const gradients = tf.grads(loss)(tensors);
    for (const [i, gradient] of gradients.entries()) {
      const length = tf.norm(gradient).dataSync()[0]!;
      expect(length, `gradient ${i}`).toBeGreaterThan(0.1);
      for (const direction of [gradient, draw(gradient.shape, 100 + i), draw(gradient.shape, 200 + i)]) {
        const unit = tf.div(direction, tf.norm(direction));
        const at = (step: number) => {
          const moved = tensors.map((tensor, j) => (i === j ? tf.add(tensor, tf.mul(unit, step)) : tensor));
          return loss(...moved).dataSync()[0]!;
        };
        const slope = (at(-0.1) - 8 * at(-0.05) + 8 * at(0.05) - at(0.1)) / 0.6;
        const wanted = tf.sum(tf.mul(gradient, unit)).dataSync()[0]!;
        // A direction nearly at a right angle to the gradient has a slope of nearly 0: its usual size instead.
        const size = Math.max(Math.abs(wanted), length / Math.sqrt(gradient.size));
        expect(Math.abs(slope - wanted) / size, `gradient ${i}`).toBeLessThan(1e-3);
      }
    }
  });
});

it.each<[string, () => Lstm | Gru]>([
  ['Lstm', () => new Lstm({ units: 32, seed: 0, returnSequences: true, returnState: true })],
  ['Lstm, a stack', () => new Lstm({ units: 32, seed: 0, layers: 2, returnSequences: true, returnState: true })],
  ['Gru', () => new Gru({ units: 32, seed: 0, returnSequences: true, returnState: true })],
  [
    'Gru, reset before',
    () => new Gru({ units: 32, seed: 0, resetAfter: false, returnSequences: true, returnState: true }),
  ],
])('%s: step by step on wasm it is the whole sequence of 200 steps', async (_, make) => {
  await useEngine('wasm');
  tf.tidy(() => {
    const layer = make();
    const x = tf.tensor(normal(2 * 200 * 16, 0), [2, 200, 16]);
    const [whole, ...last] = layer.apply(x) as tf.Tensor[];
    let states: tf.Tensor[] = [];
    const steps = tf.split(x, 200, 1).map((step) => {
      const [output, ...next] = layer.apply([step, ...states]) as tf.Tensor[];
      states = next;
      return output!;
    });
    const pairs = [tf.concat(steps, 1), whole!, ...states.flatMap((state, i) => [state, last[i]!])];
    expect(tf.max(tf.abs(whole!)).dataSync()[0]).toBeGreaterThan(0.1); // a thousand times the tolerance
    for (let i = 0; i < pairs.length; i += 2)
      expect(tf.max(tf.abs(tf.sub(pairs[i]!, pairs[i + 1]!))).dataSync()[0]).toBeLessThan(1e-4);
    layer.dispose();
  });
});
