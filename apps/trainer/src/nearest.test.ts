import { expect, it } from 'vitest';
import { nearest, unknownName } from './nearest.ts';

it.each([
  ['vea', 'vae'],
  ['autoencodr', 'autoencoder'],
  ['VAE', 'vae'],
  ['gm', 'gmm'],
])('%s is nearest to %s', (typed, name) => {
  expect(nearest(typed, ['autoencoder', 'vae', 'gmm'])).toBe(name);
});

it('names the guess and all there are', () => {
  expect(unknownName('model', 'vea', ['autoencoder', 'vae'])).toBe(
    "unknown model 'vea'. Did you mean 'vae'? There are: autoencoder, vae.",
  );
});
