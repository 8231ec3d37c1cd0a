import { useEngine } from '@proj/backend';
import { plantedGraph } from '@proj/io';
import { type GraphTensors, graphDataset, graphTensors, splitEdges, Vgae } from '@proj/models';
import { fit, rocAuc } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

const MEGABYTE = 2 ** 20;

beforeAll(async () => void (await useEngine('wasm')));

function make(nodes: number) {
  const graph = plantedGraph({ nodes, communities: 40, features: 400 });
  const split = splitEdges(graph, 0);
  return { split, tensors: graphTensors({ ...graph, edges: split.train }) };
}

/** Bytes of tensors there are at most in one step, above those of the graph and the weights. */
async function peak(model: Vgae, graph: GraphTensors): Promise<number> {
  const before = tf.memory().numBytes;
  const { peakBytes } = await tf.profile(() => {
    const { value, grads } = tf.variableGrads(() => model.loss(graph, 0), Object.values(model.weights));
    tf.dispose([value, grads]);
    return tf.scalar(0);
  });
  return peakBytes - before;
}

// The logits of all pairs of 20,000 nodes are 1.6 GB, of 10,000 nodes 0.4 GB.
it('with sampled negatives a graph of 20,000 nodes trains in memory that grows with its edges', async () => {
  const started = process.memoryUsage().rss;
  const [half, whole] = [make(10_000), make(20_000)];
  expect(whole.split.train.length / 2).toBe(76_500);
  const config = { features: 400, negatives: 1 };
  const model = new Vgae(config);
  const [small, large] = [await peak(model, half.tensors), await peak(model, whole.tensors)];
  expect(large).toBeLessThan(160 * MEGABYTE);
  expect(large / small).toBeLessThan(2.2); // with all pairs 4

  const { edges, nonEdges } = whole.split.test;
  const auc = () => {
    const scores = tf.tidy(() => model.score(whole.tensors, [...edges, ...nonEdges]).dataSync());
    return rocAuc(
      scores,
      Uint8Array.from(scores, (_, k) => (k < edges.length / 2 ? 1 : 0)),
    );
  };
  await fit<GraphTensors>(model, graphDataset(whole.tensors), {
    epochs: 60,
    batchSize: 1,
    seed: 0,
    learningRate: 0.01,
  });
  expect(auc()).toBeGreaterThan(0.85);
  expect(process.memoryUsage().rss - started).toBeLessThan(400 * MEGABYTE);
  tf.dispose([half.tensors, whole.tensors]);
  model.dispose();
}, 300_000);
