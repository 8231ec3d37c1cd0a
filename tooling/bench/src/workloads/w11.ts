import { MixtureOfLogistics, Normal, standardUniform } from '@proj/distributions';
import { normal, uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';

const IMAGES = 64;
const SIDE = 32;
const COMPONENTS = 10;
const PIXELS = IMAGES * SIDE * SIDE;
const DRAWS = 1_000_000;
const ROWS = 100_000;
const TEMPERATURE = 0.5;

/** -mean over images of the log probability of [64, 32, 32, 1] integers under 10 discretised logistics a pixel. */
const negativeLogProb = (y: tf.Tensor, logits: tf.Tensor, loc: tf.Tensor, rawScale: tf.Tensor): tf.Scalar =>
  tf.tidy(() => tf.neg(tf.mean<tf.Scalar>(mixture(logits, loc, rawScale).logProb(y))));

const mixture = (logits: tf.Tensor, loc: tf.Tensor, rawScale: tf.Tensor): MixtureOfLogistics =>
  new MixtureOfLogistics(logits, loc, tf.add(tf.softplus(rawScale), Math.exp(-7)));

/** Distributions: mixtures of logistics, normal draws, the relaxation of one-hot vectors. */
export async function* w11(): AsyncGenerator<Variant> {
  const y = tf.tensor(
    uniform(PIXELS, 0).map((u) => Math.floor(256 * u)),
    [IMAGES, SIDE, SIDE, 1],
  );
  const shape = [IMAGES, SIDE, SIDE, COMPONENTS];
  const parameters = [shape, [...shape, 1], [...shape, 1]].map((s, i) => tf.tensor(normal(PIXELS * COMPONENTS, i), s));
  const [logits, loc, rawScale] = parameters as [tf.Tensor, tf.Tensor, tf.Tensor];
  const gradients = tf.valueAndGrads((a, b, c) => negativeLogProb(y, a, b, c));
  yield {
    name: 'log_prob forward+backward',
    amount: PIXELS,
    rateUnit: 'pixels/s',
    run: async () => {
      const { value, grads } = gradients(parameters);
      await value.data();
      tf.dispose([value, ...grads]);
    },
  };
  yield {
    name: 'log_prob forward',
    amount: PIXELS,
    rateUnit: 'pixels/s',
    run: async () => {
      const value = negativeLogProb(y, logits, loc, rawScale);
      await value.data();
      value.dispose();
    },
    dispose: () => tf.dispose([y, ...parameters]),
  };

  const prior = new Normal(1, 2);
  let seed = 0;
  yield {
    name: 'normal 1e6',
    amount: DRAWS,
    rateUnit: 'samples/s',
    run: () => prior.sample({ sampleShape: [DRAWS], seed: seed++ }).dispose(),
    dispose: () => prior.dispose(),
  };

  const rows = tf.tensor2d(normal(ROWS * COMPONENTS, 3), [ROWS, COMPONENTS]);
  yield {
    name: 'gumbel-softmax',
    amount: ROWS,
    rateUnit: 'samples/s',
    run: () => {
      const relaxed = tf.tidy(() => {
        const gumbel = tf.neg(tf.log(tf.neg(tf.log(standardUniform([ROWS, COMPONENTS], seed++)))));
        return tf.softmax(tf.div(tf.add(rows, gumbel), TEMPERATURE));
      });
      relaxed.dispose();
    },
    dispose: () => rows.dispose(),
  };
}
