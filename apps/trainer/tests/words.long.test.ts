import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngine } from '@proj/backend';
import { CharacterVocabulary } from '@proj/io';
import { WordVae } from '@proj/models';
import { Adam } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

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

// The smoke test of docs/runs/names.md: 10 epochs of 40 on words that are always there. After 6 the bound is 1 nat a word above the bigrams.
it('beats bigrams on held-out words by its bound', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'proj-words-'));
  try {
    const { io, lastJson } = fakeIo();
    const options = [
      '--engine',
      'wasm',
      '--epochs',
      '10',
      '--set',
      'warmup=500',
      '--out',
      join(folder, 'run'),
      '--json',
    ];
    expect(await run(io, ['train', 'word-vae', ...options])).toBe(0);
    const { nllPerChar, bigramNllPerChar, novelRate } = lastJson().metrics as Record<string, number>;
    expect(nllPerChar).toBeLessThan(bigramNllPerChar! - 0.05);
    expect(novelRate).toBeGreaterThan(0.6);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
