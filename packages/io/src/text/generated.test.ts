import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { generatedWords } from './generated-words.ts';
import { plantedTopics } from './planted-topics.ts';
import { recipeGrammar } from './recipe-grammar.ts';
import { splitWords } from './split-words.ts';

const sha256 = (items: readonly string[]) => createHash('sha256').update(items.join('\n')).digest('hex').slice(0, 16);

// Goldens: pinned from the first run, so that they do not change between versions or machines.
it('pins its texts', () => {
  const recipes = recipeGrammar({ count: 100, seed: 0 });
  expect(recipes[7]).toBe(
    'Recipe for Black Bean and Vegetable Stew | Heat 3 tablespoons butter in a large nonstick skillet over moderately high heat. Add 1 chopped onion and sauté, stirring often, until golden, 5 to 6 minutes. Stir in the vegetables, 1/2 teaspoon nutmeg and 1 teaspoon salt; cook 5 to 6 minutes longer. Add the black beans and 1 1/2 cups water; simmer until the vegetables are tender, about 30 minutes. Serve with quinoa.',
  );
  expect(sha256(recipes)).toBe('b67ee61ef6cdea70');
  const words = generatedWords({ count: 1000, seed: 0 });
  expect(words.slice(0, 8).join(' ')).toBe('jeteti shulan ko defienefis seti napa dulan nessesen');
  expect(sha256(words)).toBe('ce7632dc4eb2a588');
  const { documents, topicOf } = plantedTopics({ count: 100, seed: 0 });
  expect(documents[1]).toBe(
    'Before long the solar planet observed our star. Before long the lunar rocket scanned our star. The planet of the satellite was cosmic.',
  );
  expect(topicOf[1]).toBe(3);
  expect(sha256(documents)).toBe('1804ac8cceccca94');
});

it.each([
  ['recipeGrammar', recipeGrammar],
  ['generatedWords', generatedWords],
  ['plantedTopics', (options: { count: number; seed: number }) => plantedTopics(options).documents],
] as const)('%s: item i depends on the seed and on i alone', (name, draw) => {
  const many = draw({ count: 60, seed: 3 });
  expect(many.length).toBe(60);
  expect(draw({ count: 25, seed: 3 })).toEqual(many.slice(0, 25));
  expect(draw({ count: 60, seed: 4 })).not.toEqual(many);
  expect(draw({ count: 0, seed: 0 })).toEqual([]);
  expect(() => draw({ count: 1.5, seed: 0 })).toThrow(`${name}: count must be a whole number from 0 to`);
  expect(() => draw({ count: 1, seed: -1 })).toThrow(`${name}: a seed is a non-negative safe integer, got -1`);
});

it('recipes: of their form, all filled in, different, of 30 to 150 words', () => {
  const recipes = recipeGrammar({ count: 2000, seed: 0 });
  const form = /^Recipe for \p{Lu}[^|]+ \| \p{Lu}[^|]*[.]$/u;
  expect(recipes.filter((text) => !form.test(text) || /[[\]{}<>]|undefined| {2}| [.,;]/.test(text))).toEqual([]);
  expect(new Set(recipes).size).toBeGreaterThan(1990);
  const lengths = recipes.map((text) => splitWords(text).length);
  expect(Math.min(...lengths)).toBeGreaterThan(30);
  expect(Math.max(...lengths)).toBeLessThan(150);
  expect(new Set(recipes.flatMap(splitWords)).size).toBeGreaterThan(400);
});

it('recipes: the directions say again what the title names', () => {
  // Not in the directions: how a dish is called, other forms of a word (Curried: curry), and what the cook does not touch.
  const dish = /^(roasted|salad|soup|stew|curried|stir|fried|grilled|braised|baked|fish|and|with|-|,|s)$/;
  const recipes = recipeGrammar({ count: 2000, seed: 1 });
  let [named, repeated] = [0, 0];
  for (const text of recipes) {
    const [title, directions] = text.slice('Recipe for '.length).split(' | ') as [string, string];
    for (const word of splitWords(title).filter((part) => !dish.test(part))) {
      named++;
      repeated += directions.toLowerCase().includes(word.slice(0, Math.max(3, word.length - 1))) ? 1 : 0; // berry, berries
    }
  }
  expect(repeated / named).toBeGreaterThan(0.97);
});

it('recipes: held-out words cost two nats less after the word before than alone', () => {
  const train = recipeGrammar({ count: 2000, seed: 0 }).map(splitWords);
  const held = recipeGrammar({ count: 200, seed: 1 }).map(splitWords);
  const unigrams = new Map<string, number>();
  const bigrams = new Map<string, number>();
  const count = (table: Map<string, number>, key: string) => table.set(key, (table.get(key) ?? 0) + 1);
  for (const words of train) {
    words.forEach((word, i) => {
      count(unigrams, word);
      if (i > 0) count(bigrams, `${words[i - 1]} ${word}`);
    });
  }
  const total = [...unigrams.values()].reduce((sum, n) => sum + n, 0);
  const [k, v] = [0.1, unigrams.size];
  const mean = (cost: (word: string, before: string) => number) => {
    const costs = held.flatMap((words) => words.slice(1).map((word, i) => cost(word, words[i]!)));
    return costs.reduce((sum, x) => sum + x, 0) / costs.length;
  };
  const alone = mean((word) => -Math.log(((unigrams.get(word) ?? 0) + k) / (total + k * v)));
  const after = mean(
    (word, before) => -Math.log(((bigrams.get(`${before} ${word}`) ?? 0) + k) / ((unigrams.get(before) ?? 0) + k * v)),
  );
  expect(alone - after).toBeGreaterThan(2);
  expect(after).toBeGreaterThan(1); // it leaves a model with memory something to win
});

it('words: 2 to 12 lower-case letters, one row of vowels, never three consonants in a row, some of them repeated', () => {
  const words = generatedWords({ count: 4000, seed: 0 });
  expect(words.filter((word) => !/^[a-z]{2,12}$/.test(word))).toEqual([]);
  expect(words.filter((word) => /[aou]/.test(word) && /[ei]/.test(word))).toEqual([]);
  expect(words.filter((word) => !/[aeiou]/.test(word) || /[^aeiou]{3}/.test(word))).toEqual([]);
  const distinct = new Set(words).size;
  expect([distinct > 3000, distinct < 3900]).toEqual([true, true]);
  expect(new Set(words.map(({ length }) => length)).size).toBe(11);
});

it('topics: 30 words each, none in two, none among the shared ones', () => {
  const { documents, topics } = plantedTopics({ count: 3000, seed: 0 });
  expect(topics.map(({ length }) => length)).toEqual(Array(10).fill(30));
  const owned = new Set(topics.flat());
  expect(owned.size).toBe(300);
  const seen = new Set(documents.flatMap(splitWords));
  expect([...owned].filter((word) => !seen.has(word))).toEqual([]);
  expect(
    [...seen]
      .filter((word) => !owned.has(word))
      .sort()
      .join(' '),
  ).toBe(
    ', . ; after and another because before both every in is it long nobody of others our say some that the they this was we were with without',
  );
});

it('topics: one to three sentences, mostly of the main topic, frequent words first', () => {
  const count = 3000;
  const { documents, topicOf, topics } = plantedTopics({ count, seed: 2 });
  expect(new Set(documents.map((text) => text.split('.').length - 1))).toEqual(new Set([1, 2, 3]));
  const topicOfWord = new Map(topics.flatMap((words, k) => words.map((word) => [word, k] as const)));
  const content = documents.map((text) => splitWords(text).flatMap((word) => topicOfWord.get(word) ?? []));
  content.forEach((found, i) => {
    const counts = topics.map((_, k) => found.filter((topic) => topic === k).length);
    expect(counts[topicOf[i]!]).toBe(Math.max(...counts));
  });
  // The urn: the second content word shares the topic of the first with probability (1 + 0.3 / 10) / 1.3; 5 standard errors.
  const same = content.filter(([first, second]) => first === second).length / count;
  expect(Math.abs(same - 1.03 / 1.3)).toBeLessThan(5 * Math.sqrt((0.79 * 0.21) / count));
  // Each topic is the main one of a tenth of the documents; 5 standard errors.
  topics.forEach((_, k) => {
    const share = topicOf.filter((topic) => topic === k).length / count;
    expect(Math.abs(share - 0.1)).toBeLessThan(5 * Math.sqrt((0.1 * 0.9) / count));
  });
  const text = splitWords(documents.join(' '));
  const times = (word: string) => text.filter((other) => other === word).length;
  for (const words of topics) expect(times(words[0]!)).toBeGreaterThan(3 * times(words[11]!));
});

it('topics: as many as are asked for', () => {
  const { topics, topicOf, documents } = plantedTopics({ count: 100, seed: 0, topics: 3 });
  expect(topics.length).toBe(3);
  expect(new Set(topicOf)).toEqual(new Set([0, 1, 2]));
  expect(documents.some((text) => text.includes('planet'))).toBe(false);
  expect(() => plantedTopics({ count: 1, seed: 0, topics: 11 })).toThrow(
    'plantedTopics: topics must be a whole number from 1 to 10, got 11.',
  );
});
