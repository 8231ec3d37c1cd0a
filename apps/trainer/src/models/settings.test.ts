import { expect, it } from 'vitest';
import { modelSpec } from './index.ts';
import { parseSettings } from './settings.ts';

const vae = modelSpec('vae');

it('fills in the defaults of interface.md', () => {
  expect(parseSettings(vae, {})).toEqual({
    latent: 20,
    hidden: 500,
    layers: 1,
    activation: 'tanh',
    net: 'mlp',
    likelihood: 'bernoulli',
    scale: 1,
    beta: 1,
    warmup: 0,
    cycles: 1,
    freeBits: 0,
    prior: 'normal',
    components: 10,
    reflections: 0,
  });
});

it('reads numbers, booleans and words from the command line', () => {
  expect(parseSettings(vae, { latent: '5', beta: '0.5', net: 'conv' })).toMatchObject({
    latent: 5,
    beta: 0.5,
    net: 'conv',
  });
  expect(parseSettings(modelSpec('autoencoder'), { linear: 'true' })).toEqual({ latent: 2, linear: true });
});

it.each([
  [
    { latnt: '5' },
    "vae has no setting 'latnt'. Did you mean 'latent'? There are: latent, hidden, layers, activation, net, likelihood, " +
      'scale, beta, warmup, cycles, freeBits, prior, components, reflections.',
  ],
  [{ latent: '0' }, "vae: setting latent must be at least 1, got '0'."],
  [{ latent: '2.5' }, "vae: setting latent must be a whole number, got '2.5'."],
  [{ latent: 'two' }, "vae: setting latent must be a number, got 'two'."],
  [{ net: 'mpl' }, "vae: setting net must be one of mlp, conv, got 'mpl'."],
  [{ beta: '-1' }, "vae: setting beta must be at least 0, got '-1'."],
  [{ scale: '0' }, "vae: setting scale must be more than 0, got '0'."],
  [{ prior: 'vampire' }, "vae: setting prior must be one of normal, mixture, vamp, got 'vampire'."],
  [
    { freeBits: '0.1', prior: 'vamp' },
    "vae: setting freeBits is not right: it needs the prior normal, whose KL is a sum over dimensions, got '0.1'.",
  ],
])('%o is refused in one clear line', (given, message) => {
  expect(() => parseSettings(vae, given as Record<string, string>)).toThrow(message);
});

it('an unknown model names the nearest', () => {
  expect(() => modelSpec('autoencodr')).toThrow("unknown model 'autoencodr'. Did you mean 'autoencoder'?");
});
