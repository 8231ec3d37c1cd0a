import type { Gae, GraphModelConfig, GraphTensors, Vgae } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { graphs } from '../tasks/graphs.ts';
import { cutLinks, type LimitedGraph, type LinkData } from '../tasks/link-data.ts';
import type { Model } from '../tasks/task.ts';
import type { ModelSpec } from './spec.ts';

/** What the trainer asks of a model of graphs. */
export interface GraphModel extends Model {
  /** The graph cut by the model's own seed. The same data give the same object, which is disposed with the model. */
  linksOf(data: LimitedGraph): LinkData;
  /** Embeddings [N, Z] without noise: what is scored and shown. */
  embed(graph: GraphTensors): tf.Tensor2D;
  /** A draw of embeddings [N, Z], their deviation times `temperature`; of a model without noise the embeddings. */
  draw(graph: GraphTensors, seed: number, temperature: number): tf.Tensor2D;
  /** Logits of pairs [P, 2]: [P]. */
  score(graph: GraphTensors, pairs: Int32Array): tf.Tensor1D;
  /** How likely the training graph is, by name, in nats a node. */
  likelihood(graph: GraphTensors, seed: number): Record<string, tf.Scalar>;
}

const schema = z.object({
  features: z.int().min(0).default(0).describe('features of a node; 0: as many as the data have'),
  hidden: z.int().min(1).max(65536).default(32).describe('units of the first graph convolution'),
  latent: z.int().min(1).max(4096).default(16).describe('numbers in the embedding of a node'),
  featureless: z.boolean().default(false).describe('X = I: nodes are known by their links alone'),
  negatives: z.number().min(0).max(1000).default(0).describe('pairs sampled per edge for the loss; 0: all pairs'),
  split: z.int().min(0).default(0).describe('seed that cuts the edges into training, validation and test'),
});

interface GraphModelParts<M> {
  readonly name: string;
  readonly summary: string;
  readonly notes: readonly string[];
  make(config: GraphModelConfig): M;
  own(model: M): Pick<GraphModel, 'draw' | 'likelihood'>;
}

/** The specification of a model of the library. */
export function graphModelSpec<M extends Gae | Vgae>(parts: GraphModelParts<M>): ModelSpec<LimitedGraph, GraphModel> {
  const { name, summary, notes, make, own } = parts;
  return {
    name,
    task: graphs,
    summary,
    schema,
    defaults: { data: 'planted-graph', epochs: 200, batch: 1, learningRate: 0.01 },
    monitor: { metric: 'ap', mode: 'max' },
    notes: ({ split }) => [
      `edges cut by seed ${split}: 10 % test, 5 % validation, and as many pairs without an edge in each`,
      'an epoch is one step on the whole training graph; the best one is chosen on validation edges alone',
      ...notes,
    ],
    create(settings, shape, seed) {
      const { split, ...config } = schema.parse(settings);
      const inputs = config.features || shape.features!;
      const features = config.featureless ? shape.nodes! : inputs; // X = I: every node is a feature
      const model = make({ ...config, features, seed });
      const made = new Map<LimitedGraph, LinkData>();
      return {
        weights: model.weights,
        countParams: () => model.countParams(),
        describe: () => model.describe(),
        loss: (graph, stepSeed) => model.loss(graph as GraphTensors, stepSeed),
        embed: (graph) => model.embed(graph),
        score: (graph, pairs) => model.score(graph, pairs),
        linksOf(data) {
          if (inputs !== data.featureCount) {
            throw new UsageError(
              `${name}: setting features must be ${data.featureCount} for ${data.name}, got '${inputs}'. Leave it out.`,
            );
          }
          const links = made.get(data) ?? cutLinks(data, split);
          made.set(data, links);
          return links;
        },
        dispose() {
          tf.dispose([...made.values()].map(({ graph }) => graph));
          made.clear();
          model.dispose();
        },
        ...own(model),
      };
    },
  };
}
