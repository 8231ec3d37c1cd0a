import { Categorical, MixtureSameFamily, Normal } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs';

/** K Gaussians from numbers [K] that may take any value, so that a gradient can move them. */
const mixture = (logits: tf.Tensor, loc: tf.Tensor, rawScale: tf.Tensor) =>
  new MixtureSameFamily(new Categorical(logits), new Normal(loc, tf.softplus(rawScale)));

async function main(): Promise<void> {
  await tf.setBackend('cpu'); // three components: too little work for a GPU
  const truth = new MixtureSameFamily(Categorical.fromProbs([0.2, 0.3, 0.5]), new Normal([-4, 0, 3], [0.5, 1, 0.8]));
  const data = truth.sample({ sampleShape: [2000], seed: 0 });
  truth.dispose();

  const [logits, rawScale] = [tf.variable(tf.zeros([3])), tf.variable(tf.zeros([3]))];
  const loc = tf.variable(tf.tensor([-2, 0, 2]));
  const adam = tf.train.adam(0.05);
  for (let step = 0; step < 300; step++) {
    const loss = () => tf.neg(tf.mean<tf.Scalar>(mixture(logits, loc, rawScale).logProb(data)));
    const nats = adam.minimize(loss, step % 100 === 0);
    if (nats) console.log(`step ${step}: ${nats.dataSync()[0]!.toFixed(2)} nats`);
    nats?.dispose();
  }

  const show = (t: tf.Tensor) => [...t.dataSync()].map((x) => x.toFixed(2)).join(', ');
  console.log(`weights ${show(tf.softmax(logits))}`);
  console.log(`means   ${show(loc)}`);
  console.log(`scales  ${show(tf.softplus(rawScale))}`);
}
void main();
