// Baselines of recipes.md: tables of counts over the words of recipes, add-k smoothed, fitted on the training part with a run's own
// vocabulary, in nats a token of the test part. k is chosen on the validation part. From the root, after a run and its build:
//   PROJ_DATA_DIR=... node docs/runs/recipe-counts.mjs runs/recipes
import { readFileSync } from 'node:fs';
import { WordVocabulary } from '../../packages/io/dist/index.js';
import { loadTexts } from '../../packages/io/dist/node.js';

const LENGTH = 201;
const run = process.argv[2] ?? 'runs/recipes';
const vocabulary = WordVocabulary.fromJSON(JSON.parse(readFileSync(`${run}/vocabulary.json`, 'utf8')), run);
const { train, validation, test } = await loadTexts('recipes');
const tokens = (texts) => texts.map((text) => [...vocabulary.encode(text), 0].slice(0, LENGTH));
const [seen, chosenOn, held] = [train, validation, test].map(tokens);
const size = vocabulary.size;

const count = (keyOf) => {
  const [pairs, sums] = [new Map(), new Map()];
  for (const text of seen) {
    for (let i = 1; i < text.length; i++) {
      const key = keyOf(text, i);
      const pair = key * size + text[i];
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
      sums.set(key, (sums.get(key) ?? 0) + 1);
    }
  }
  return (text, i, k) => {
    const key = keyOf(text, i);
    return ((pairs.get(key * size + text[i]) ?? 0) + k) / ((sums.get(key) ?? 0) + k * size);
  };
};

const nats = (texts, probability) => {
  let [sum, n] = [0, 0];
  for (const text of texts) for (let i = 1; i < text.length; i++, n++) sum -= Math.log(probability(text, i));
  return sum / n;
};

const unigram = count(() => 0);
const bigram = count((text, i) => text[i - 1]);
const trigram = count((text, i) => (i < 2 ? size : text[i - 2]) * size + text[i - 1]);
const mixtures = {
  unigram: [(k) => (text, i) => unigram(text, i, k), [10, 1, 0.1, 0.01]],
  bigram: [(k) => (text, i) => bigram(text, i, k), [1, 0.1, 0.01, 0.001]],
  // Weights of trigram, bigram and unigram.
  'interpolated trigram': [
    ([a, b]) =>
      (text, i) =>
        a * trigram(text, i, 1e-9) + b * bigram(text, i, 1e-9) + (1 - a - b) * unigram(text, i, 1),
    [
      [0.3, 0.4],
      [0.4, 0.4],
      [0.5, 0.3],
      [0.5, 0.4],
      [0.6, 0.3],
    ],
  ],
};
for (const [name, [make, choices]] of Object.entries(mixtures)) {
  const [best] = choices.map((choice) => [nats(chosenOn, make(choice)), choice]).sort(([a], [b]) => a - b);
  console.log(`${name}: ${nats(held, make(best[1])).toFixed(4)} nats/token (setting ${best[1]})`);
}
