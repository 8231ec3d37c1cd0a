import { klDivergence, Normal } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs';

const [p, standard] = [new Normal([0, 2], [1, 0.5]), new Normal(0, 1)]; // p: a batch of two
p.sample({ sampleShape: [3], seed: 0 }).print(); // [3, 2]: three draws of each
p.logProb(1).print(); // [2]
p.quantile([0.025, 0.975]).print(); // one probability for each
klDivergence(p, standard).print();

// A draw is loc + scale * noise, so gradients reach loc and scale through it.
const squaredDraw = (scale: tf.Tensor) => tf.square(new Normal(0, scale).sample({ seed: 0 }));
tf.grad(squaredDraw)(tf.scalar(2)).print();
