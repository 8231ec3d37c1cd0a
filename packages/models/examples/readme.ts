import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { Vae } from '@proj/models';

const digits = ['111101101101111', '010110010010111', '111001111100111', '111001001001001']; // 0 1 2 7, 5 rows of 3
const x = tf.tensor2d(digits.map((pixels) => Array.from(pixels, Number)));
const vae = new Vae({ imageShape: [5, 3, 1], latent: 2, hidden: 16 });
const adam = tf.train.adam(0.02);
for (let step = 0; step < 300; step++) {
  adam.minimize(() => vae.loss(x, step), false, Object.values(vae.weights)); // step is the seed of its draws
}

const bound = tf.mean(vae.iwae(x, 1000, 0)).dataSync()[0] ?? Number.NaN;
console.log(`${vae.countParams()} parameters, log p(x) above ${bound.toFixed(0)} nats a digit`);
const seven = Array.from(vae.reconstruct(x).dataSync(), (p) => (p > 0.5 ? '#' : '.')).slice(45);
for (let row = 0; row < 5; row++) console.log(seven.slice(3 * row, 3 * row + 3).join(''));
