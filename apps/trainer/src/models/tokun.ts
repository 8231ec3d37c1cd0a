import { TokunAutoencoder, tokunActivations } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { byteTexts } from '../tasks/byte-texts.ts';
import type { ByteTexts } from '../tasks/excerpts.ts';
import {
  augmentationSettings,
  type ByteModel,
  exampleBytes,
  groupsOf,
  groupsSetting,
  refused,
  trainingBytes,
} from './byte-model.ts';
import { tokunNetwork } from './networks.ts';
import type { ModelSpec } from './spec.ts';

const schema = z.object({
  groups: groupsSetting,
  dim: z.int().min(1).max(4096).default(256).describe('numbers of an embedding'),
  activation: z.enum(tokunActivations).default('silu').describe('between the layers'),
  attention: z.boolean().default(true).describe('within the groups'),
  scaled: z.boolean().default(false).describe('attention scores divided by sqrt(dim)'),
  normalization: z.boolean().default(true).describe('a layer normalisation in each block'),
  ...augmentationSettings,
});

interface TokunModel extends ByteModel {
  readonly network: TokunAutoencoder;
}

export const tokun: ModelSpec<ByteTexts, TokunModel> = {
  name: 'tokun',
  task: byteTexts,
  summary: 'auto-encoder of text as bytes: one vector for every few characters (tokun 0.3.4)',
  schema,
  defaults: { data: 'random-codepoints', epochs: 10, batch: 16, learningRate: 1e-3 },
  monitor: { metric: 'nllPerByte', mode: 'min' },
  notes: () => [
    'charAccuracy, byteAccuracy and nllPerByte (nats) are means over the characters of the text and their 4 bytes, padding left out',
  ],
  network: (_, { network }) => tokunNetwork(network),
  create(settings, _, seed) {
    const { groups, scaled, balance, random, planes, jitter, ...config } = schema.parse(settings);
    const augmentation = { random, planes, jitter };
    const model = refused(
      () => new TokunAutoencoder({ ...config, groups: groupsOf(groups), scaledAttention: scaled, seed }),
    );
    const { tokenSize } = model;
    return {
      network: model,
      weights: model.weights,
      tokenSize,
      balance,
      countParams: () => model.countParams(),
      describe: () => model.describe(),
      loss: (batch, step) =>
        tf.tidy(() => model.loss(trainingBytes(batch as tf.Tensor, tokenSize, augmentation, step))),
      encode: (bytes) => model.encode(bytes),
      decode: (z) => model.decode(z),
      evaluate: (batch) => tf.tidy(() => model.evaluate(exampleBytes(batch, tokenSize))),
      dispose: () => model.dispose(),
    };
  },
};
