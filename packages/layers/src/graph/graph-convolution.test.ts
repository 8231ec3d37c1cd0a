import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { input, loadLayersModel, model } from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import { registerLayers } from '../register.ts';
import { GraphConvolution } from './graph-convolution.ts';
import { normalizedAdjacency } from './normalized-adjacency.ts';
import { denseMatrix, type SparseMatrix } from './sparse-matrix.ts';

beforeEach(async () => void (await tf.setBackend('cpu')));

const EDGES = [0, 1, 1, 2, 2, 3, 0, 3, 1, 4];
const X = Array.from({ length: 15 }, (_, i) => Math.sin(2 * i + 1)); // [5, 3]
const KERNEL = Array.from({ length: 6 }, (_, i) => Math.cos(i)); // [3, 2]
const numbers = (t: tf.Tensor | tf.Tensor[]) => [...(t as tf.Tensor).dataSync()];

function near(got: readonly number[], expected: readonly number[], within = 1e-6): void {
  expect(got.length).toBe(expected.length);
  for (const [i, v] of got.entries()) expect(Math.abs(v - expected[i]!)).toBeLessThan(within);
}

/** [x, indices, values] of the matrix. */
const coordinates = ({ forward: { rows, indices, values } }: SparseMatrix, x: tf.Tensor) => [
  x,
  tf.stack([rows, indices], 1),
  values,
];

const layer = (args: Partial<ConstructorParameters<typeof GraphConvolution>[0]> = {}) => {
  const made = new GraphConvolution({ units: 2, ...args });
  made.build([5, 3]);
  const kernel = tf.tensor2d(KERNEL, [3, 2]);
  made.setWeights(args.useBias ? [kernel, tf.tensor1d([0.5, -0.25])] : [kernel]);
  return made;
};

// By hand: rows 1/2 (x0 + x1), (x0 + x1 + x2) / 3 ... of the path weighted as in systems.md 10.6, times a kernel of ones.
it('sums over neighbours: the path of three nodes', () => {
  const conv = new GraphConvolution({ units: 1, kernelInitializer: 'ones' });
  const y = conv.apply(tf.tensor2d([1, 2, 4], [3, 1]), { adjacency: normalizedAdjacency([0, 1, 1, 2], 3) });
  const w = 1 / Math.sqrt(6);
  near(numbers(y as tf.Tensor), [0.5 + 2 * w, 2 / 3 + 5 * w, 2 * w + 2]);
});

describe.each(['cpu', 'wasm'])('on %s', (engine) => {
  beforeEach(async () => void (await tf.setBackend(engine)));

  it('dense, sparse and constant adjacency agree: values, and gradients of x, kernel, bias and entries', () => {
    const matrix = normalizedAdjacency(EDGES, 5);
    const x = tf.tensor2d(X, [5, 3]);
    const dense = denseMatrix(matrix);
    const [, indices, values] = coordinates(matrix, x);
    const conv = layer({ activation: 'tanh', useBias: true });
    const ways = {
      dense: (t: tf.Tensor) => conv.apply([t, dense]) as tf.Tensor,
      sparse: (t: tf.Tensor) => conv.apply([t, indices!, values!]) as tf.Tensor,
      constant: (t: tf.Tensor) => conv.apply(t, { adjacency: matrix }) as tf.Tensor,
    };
    const objective = (y: tf.Tensor) => tf.sum(tf.mul(tf.square(y), [1, 3])) as tf.Scalar;
    const found = Object.values(ways).map((way) => {
      const { grads } = tf.variableGrads(() => objective(way(x)));
      const byX = tf.grad((t: tf.Tensor) => objective(way(t)))(x);
      return [way(x), byX, ...Object.values(grads)].map((t) => numbers(t));
    });
    // The oracle: the formula in plain operations.
    const formula = (t: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, a: tf.Tensor) =>
      tf.tanh(tf.add(tf.matMul(a, tf.matMul(t, kernel)), bias));
    const [kernel, bias] = conv.getWeights() as [tf.Tensor, tf.Tensor];
    const byAll = tf.grads((t, k, b, a) => objective(formula(t!, k!, b!, a!)))([x, kernel, bias, dense]);
    const want = [formula(x, kernel, bias, dense), ...byAll.slice(0, 3)].map((t) => numbers(t));
    for (const way of found) for (const [i, got] of way.entries()) near(got, want[i]!, 1e-5);

    const byEntries = tf.grad((v: tf.Tensor) => objective(conv.apply([x, indices!, v]) as tf.Tensor))(values!);
    near(numbers(byEntries), numbers(tf.gatherND(byAll[3]!, indices!)), 1e-5);
    const byAdjacency = tf.grad((a: tf.Tensor) => objective(conv.apply([x, a]) as tf.Tensor))(dense);
    near(numbers(byAdjacency), numbers(byAll[3]!), 1e-5);
  });

  it('a batch of graphs is each graph alone', () => {
    const graphs = [normalizedAdjacency(EDGES, 5), normalizedAdjacency([0, 4], 5)];
    const x = tf.tensor3d([...X, ...X.map((v) => v * v)], [2, 5, 3]);
    const conv = layer();
    const alone = graphs.flatMap((adjacency, b) =>
      numbers(conv.apply(tf.reshape(tf.slice(x, b, 1), [5, 3]), { adjacency }) as tf.Tensor),
    );
    near(numbers(conv.apply([x, tf.stack(graphs.map(denseMatrix))]) as tf.Tensor), alone);
    const most = Math.max(...graphs.map(({ forward }) => forward.values.size));
    const filled = graphs.map(({ forward: { rows, indices, values } }) => {
      const more = [[0, most - values.size]] as [[number, number]];
      return [tf.stack([tf.pad(rows, more), tf.pad(indices, more)], 1), tf.pad(values, more)] as const;
    });
    const indices = tf.stack(filled.map(([places]) => places));
    const values = tf.stack(filled.map(([, entries]) => entries));
    near(numbers(conv.apply([x, indices, values]) as tf.Tensor), alone);
  });
});

it('in a model of symbolic inputs: predicts, saves, loads', async () => {
  registerLayers();
  const x = input({ shape: [5, 3] });
  const indices = input({ shape: [null, 2], dtype: 'int32' });
  const values = input({ shape: [null] });
  const conv = new GraphConvolution({ units: 2, activation: 'relu', useBias: true, name: 'conv' });
  const network = model({ inputs: [x, indices, values], outputs: conv.apply([x, indices, values]) as typeof x });
  expect(network.outputs[0]!.shape).toEqual([null, 5, 2]);
  expect(network.countParams()).toBe(3 * 2 + 2);
  conv.setWeights([tf.tensor2d(KERNEL, [3, 2]), tf.tensor1d([0.5, -0.25])]);
  let saved: tf.io.ModelArtifacts | undefined;
  await network.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const loaded = await loadLayersModel(tf.io.fromMemory(saved!));
  expect(loaded.getLayer('conv').getConfig()).toMatchObject({ units: 2, useBias: true, activation: 'relu' });
  const adjacency = normalizedAdjacency(EDGES, 5);
  const batch = coordinates(adjacency, tf.tensor2d(X, [5, 3])).map((t) => tf.expandDims(t, 0));
  const expected = conv.apply(tf.tensor2d(X, [5, 3]), { adjacency });
  near(numbers(loaded.predict(batch) as tf.Tensor), numbers(expected as tf.Tensor));
});

it('says what it expects', () => {
  expect(() => new GraphConvolution({ units: 0 })).toThrow(
    new RangeError('GraphConvolution: units must be a positive integer, got 0.'),
  );
  expect(() => new GraphConvolution({ units: 2 }).build([null, null])).toThrow('with a known number of features F');
  expect(() => new GraphConvolution({ units: 2 }).build([3])).toThrow('x must be [N, F] or [B, N, F]');
  const x = tf.ones([5, 3]);
  expect(() => layer().apply(x)).toThrow('call it with [x, adjacency], with [x, indices, values], or with x and');
  expect(() => layer().apply([x, tf.ones([5, 4])])).toThrow('adjacency must be [5, 5], got [5, 4].');
  expect(() => layer().apply([x, tf.ones([4, 3]), tf.ones([4])])).toThrow('indices must be [4, 2], got [4, 3].');
  expect(() => layer().apply([x, tf.ones([4, 2]), tf.ones([3])])).toThrow('values must be [4], got [3].');
});

it('leaves nothing behind but its result', () => {
  const conv = layer({ useBias: true, activation: 'relu' });
  const adjacency = normalizedAdjacency(EDGES, 5);
  const x = tf.tensor2d(X, [5, 3]);
  const [, indices, values] = coordinates(adjacency, x);
  const before = tf.memory().numTensors;
  const calls = () => [
    conv.apply(x, { adjacency }) as tf.Tensor,
    conv.apply([x, indices!, values!]) as tf.Tensor,
    tf.grad((t: tf.Tensor) => conv.apply([t, indices!, values!]) as tf.Tensor)(x),
  ];
  tf.dispose(calls());
  expect(tf.memory().numTensors).toBe(before);
});
