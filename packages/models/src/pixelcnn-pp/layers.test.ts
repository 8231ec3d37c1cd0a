import { expect, it } from 'vitest';
import { complete, type PixelCnnPlusPlusConfig } from './config.ts';
import { countParams, layersOf } from './layers.ts';

/** The network of the book; the defaults are TFP's. */
const BOOK = { numResnet: 1, numHierarchies: 2, numFilters: 32, numLogisticMix: 5 };

function counts(given: PixelCnnPlusPlusConfig, part = '') {
  const config = complete(given);
  const layers = layersOf(config).filter(({ name }) => name.includes(part));
  const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);
  return {
    layers: layers.length,
    full: sum(layers.map((layer) => countParams(layer, config, layer.fullTaps))),
    live: sum(layers.map((layer) => countParams(layer, config))),
  };
}

// Golden: systems.md 5.3, stored by TFP's masked kernels and of live taps.
it.each<[string, PixelCnnPlusPlusConfig, number, number | undefined]>([
  ['book', BOOK, 624_990, 353_950],
  ['book, colours', { ...BOOK, imageShape: [32, 32, 3] }, 628_292, 355_844],
  ["TFP's default", { imageShape: [32, 32, 3] }, 94_218_280, 53_657_320],
])('parameters: %s', (_, config, full, live) => {
  expect(counts(config)).toMatchObject({ full, live });
});

it('parameters without weight normalisation', () => {
  expect(counts({ ...BOOK, useWeightNorm: false }).full).toBe(623_535); // systems.md 5.3
});

// Golden: the table of systems.md 5.3.
it.each([
  ['init/vertical', 544],
  ['init/horizontal-up', 352],
  ['init/horizontal-left', 352],
  ['down1/resnet1/vertical', 55_488],
  ['down1/resnet1/horizontal', 57_600],
  ['down1/shrink', 32_896],
  ['up2/resnet1/vertical', 57_600],
  ['up1/resnet2/horizontal', 59_648],
  ['up2/grow/vertical', 8256],
  ['up2/grow/horizontal', 4160],
  ['head', 510],
])('parameters of the book: %s', (part, full) => {
  expect(counts(BOOK, part).full).toBe(full);
});

it("TFP's default has 189 layers with weights", () => {
  expect(counts({ imageShape: [32, 32, 3] }).layers).toBe(189);
});

it('a condition adds a layer of 2F outputs, with bias and without weight normalisation, to every gated layer', () => {
  const without = counts(BOOK);
  const conditional = counts({ ...BOOK, conditionalShape: [2, 5] });
  expect(conditional.layers - without.layers).toBe(10);
  expect(conditional.live - without.live).toBe(10 * (10 * 64 + 64));
});

it('elu and relu do not double the channels', () => {
  const config = complete({ ...BOOK, resnetActivation: 'relu' });
  expect(layersOf(config).find(({ name }) => name === 'down1/resnet1/vertical/conv1')!.inputs).toBe(32);
});

it.each<[PixelCnnPlusPlusConfig, RegExp]>([
  [{ imageShape: [30, 32, 1] }, /multiples of 4 for 3 hierarchies, got 30 x 32\. .* 32 x 32/],
  [{ imageShape: [32, 32, 0] }, /imageShape must be \[height, width, channels\], got \[32, 32, 0\]/],
  [{ numResnet: 0 }, /numResnet must be a positive integer, got 0/],
  [{ numFilters: 1.5 }, /numFilters must be a positive integer, got 1\.5/],
  [{ receptiveFieldDims: [3, 4] }, /columns odd, got \[3, 4\]/],
  [{ receptiveFieldDims: [2, 3] }, /3 or more, columns odd, got \[2, 3\]/],
  [{ dropout: 1 }, /dropout must be in \[0, 1\), got 1/],
  [{ averageDecay: Number.NaN }, /averageDecay must be in \[0, 1\), got NaN/],
  [{ low: 3, high: 3 }, /low below high, got 3 and 3/],
  [{ high: 0.5 }, /low and high must be integers, .* got 0 and 0\.5/],
  [{ conditionalShape: [0] }, /conditionalShape must hold positive integers, got \[0\]/],
  [{ resnetActivation: 'tanh' as 'elu' }, /resnetActivation must be one of concat_elu, elu, relu, got tanh/],
  [{ seed: -1 }, /seed must be a non-negative safe integer, got -1/],
])('refuses %j', (config, message) => {
  expect(() => complete(config)).toThrow(RangeError);
  expect(() => complete(config)).toThrow(message);
});
