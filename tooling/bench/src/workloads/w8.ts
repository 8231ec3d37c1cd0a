import { TokunAutoencoder } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';
import { tokunBytes } from '../text/tokun-bytes.ts';
import { inTurn, trainingStep } from './training-step.ts';

/** Bytes of a piece, and characters in all. */
const PIECE = 16_384;
const CHARACTERS = 65_536;
/** Bytes of a training example of 128 characters, and examples of a step. */
const EXAMPLE = 512;
const BATCH = 128;

/** tokun 4x4, 1,188,608 parameters: text to vectors and back, 65,536 characters in 16 pieces; a training step of 128 x 128 characters. */
export async function* w8(): AsyncGenerator<Variant> {
  const data = await tokunBytes();
  yield trainingStep({
    ...{ name: 'step', model: new TokunAutoencoder(), data, itemSize: EXAMPLE, batch: BATCH, learningRate: 1e-3 },
    rate: { amount: (BATCH * EXAMPLE) / 4, unit: 'chars/s' },
  });
  const model = new TokunAutoencoder();
  const next = inTurn(data, PIECE);
  const pieces = Array.from({ length: data.length / PIECE }, () => tf.tensor1d(next(), 'int32'));
  const common = { amount: CHARACTERS, rateUnit: 'chars/s' };
  const read = async (tensor: tf.Tensor) => {
    await tensor.data();
    tensor.dispose();
  };
  yield {
    ...{ ...common, name: 'encode' },
    async run() {
      for (const bytes of pieces) await read(model.encode(bytes));
    },
  };
  const vectors = pieces.map((bytes) => model.encode(bytes));
  yield {
    ...{ ...common, name: 'decode' },
    async run() {
      for (const z of vectors) await read(tf.tidy(() => tf.argMax(model.probs(z), -1)));
    },
    dispose() {
      tf.dispose([pieces, vectors]);
      model.dispose();
    },
  };
}
