import { ByteVae } from '@proj/models';
import { hilbertCurve } from '@proj/tokun';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { byteTexts } from '../tasks/byte-texts.ts';
import type { ByteTexts } from '../tasks/excerpts.ts';
import { augmentationSettings, type ByteModel, exampleBytes, refused, trainingBytes } from './byte-model.ts';
import type { ModelSpec } from './spec.ts';

/** Where the weight of the KL starts. */
const FIRST_BETA = 1e-4;

/** Images that are looked at together outside training: attention has a number for every two places of an image and head. */
const TOGETHER = 4;

/** What `f` makes of the rows of x, some at a time. */
function inPieces(x: tf.Tensor, f: (piece: tf.Tensor) => tf.Tensor): tf.Tensor {
  const rows = x.shape[0]!;
  const pieces: tf.Tensor[] = [];
  for (let from = 0; from < rows; from += TOGETHER) {
    pieces.push(tf.tidy(() => f(tf.slice(x, from, Math.min(TOGETHER, rows - from)))));
  }
  return tf.concat(pieces);
}

const schema = z.object({
  order: z.int().min(1).max(8).default(5).describe('of the Hilbert curve: an image has 2^order x 2^order tokens'),
  token: z.int().min(1).max(64).default(1).describe('bytes of a token'),
  embedding: z.int().min(1).max(1024).default(64).describe('numbers of a byte'),
  widths: z.coerce
    .string()
    .regex(/^\d+(,\d+)*$/, 'give numbers with commas between them, such as 64,128,256')
    .default('64,128,256')
    .describe('channels of the blocks, each of which halves the image; the latent has as many as the last'),
  heads: z.int().min(1).max(64).default(8).describe('of attention'),
  dropout: z.number().min(0).max(0.9).default(0.04).describe('in the residual blocks'),
  beta: z.number().min(0).default(0.01).describe('weight of the KL in nats a place, beside nats a bit'),
  betaSteps: z.int().min(1).default(16_384).describe(`steps over which it rises from ${FIRST_BETA}`),
  ...augmentationSettings,
});

export const tokunKlvae: ModelSpec<ByteTexts, ByteModel> = {
  name: 'tokun-klvae',
  task: byteTexts,
  summary:
    'variational auto-encoder of bytes folded along a Hilbert curve, a U-net of convolutions and attention (tokun 0.18)',
  schema,
  defaults: { data: 'random-codepoints', epochs: 1, batch: 4, learningRate: 1e-4 },
  monitor: { metric: 'nllPerByte', mode: 'min' },
  notes: ({ order, token }) => [
    'charAccuracy, byteAccuracy and nllPerByte (nats, the sum of 8 bits) are those under the mean of the posterior, means over the characters of the text and their 4 bytes, padding left out',
    `an image holds ${4 ** Number(order) * Number(token)} bytes of UTF-32`,
    'with the sizes of its source, a step of four images takes 3 GB of memory',
  ],
  create(settings, _, seed) {
    const { order, widths, balance, random, planes, jitter, beta, betaSteps, ...config } = schema.parse(settings);
    const { token } = config;
    const side = 2 ** order;
    const model = refused(() => new ByteVae({ ...config, side, widths: widths.split(',').map(Number), seed }));
    const tokenSize = token * side * side;
    const curve = Int32Array.from(hilbertCurve({ order, rank: 2 }));
    const inverse = new Int32Array(curve.length);
    curve.forEach((place, i) => {
      inverse[place] = i;
    });
    const moved = (x: tf.Tensor, places: Int32Array) => {
      const images = tf.reshape(x, [x.size / tokenSize, side * side, token]);
      return tf.gather(images, tf.tensor1d(places, 'int32'), 1);
    };
    const folded = (bytes: tf.Tensor) => tf.reshape(moved(bytes, inverse), [-1, side, side, token]);
    const unfolded = (image: tf.Tensor, shape: number[]) => tf.reshape(moved(image, curve), shape);
    const augmentation = { random, planes, jitter };
    const betaAt = (step: number) => FIRST_BETA + (beta - FIRST_BETA) * Math.min(1, step / betaSteps);
    const latent = [side / 2 ** widths.split(',').length, Number(widths.split(',').at(-1))] as const;
    return {
      weights: model.weights,
      tokenSize,
      balance,
      hasPrior: true,
      countParams: () => model.countParams(),
      describe: () => model.describe(),
      loss: (batch, stepSeed, step) =>
        tf.tidy(() => {
          const bytes = trainingBytes(batch as tf.Tensor, tokenSize, augmentation, stepSeed);
          return model.loss(folded(bytes), stepSeed, { beta: betaAt(step) });
        }),
      encode: (bytes) =>
        tf.tidy(() => {
          const z = inPieces(folded(bytes), (images) => model.encode(images));
          return tf.reshape(z, [...bytes.shape.slice(0, -1), bytes.shape.at(-1)! / tokenSize, z.size / z.shape[0]]);
        }),
      decode: (vectors) =>
        tf.tidy(() => {
          const [small, channels] = latent;
          const codes = tf.reshape(vectors, [-1, small, small, channels]);
          const image = inPieces(codes, (some) => model.decode(some));
          return unfolded(image, [...vectors.shape.slice(0, -2), vectors.shape.at(-2)! * tokenSize]);
        }),
      evaluate: (batch) =>
        tf.tidy(() => {
          const bytes = exampleBytes(batch, tokenSize);
          const found = inPieces(folded(bytes), (images) => {
            const { nats, decoded } = model.evaluate(images);
            return tf.stack([nats, tf.cast(decoded, 'float32')], 1);
          });
          const [nats, decoded] = tf.unstack(found, 1).map((image) => unfolded(image, bytes.shape));
          return { nats: nats!, decoded: decoded! };
        }),
      dispose: () => model.dispose(),
    };
  },
};
