import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { standardUniform } from '@proj/distributions';
import { expect, it } from 'vitest';
import { setWeights } from '../fixtures/training.ts';
import { Vae } from './vae.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;

// Golden: arithmetic, 100,868 + 246,273 (systems.md 6.2); the padding stores nothing, so 28x28 and 32x32 agree.
it.each([[[28, 28, 1]], [[32, 32, 1]]] as [[number, number, number]][])(
  'images of %j: 347,141 parameters',
  (imageShape) => {
    const vae = new Vae({ net: 'conv', latent: 2, imageShape });
    expect(vae.countParams()).toBe(347_141);
    expect(vae.describe().reduce((sum, { params }) => sum + params, 0)).toBe(347_141);
    vae.dispose();
  },
);

it('describes the way of an image', () => {
  const rows = new Vae({ net: 'conv', latent: 2 }).describe();
  expect(rows.map(({ name, outputShape }) => `${name} ${outputShape.slice(1).join('x')}`)).toEqual([
    'encoder/pad 32x32x1',
    'encoder/conv1 16x16x32',
    'encoder/conv2 8x8x64',
    'encoder/conv3 4x4x128',
    'encoder/flatten 2048',
    'encoder/loc 2',
    'encoder/log-variance 2',
    'decoder/dense 2048',
    'decoder/reshape 4x4x128',
    'decoder/conv1 8x8x128',
    'decoder/conv2 16x16x64',
    'decoder/conv3 32x32x32',
    'decoder/output 32x32x1',
    'decoder/crop 28x28x1',
  ]);
});

/** The 6x7 images in the middle of 8x8 ones: a row above and below, a column behind. */
const small = new Vae({ net: 'conv', latent: 3, imageShape: [6, 7, 1], seed: 4 });
const large = new Vae({ net: 'conv', latent: 3, imageShape: [8, 8, 1], seed: 9 });
for (const [name, weight] of Object.entries(small.weights)) large.weights[name]!.assign(weight);
const x = tf.round(standardUniform([3, 42], 0)) as tf.Tensor2D;

it('pads and crops: works on 6x7 images as on 8x8 ones with zeros around', () => {
  const padded = x.arraySync().map((pixels) => {
    const square = new Array<number>(64).fill(0);
    for (let row = 0; row < 6; row++) {
      for (let column = 0; column < 7; column++) square[8 * (row + 1) + column] = pixels[7 * row + column]!;
    }
    return square;
  });
  const { loc, scale } = small.encode(x);
  const wide = large.encode(tf.tensor2d(padded));
  expect(loc.arraySync()).toEqual(wide.loc.arraySync());
  expect(scale.arraySync()).toEqual(wide.scale.arraySync());
  const square = large.decode(loc).arraySync();
  const images = small.decode(loc).arraySync();
  for (const [i, image] of images.entries()) {
    const middle = image.map((_, p) => square[i]![8 * (Math.floor(p / 7) + 1) + (p % 7)]);
    expect(image).toEqual(middle);
  }
});

it('scores the pixels of the image and no others', () => {
  const vae = new Vae({ net: 'conv', latent: 2, imageShape: [6, 7, 1] });
  setWeights(vae, { 'decoder/output/kernel': 0 }); // logits 0: a pixel costs log 2
  for (const got of vae.elbo(x, 0).reconstruction.dataSync()) expect(got).toBeCloseTo(-42 * Math.LN2, 4);
});

it('takes colours, either likelihood, and one pixel', () => {
  const vae = new Vae({ net: 'conv', latent: 2, imageShape: [1, 1, 3], likelihood: 'gaussian' });
  expect(vae.sample(2, 0).shape).toEqual([2, 3]);
  expect(vae.elbo(tf.zeros([2, 3]), 0).elbo.shape).toEqual([2]);
});

it('gradients reach every weight and agree with finite differences', () => {
  const weights = Object.entries(small.weights);
  for (const [name] of weights) if (name.endsWith('bias')) setWeights(small, { [name]: 0.05 }); // 0 is a kink of relu
  const { grads } = tf.variableGrads(
    () => small.loss(x, 1),
    weights.map(([, w]) => w),
  );
  for (const [name, weight] of weights) {
    const gradient = grads[weight.name]!;
    const norm = value(tf.norm(gradient));
    expect(norm, name).toBeGreaterThan(0);
    // Along the gradient the loss must change by its norm: relu kinks and float32 allow 5 %.
    const first = weight.clone();
    const h = 0.002;
    const at = (t: number) => {
      weight.assign(tf.add(first, tf.mul(gradient, t / norm)));
      return value(small.loss(x, 1));
    };
    const slope = (at(h) - at(-h)) / (2 * h);
    weight.assign(first);
    expect(Math.abs(slope - norm), name).toBeLessThan(0.05 * norm + 5e-3);
  }
});

it('100 calls add no tensor', () => {
  const vae = new Vae({ net: 'conv', latent: 2, imageShape: [4, 4, 1] });
  const pixels = tf.zeros([1, 16]);
  const before = tf.memory().numTensors;
  for (let seed = 0; seed < 100; seed++) vae.loss(pixels, seed).dispose();
  const { value: loss, grads } = tf.variableGrads(() => vae.loss(pixels, 0), Object.values(vae.weights));
  tf.dispose([loss, grads]);
  expect(tf.memory().numTensors).toBe(before);
});
