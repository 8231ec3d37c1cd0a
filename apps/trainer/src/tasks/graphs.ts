import { type GraphData, loadGraph } from '@proj/io/node';
import { graphDataset, splitEdges } from '@proj/models';
import { averagePrecision, rocAuc, rocCurve } from '@proj/training';
import { fetched, type Split } from '../data.ts';
import { UsageError } from '../errors.ts';
import { figure } from '../figure.ts';
import type { GraphModel } from '../models/graph-model.ts';
import { latentPlanePng } from '../pictures/latent-plane.ts';
import { principalPlane } from '../pictures/principal-plane.ts';
import { rocCurvePng } from '../pictures/roc-curve.ts';
import { type LimitedGraph, linkCounts } from './link-data.ts';
import { strongestLinks } from './strongest-links.ts';
import { take } from './take.ts';
import type { Exhibit, Task } from './task.ts';

/** Pairs of nodes of one part, edges first, with their scores. */
interface ScoredPairs {
  readonly pairs: Int32Array;
  readonly labels: Uint8Array;
  readonly scores: Float32Array;
}

/** Undirected graphs, and models that embed their nodes so that links can be told from other pairs. */
export const graphs: Task<LimitedGraph, GraphModel> = {
  noun: 'edges',
  usualShape: { nodes: 2708, features: 1433 }, // cora
  async load(io, name, limit) {
    const data = await fetched(io, (options) => loadGraph(name, options));
    mustBeCuttable(data);
    return { ...data, limit };
  },
  shapeOf: ({ nodes, featureCount }) => ({ nodes, features: featureCount }),
  showShape: ({ nodes, features }) => `a graph of ${nodes} nodes with ${features} features`,
  counts: linkCounts,
  dataset: (data, { model }) => graphDataset(model.linksOf(data).graph),

  async evaluate({ model, seeds }, data, split, full, onExample) {
    const { graph } = model.linksOf(data);
    const { pairs, labels, scores } = await scorePairs(model, data, split);
    for (let k = 0; onExample && k < labels.length; k++) {
      onExample(k, { from: pairs[2 * k]!, to: pairs[2 * k + 1]!, label: labels[k]!, score: scores[k]! });
    }
    const metrics = scores.some(Number.isNaN)
      ? { auc: Number.NaN, ap: Number.NaN } // for `fit` to notice
      : { auc: rocAuc(scores, labels), ap: averagePrecision(scores, labels) };
    if (!full) return metrics;
    const likelihood: Record<string, number> = {};
    for (const [name, value] of Object.entries(model.likelihood(graph, seeds.evaluation))) {
      likelihood[name] = (await take(value))[0]!;
    }
    return { ...metrics, ...likelihood };
  },

  async sample({ model }, load, { count, seed, temperature }) {
    const data = await load();
    const { graph, parts } = model.linksOf(data);
    const z = model.draw(graph, seed, temperature);
    try {
      const samples = await strongestLinks(z, parts.train.edges, count);
      return { count: samples.length, samples };
    } finally {
      z.dispose();
    }
  },

  async reconstruct({ model }, data, split, count) {
    const { pairs, labels, scores } = await scorePairs(model, data, split);
    const order = Uint32Array.from(labels.keys()).sort((a, b) => scores[b]! - scores[a]!);
    const samples = Array.from(order.subarray(0, count), (k) => ({
      from: pairs[2 * k]!,
      to: pairs[2 * k + 1]!,
      probability: 1 / (1 + Math.exp(-scores[k]!)),
      isEdge: labels[k] === 1,
    }));
    return { count: samples.length, samples };
  },

  async exhibits({ model }, data): Promise<Exhibit[]> {
    const { labels, scores } = await scorePairs(model, data, 'test');
    const z = model.embed(model.linksOf(data).graph);
    const dims = z.shape[1];
    const plane = principalPlane(await take(z), dims);
    const axes =
      dims === 2
        ? 'the two axes'
        : `the first two principal components of ${dims} (${Math.round(100 * plane.explained)} % of the variance)`;
    const classes = data.classNames?.map((name, c) => `${c} ${name}`).join(', ');
    return [
      {
        file: 'roc.png',
        title: 'ROC curve of link prediction',
        caption: `Test edges against as many pairs without an edge: true positive rate (up, 0 to 1) over false positive rate (right, 0 to 1). AUC ${figure(rocAuc(scores, labels))}, average precision ${figure(averagePrecision(scores, labels))}.`,
        bytes: rocCurvePng(rocCurve(scores, labels)),
      },
      {
        file: 'latent-plane.png',
        title: 'Latent plane',
        caption: `Embeddings of all ${data.nodes} nodes over ${axes}${classes === undefined ? '' : `, coloured by class, which training has not seen: ${classes}`}.`,
        bytes: latentPlanePng(plane, data.labels),
      },
    ];
  },
};

/** @throws UsageError if the graph has too few edges, or too few pairs without one. */
function mustBeCuttable(data: GraphData): void {
  try {
    splitEdges(data, 0);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${data.source}: ${error.message}`) : error;
  }
}

async function scorePairs(model: GraphModel, data: LimitedGraph, split: Split): Promise<ScoredPairs> {
  const { graph, parts } = model.linksOf(data);
  const { edges, nonEdges } = parts[split];
  const pairs = new Int32Array(edges.length + nonEdges.length);
  pairs.set(edges);
  pairs.set(nonEdges, edges.length);
  const labels = new Uint8Array(pairs.length / 2).fill(1, 0, edges.length / 2);
  return { pairs, labels, scores: await take(model.score(graph, pairs)) };
}
