import { loadPoints, type PointData } from '@proj/io/node';
import { arrayDataset, meanMetrics } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { fetched, type Split } from '../data.ts';
import { UsageError } from '../errors.ts';
import type { PointModel } from '../models/gmm.ts';
import { latentPlanePng } from '../pictures/latent-plane.ts';
import { mixturePlanePng } from '../pictures/mixture-plane.ts';
import { principalPlane } from '../pictures/principal-plane.ts';
import type { Exhibit, Task } from './task.ts';

const EVALUATION_BATCH = 1000;

/** Rows of numbers, and mixtures of their density. */
export const points: Task<PointData, PointModel> = {
  noun: 'points',
  usualShape: { dimensions: 2 },
  load: (io, name, limit) => fetched(io, () => loadPoints(name, { ...(limit !== null && { limit }) })),
  shapeOf: ({ dimensions }) => ({ dimensions }),
  showShape: ({ dimensions }) => `${dimensions} numbers`,
  counts: ({ train, validation, test }) => ({ train: train.count, validation: validation.count, test: test.count }),
  dataset(data, { model: { mixture } }) {
    const [{ components }, { count }] = [mixture.config, data.train];
    if (components > count) {
      throw new UsageError(
        `gmm: setting components must be at most ${count}, the training points of ${data.name}, got '${components}'.`,
      );
    }
    return pointDataset(data, 'train');
  },

  prepare({ mixture }, data) {
    const all = tf.tensor2d(data.train.points, [data.train.count, data.dimensions]);
    mixture.start(all);
    all.dispose();
  },

  async evaluate({ model, seeds }, data, split, _full, onExample) {
    const metrics = (x: tf.Tensor) => ({ logLikelihood: model.mixture.logLikelihood(x as tf.Tensor2D) });
    return meanMetrics(pointDataset(data, split), EVALUATION_BATCH, metrics, seeds.evaluation, onExample);
  },

  async sample({ model }, _load, { count, seed, temperature }) {
    const drawn = model.mixture.sample(count, seed, { temperature });
    try {
      return { count, samples: await drawn.array() };
    } finally {
      drawn.dispose();
    }
  },

  /** A point's code is its likeliest component, and what that decodes to its mean. */
  async reconstruct({ model }, data, split, count) {
    const { means } = model.mixture.parameters;
    const x = tf.tensor2d(data[split].points, [data[split].count, data.dimensions]);
    const shares = tf.tidy(() => model.mixture.responsibilities(tf.slice(x, 0, Math.min(count, data[split].count))));
    const [rows, probabilities] = [(await x.array()).slice(0, count), await shares.array()];
    tf.dispose([x, shares]);
    const samples = probabilities.map((p, i) => {
      const component = p.indexOf(Math.max(...p));
      return { point: rows[i], component, probability: p[component], mean: means[component] };
    });
    return { count: samples.length, samples };
  },

  async exhibits({ model }, data): Promise<Exhibit[]> {
    const { count, points: test, labels } = data.test;
    const plane = principalPlane(test, data.dimensions);
    const x = tf.tensor2d(test, [count, data.dimensions]);
    const likeliest = model.mixture.predict(x);
    const classes = Uint16Array.from(await likeliest.data());
    tf.dispose([x, likeliest]);
    const axes =
      data.dimensions === 2
        ? ''
        : ` over the first two principal components of ${data.dimensions} (${Math.round(100 * plane.explained)} % of the variance)`;
    const pictures: Exhibit[] = [
      {
        file: 'components.png',
        title: 'Components',
        caption: `Test points${axes} by their likeliest component; ellipses at one and two standard deviations.`,
        bytes: mixturePlanePng(plane, classes, model.mixture.parameters),
      },
    ];
    if (!labels) return pictures;
    const caption = `The same points by the cluster they were drawn from, which training has not seen.`;
    return [...pictures, { file: 'clusters.png', title: 'Clusters', caption, bytes: latentPlanePng(plane, labels) }];
  },
};

const pointDataset = (data: PointData, split: Split) => arrayDataset(data[split].points, [data.dimensions]);
