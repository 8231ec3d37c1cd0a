import { useEngine } from '@proj/backend';
import { CharacterVocabulary } from '@proj/io';
import { WordVae } from '@proj/models';
import { Adam } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';

const FIFTY =
  'anchor basket candle dragon engine falcon garden hammer island jungle kettle ladder magnet needle orange pencil quartz ribbon saddle ' +
  'tunnel umbrella violin walnut yellow zipper arrow bridge copper desert eagle forest glacier harbor iron jacket kitchen lantern mirror ' +
  'noodle ocean planet rabbit silver thunder uncle valley window yogurt zebra R2D2';

// systems.md 11.6: overfits 50 words, more than 95 % exact from the posterior's mean.
it('learns fifty words by heart', async () => {
  await useEngine('wasm');
  const words = FIFTY.split(' ');
  expect(new Set(words).size).toBe(50);
  const x = tf.tensor2d(new CharacterVocabulary(CharacterVocabulary.alphanumeric).rows(words, 9), [50, 9], 'int32');
  const model = new WordVae({ seed: 1 });
  const adam = new Adam(model.weights);
  const named = Object.entries(model.weights);
  const rate = () => tf.tidy(() => model.reconstructionRate(x).dataSync()[0]!);
  expect(rate()).toBeLessThan(0.05);
  for (let step = 0; step < 600; step++) {
    tf.tidy(() => {
      const { grads } = tf.variableGrads(() => model.loss(x, step, step), Object.values(model.weights));
      adam.update(Object.fromEntries(named.map(([name, weight]) => [name, grads[weight.name]])), 5e-3);
    });
  }
  expect(rate()).toBeGreaterThan(0.95);
  adam.dispose();
  model.dispose();
  x.dispose();
});
