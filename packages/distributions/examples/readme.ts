import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { Independent, klDivergence, Normal } from '@proj/distributions';
import { splitSeed } from '@proj/distributions/random';

const prior = new Independent(new Normal(tf.zeros([2]), tf.ones([2])), 1);
const posterior = new Independent(new Normal(tf.tensor([1, -2]), tf.tensor([0.5, 2])), 1);

const [seed] = splitSeed(0, 1);
const z = posterior.sample({ seed });
z.print();
posterior.logProb(z).print();
klDivergence(posterior, prior).print();
