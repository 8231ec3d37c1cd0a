import { BitAutoencoder } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { byteTexts } from '../tasks/byte-texts.ts';
import type { ByteTexts } from '../tasks/excerpts.ts';
import { augmentationSettings, type ByteModel, exampleBytes, trainingBytes } from './byte-model.ts';
import { bitsNetwork } from './networks.ts';
import type { ModelSpec } from './spec.ts';
import { fromTokunArchive } from './tokun-archive.ts';

const schema = z.object({
  token: z.int().min(1).max(512).default(1).describe('bytes of a token'),
  embedding: z.int().min(1).max(256).default(8).describe('numbers of a byte'),
  ...augmentationSettings,
});

export const tokunBits: ModelSpec<ByteTexts, ByteModel> = {
  name: 'tokun-bits',
  task: byteTexts,
  summary: 'auto-encoder of bytes by a table and one linear map to their bits (called VQ-VAE in tokun 0.18)',
  schema,
  defaults: { data: 'random-codepoints', epochs: 40, batch: 16, learningRate: 0.05 },
  monitor: { metric: 'nllPerByte', mode: 'min' },
  notes: () => [
    'charAccuracy, byteAccuracy and nllPerByte (nats, the sum of 8 bits) are means over the characters of the text and their 4 bytes, padding left out',
  ],
  create(settings, _, seed) {
    const { token, embedding, balance, ...augmentation } = schema.parse(settings);
    const model = new BitAutoencoder({ token, embedding, seed });
    return {
      weights: model.weights,
      tokenSize: token,
      balance,
      countParams: () => model.countParams(),
      describe: () => model.describe(),
      loss: (batch, step) => tf.tidy(() => model.loss(trainingBytes(batch as tf.Tensor, token, augmentation, step))),
      encode: (bytes) => model.encode(bytes),
      decode: (z) => model.decode(z),
      evaluate: (batch) => tf.tidy(() => model.evaluate(exampleBytes(batch, token))),
      dispose: () => model.dispose(),
    };
  },
  network: (_, { weights }) => bitsNetwork(weights),
  fromKeras: fromTokunArchive,
};
