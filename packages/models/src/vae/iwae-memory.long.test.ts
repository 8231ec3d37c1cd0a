import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { Vae } from './vae.ts';

// 1,024 draws, whose 32 x 32 x 32 numbers each are 134 MB in one layer: the bound of an image is not to depend on how many fit.
it('the importance bound of a convolutional network decodes few enough draws together', async () => {
  await tf.setBackend('wasm');
  const vae = new Vae({ net: 'conv', latent: 2 });
  const x = tf.zeros([8, 784]);
  const { peakBytes } = await tf.profile(() => vae.iwae(x, 128, 0));
  expect(peakBytes).toBeLessThan(250e6);
  tf.dispose(x);
  vae.dispose();
});
