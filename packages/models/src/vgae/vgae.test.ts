import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { permutation, uniform } from '@proj/distributions/random';
import { denseMatrix, GraphConvolution } from '@proj/layers';
import { beforeEach, expect, it } from 'vitest';
import { graphLogLikelihood, innerProductLoss } from '../graph/decoder-loss.ts';
import { type Graph, graphTensors } from '../graph/graph.ts';
import { Gae } from './gae.ts';
import { Vgae } from './vgae.ts';

beforeEach(async () => void (await tf.setBackend('cpu')));

const NODES = 12;
const FEATURES = 7;

/** A ring of 12 nodes with some chords; features drawn. */
const graph: Graph = {
  nodes: NODES,
  edges: [...Array.from({ length: NODES }, (_, i) => [i, (i + 1) % NODES]), [0, 5], [2, 9], [3, 7]].flat(),
  featureCount: FEATURES,
  features: {
    indptr: Array.from({ length: NODES + 1 }, (_, i) => 2 * i),
    indices: Array.from({ length: NODES }, (_, i) => [i % FEATURES, (3 * i + 1) % FEATURES]).flatMap(([a, b]) =>
      a === b ? [a!, (a! + 1) % FEATURES] : [a!, b!],
    ),
  },
};
const SIZES = { features: FEATURES, hidden: 6, latent: 3 };
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());

function near(got: readonly number[], expected: readonly number[], within = 1e-5): void {
  expect(got.length).toBe(expected.length);
  for (const [i, v] of got.entries()) expect(Math.abs(v - expected[i]!)).toBeLessThan(within);
}

const setWeight = (model: Vgae | Gae, name: string, fill: number | tf.Tensor) => {
  const weight = model.weights[`encoder/${name}/kernel`]!;
  tf.tidy(() => weight.assign(typeof fill === 'number' ? tf.fill(weight.shape, fill) : tf.clone(fill)));
};

// Golden: systems.md 10.2.
it('has 46,880 parameters, the plain one 46,368; the rows of describe add up', () => {
  for (const [model, params] of [
    [new Vgae(), 46_880],
    [new Gae(), 46_368],
  ] as const) {
    expect(model.countParams()).toBe(params);
    expect(model.describe().reduce((sum, row) => sum + row.params, 0)).toBe(params);
    model.dispose();
  }
  const vgae = new Vgae({ featureless: true, features: 2708 });
  expect(vgae.countParams()).toBe(2708 * 32 + 2 * 32 * 16);
  expect(vgae.describe()[1]).toEqual({
    name: 'encoder/loc',
    type: 'GraphConvolution',
    outputShape: [null, 16],
    params: 512,
  });
  vgae.dispose();
});

it('its encoder is two graph convolutions on X and the normalised adjacency', () => {
  const tensors = graphTensors(graph);
  const vgae = new Vgae(SIZES);
  const adjacency = denseMatrix(tensors.adjacency);
  const layer = (units: number, inputs: number, name: string, activation?: string) => {
    const conv = new GraphConvolution({ units, ...(activation && { activation }) });
    conv.build([NODES, inputs]);
    conv.setWeights([vgae.weights[`encoder/${name}/kernel`]!]);
    return (x: tf.Tensor) => conv.apply([x, adjacency]) as tf.Tensor;
  };
  const hidden = layer(6, FEATURES, 'hidden', 'relu')(denseMatrix(tensors.features));
  const { loc, scale } = vgae.encode(tensors);
  near(numbers(loc), numbers(layer(3, 6, 'loc')(hidden)));
  near(numbers(scale), numbers(tf.exp(layer(3, 6, 'logScale')(hidden))));
  expect(numbers(vgae.embed(tensors))).toEqual(numbers(loc));
  expect(loc.shape).toEqual([NODES, 3]);
});

it('featureless is X = I', () => {
  const identity = { indptr: Array.from({ length: NODES + 1 }, (_, i) => i), indices: Array.from(Array(NODES).keys()) };
  const withIdentity = graphTensors({ ...graph, featureCount: NODES, features: identity });
  const config = { ...SIZES, features: NODES, seed: 4 };
  const [table, product] = [new Vgae({ ...config, featureless: true }), new Vgae(config)];
  near(numbers(table.embed(graphTensors(graph))), numbers(product.embed(withIdentity)), 1e-7);
  near([table.loss(withIdentity, 2).dataSync()[0]!], [product.loss(withIdentity, 2).dataSync()[0]!], 1e-7);
});

it('permuting the nodes permutes the embeddings, and leaves the loss of means as it was', () => {
  const order = permutation(NODES, 5); // the new number of each node
  const { indptr, indices } = graph.features;
  const rows = Array.from({ length: NODES }, (_, i) => Array.from(indices).slice(indptr[i], indptr[i + 1]));
  const moved: number[][] = [];
  for (const [i, row] of rows.entries()) moved[order[i]!] = row;
  const permuted = graphTensors({
    ...graph,
    edges: Array.from(graph.edges, (node) => order[node]!),
    features: { indptr, indices: moved.flat() }, // two features a node
  });
  const gae = new Gae(SIZES);
  const [before, after] = [gae.embed(graphTensors(graph)), gae.embed(permuted)];
  near(numbers(tf.gather(after, tf.tensor1d(Int32Array.from(order), 'int32'))), numbers(before), 1e-6);
  near([gae.loss(permuted, 0).dataSync()[0]!], [gae.loss(graphTensors(graph), 0).dataSync()[0]!], 1e-6);
});

// 2708 nodes and 4488 edges, all weights 0: mu = 0, sigma = 1, and with z = 0 every logit is 0.
it("at logits 0 the loss is Cora's 0.7975780, and the KL is 0 at mu = 0 and sigma = 1", () => {
  const cora: Graph = {
    nodes: 2708,
    edges: Array.from({ length: 4488 }, (_, e) => [e % 2708, (e + (e < 2708 ? 1 : 2)) % 2708]).flat(),
    featureCount: 1,
    features: { indptr: new Int32Array(2709), indices: [] },
  };
  const tensors = graphTensors(cora);
  const [gae, vgae] = [new Gae({ features: 1, latent: 1 }), new Vgae({ features: 1, latent: 1 })];
  // In closed form: norm / N^2 (N^2 - s - N + posWeight (s + N)) log 2, s = 8976.
  const [square, s] = [2708 ** 2, 8976];
  const posWeight = (square - s) / s;
  const expected = ((square - s - 2708 + posWeight * (s + 2708)) * Math.LN2) / (2 * (square - s));
  expect(expected).toBeCloseTo(0.797578, 7);
  expect(Math.abs(gae.loss(tensors, 0).dataSync()[0]! - expected)).toBeLessThan(1e-6);
  expect(vgae.elbo(tensors, 0).kl.dataSync()[0]).toBe(0);
});

it('as sigma goes to 0 it becomes a GAE', () => {
  const tensors = graphTensors(graph);
  const [vgae, gae] = [new Vgae(SIZES), new Gae(SIZES)];
  setWeight(gae, 'hidden', vgae.weights['encoder/hidden/kernel']!);
  setWeight(gae, 'code', vgae.weights['encoder/loc/kernel']!);
  const smallest = Math.min(...numbers(tf.sum(hiddenOf(vgae), 1)));
  expect(smallest).toBeGreaterThan(0.01); // else sigma could not become 0
  setWeight(vgae, 'logScale', -30 / smallest); // sigma at most e^-30
  expect(Math.max(...numbers(vgae.encode(tensors).scale))).toBeLessThan(1e-12);
  expect(numbers(vgae.embed(tensors))).toEqual(numbers(gae.embed(tensors)));
  const { reconstruction, kl } = vgae.elbo(tensors, 1);
  near(numbers(reconstruction), numbers(gae.logLikelihood(tensors)), 1e-5);
  const decoder = vgae.loss(tensors, 1).dataSync()[0]! - kl.dataSync()[0]! / NODES;
  near([decoder], [gae.loss(tensors, 1).dataSync()[0]!], 1e-3); // a KL of hundreds is taken off
});

/** A H of the graph, [N, hidden]: what the heads multiply. */
function hiddenOf(model: Vgae): tf.Tensor {
  const { adjacency, features } = graphTensors(graph);
  const a = denseMatrix(adjacency);
  return tf.matMul(a, tf.relu(tf.matMul(a, tf.matMul(denseMatrix(features), model.weights['encoder/hidden/kernel']!))));
}

it('loss and ELBO are those of the formulas', () => {
  const tensors = graphTensors(graph);
  const vgae = new Vgae({ ...SIZES, seed: 2 });
  setWeight(vgae, 'logScale', tf.mul(vgae.weights['encoder/logScale/kernel']!, 4)); // so that scales differ
  const { loc, scale } = vgae.encode(tensors);
  const scales = numbers(scale);
  expect(Math.max(...scales) / Math.min(...scales)).toBeGreaterThan(2);
  const { elbo, reconstruction, kl, elboPerPair } = vgae.elbo(tensors, 3);
  const klOf = (m: number, sigma: number) => (sigma ** 2 + m ** 2 - 1 - 2 * Math.log(sigma)) / 2;
  const klByHand = numbers(loc).reduce((sum, m, k) => sum + klOf(m, scales[k]!), 0) / NODES;
  near(numbers(kl), [klByHand], 1e-6);
  near(numbers(elbo), [numbers(reconstruction)[0]! - klByHand], 1e-5);
  near(numbers(elboPerPair), [(numbers(elbo)[0]! * NODES) / ((NODES * (NODES - 1)) / 2)], 1e-6);

  // The mean over draws of the noise is what the formula says, to 5 standard errors of 300 draws: loss and bound.
  const draws = 300;
  const means = [0, 0, 0, 0];
  const squares = [0, 0, 0, 0];
  for (let seed = 0; seed < draws; seed++) {
    const terms = tf.tidy(() => {
      const noise = tf.tensor2d(
        Array.from({ length: NODES * 3 }, (_, k) => gaussian(seed, k)),
        [NODES, 3],
      );
      const z = tf.add(loc, tf.mul(noise, scale)) as tf.Tensor2D;
      const bound = vgae.elbo(tensors, seed);
      return [
        vgae.loss(tensors, seed).dataSync()[0]! - klByHand / NODES,
        innerProductLoss(z, tensors).dataSync()[0]!,
        bound.reconstruction.dataSync()[0]! * NODES,
        graphLogLikelihood(z, tensors).dataSync()[0]!,
      ];
    });
    for (const [k, v] of terms.entries()) {
      means[k]! += v / draws;
      squares[k]! += v ** 2 / draws;
    }
  }
  const error = (k: number) => Math.sqrt((squares[k]! - means[k]! ** 2) / draws);
  for (const [got, want] of [
    [0, 1],
    [2, 3],
  ] as const) {
    expect(Math.abs(means[got]! - means[want]!)).toBeLessThan(5 * Math.hypot(error(got), error(want)));
    expect(error(want)).toBeLessThan(0.05 * Math.abs(means[want]!));
  }
});

/** A standard normal number by Box and Muller, from our uniforms: not the generator that the model uses. */
function gaussian(seed: number, k: number): number {
  const [u, v] = uniform(2, 1_000_000 + 1000 * seed + k);
  return Math.sqrt(-2 * Math.log(u!)) * Math.cos(2 * Math.PI * v!);
}

it('scores pairs by inner products', () => {
  const tensors = graphTensors(graph);
  const vgae = new Vgae(SIZES);
  const z = vgae.embed(tensors).arraySync();
  const dot = (i: number, j: number) => z[i]!.reduce((sum, v, k) => sum + v * z[j]![k]!, 0);
  near(numbers(vgae.score(tensors, Int32Array.of(0, 1, 5, 2, 3, 3))), [dot(0, 1), dot(5, 2), dot(3, 3)], 1e-6);
});

it('sampled negatives: another seed draws others, and the loss is the same on average', () => {
  const tensors = graphTensors(graph);
  const [all, sampled] = [new Gae(SIZES), new Gae({ ...SIZES, negatives: 2 })];
  const losses = Array.from({ length: 500 }, (_, seed) => sampled.loss(tensors, seed).dataSync()[0]!);
  expect(losses[0]).toBe(sampled.loss(tensors, 0).dataSync()[0]);
  expect(new Set(losses).size).toBeGreaterThan(400);
  const mean = losses.reduce((a, b) => a + b) / losses.length;
  const deviation = Math.sqrt(losses.reduce((sum, v) => sum + (v - mean) ** 2, 0) / losses.length);
  // 5 standard errors.
  expect(Math.abs(mean - all.loss(tensors, 0).dataSync()[0]!)).toBeLessThan((5 * deviation) / Math.sqrt(500));
  expect(deviation).toBeLessThan(0.2 * mean);
});

it.each([Vgae, Gae])(
  '%o learns: 150 steps more than halve what the loss is above its best, and add no tensor',
  (Model) => {
    const tensors = graphTensors(graph);
    const model = new Model({ ...SIZES, features: NODES, featureless: true });
    const adam = tf.train.adam(0.03);
    const step = (seed: number) => adam.minimize(() => model.loss(tensors, seed), true, Object.values(model.weights))!;
    const first = step(0).dataSync()[0]!;
    const before = tf.memory().numTensors;
    let last = first;
    for (let i = 1; i < 150; i++) {
      const loss = step(i);
      last = loss.dataSync()[0]!;
      loss.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(last).toBeLessThan(0.85 * first);
  },
);

it.each([
  ['vgae', () => new Vgae({ ...SIZES, seed: 1 })],
  ['gae', () => new Gae({ ...SIZES, seed: 1 })],
  ['featureless vgae', () => new Vgae({ ...SIZES, features: NODES, featureless: true })],
  ['vgae with sampled negatives', () => new Vgae({ ...SIZES, negatives: 3 })],
])('%s: the same first step on wasm as on cpu', async (_, make) => {
  const steps = [];
  for (const engine of ['cpu', 'wasm']) {
    await tf.setBackend(engine);
    const model = make();
    const tensors = graphTensors(graph);
    const { value, grads } = tf.variableGrads(() => model.loss(tensors, 3), Object.values(model.weights));
    const gradients = Object.values(model.weights).map((w) => numbers(grads[w.name]!));
    const first = Object.values(model.weights).map(numbers);
    steps.push({ first, loss: value.dataSync()[0]!, gradients });
    tf.dispose([value, grads, tensors]);
    model.dispose();
  }
  const [cpu, wasm] = steps as [(typeof steps)[0], (typeof steps)[0]];
  expect(wasm.first).toEqual(cpu.first);
  expect(Math.abs(wasm.loss / cpu.loss - 1)).toBeLessThan(1e-5);
  for (const [i, gradient] of cpu.gradients.entries()) {
    const size = Math.max(...gradient.map(Math.abs));
    expect(size).toBeGreaterThan(0);
    near(wasm.gradients[i]!, gradient, 1e-4 * size);
  }
});

it('says what it expects', () => {
  const tensors = graphTensors(graph);
  const expectError = (act: () => unknown, message: string) => expect(act).toThrow(new RangeError(message));
  expectError(() => new Vgae({ hidden: 0 }), 'Vgae: hidden must be a positive integer, got 0.');
  expectError(() => new Gae({ negatives: -1 }), 'Gae: negatives must be 0 or more, got -1. Omit it to use all pairs.');
  expectError(() => new Vgae().loss(tensors, 0), 'Vgae: expected a graph of 1433 features, got 7. Set features to 7.');
  expectError(
    () => new Gae({ featureless: true }).embed(tensors),
    'Gae: expected a graph of 1433 nodes, since it is featureless, got 12. Set features to 12.',
  );
  const gae = new Gae(SIZES);
  expect(() => gae.score(tensors, [0, 12])).toThrow(
    'pairs must be nodes from 0 to 11, two a pair, got 2 numbers with 12 at 1',
  );
  expect(() => gae.score(tensors, [0, 1, 2])).toThrow('two a pair, got 3 numbers');
  expect(() => gae.loss(tensors, -1)).toThrow('Gae.loss: seed must be a non-negative safe integer, got -1');
});

it('every method leaves exactly its results', () => {
  const tensors = graphTensors(graph);
  const [vgae, gae] = [new Vgae(SIZES), new Gae({ ...SIZES, negatives: 1 })];
  const before = tf.memory().numTensors;
  tf.dispose([vgae.loss(tensors, 0), vgae.embed(tensors), vgae.score(tensors, [0, 1]), gae.loss(tensors, 0)]);
  tf.dispose([gae.embed(tensors), gae.logLikelihood(tensors)]);
  tf.dispose({ ...vgae.elbo(tensors, 0) });
  tf.dispose(vgae.encode(tensors));
  expect(tf.memory().numTensors).toBe(before);
  vgae.dispose();
  gae.dispose();
  expect(tf.memory().numTensors).toBe(before - 5);
});

it('the heads begin with weights of their own', () => {
  const vgae = new Vgae({ features: 5, hidden: 4, latent: 3 });
  const [loc, logScale] = ['loc', 'logScale'].map((head) => vgae.weights[`encoder/${head}/kernel`]!.dataSync());
  expect(Array.from(loc!)).not.toEqual(Array.from(logScale!));
});
