import { TokunQuantizer } from '@proj/models';
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
import type { ModelSpec } from './spec.ts';

const schema = z.object({
  codes: z.int().min(2).max(65_536).default(512).describe('vectors in the codebook'),
  slots: z.int().min(1).max(4096).default(16).describe('codes of a token, each for its part of the embedding'),
  groups: groupsSetting,
  dim: z.int().min(1).max(4096).default(256).describe('numbers of an embedding; a multiple of slots'),
  commitment: z.number().min(0).default(0.25).describe('weight of the loss that pulls embeddings to their codes'),
  ...augmentationSettings,
});

export const tokunVq: ModelSpec<ByteTexts, ByteModel> = {
  name: 'tokun-vq',
  task: byteTexts,
  summary: 'tokun with discrete tokens: every part of a vector is the nearest of its codes (VQ-VAE)',
  schema,
  defaults: { data: 'random-codepoints', epochs: 10, batch: 16, learningRate: 1e-3 },
  monitor: { metric: 'nllPerByte', mode: 'min' },
  notes: ({ codes, slots, groups }) => [
    'charAccuracy, byteAccuracy and nllPerByte (nats) are means over the characters of the text and their 4 bytes, padding left out',
    `a token is ${slots} codes of ${codes}: ${(Number(slots) * Math.log2(Number(codes))).toFixed(1)} bits for ${groupsOf(String(groups)).reduce((a, b) => a * b, 8)} bits of bytes`,
  ],
  create(settings, _, seed) {
    const { groups, balance, random, planes, jitter, ...config } = schema.parse(settings);
    const model = refused(() => new TokunQuantizer({ ...config, groups: groupsOf(groups), seed }));
    const { tokenSize } = model;
    return {
      weights: model.weights,
      tokenSize,
      balance,
      countParams: () => model.countParams(),
      describe: () => model.describe(),
      prepare(batch) {
        const bytes = exampleBytes(batch, tokenSize);
        model.start(bytes, seed);
        bytes.dispose();
      },
      loss: (batch, step) =>
        tf.tidy(() => model.loss(trainingBytes(batch as tf.Tensor, tokenSize, { random, planes, jitter }, step))),
      encode: (bytes) => model.encode(bytes),
      decode: (vectors) => model.decode(vectors),
      evaluate: (batch) => tf.tidy(() => model.evaluate(exampleBytes(batch, tokenSize))),
      dispose: () => model.dispose(),
    };
  },
};
