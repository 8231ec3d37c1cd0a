import { expect, it } from 'vitest';
import { bagsOfWords, topicWordIds } from './bags.ts';
import { englishStopWords } from './stop-words.ts';

const words = ['', '[UNK]', 'the', 'soup', '.', 'sauce', "it's", 'b', 'sky', '42', 'star'];
//                0     1      2      3      4     5        6     7    8      9     10
const documents = [[2, 3, 5, 4], [2, 3, 3, 4, 1, 6], [2, 8, 10, 4, 7, 0], [2, 8, 9, 4, 0, 0], [3, 3], [10]];

it('topic words are words, no stop words, and in few enough documents; the most common first', () => {
  expect([...topicWordIds(documents, words)]).toEqual([3, 8, 10, 5, 6]); // soup in 3 documents, sky and star in 2
  expect([...topicWordIds(documents, words, { size: 2 })]).toEqual([3, 8]);
  expect([...topicWordIds(documents, words, { stopWords: ['sky'] })]).toEqual([3, 10, 5, 6]); // the: in 4 of 6
  expect([...topicWordIds(documents, words, { stopWords: [], maxShare: 0.7 })]).toEqual([2, 3, 8, 10, 5, 6]);
  expect([...topicWordIds(documents, words, { maxShare: 0.4 })]).toEqual([8, 10, 5, 6]);
});

it('the stop words are single words in lower case, none twice', () => {
  expect(new Set(englishStopWords).size).toBe(englishStopWords.length);
  expect(englishStopWords.every((word) => /^[a-z]+$/.test(word))).toBe(true);
  expect(englishStopWords.length).toBeGreaterThan(200);
});

it('bags count the topic words of each document', () => {
  expect([...bagsOfWords(documents.slice(0, 3), [3, 10, 6])]).toEqual([1, 0, 0, 2, 0, 1, 0, 1, 0]);
  expect(bagsOfWords([], [3])).toHaveLength(0);
});

it.each<[Parameters<typeof topicWordIds>[2], string]>([
  [{ size: 0 }, 'topicWordIds: size must be a positive integer, got 0.'],
  [{ maxShare: 0 }, 'topicWordIds: maxShare must be above 0 and at most 1, got 0. Omit it to use 0.5.'],
  [{ stopWords: words }, 'topicWordIds: no word of 6 documents is left for topics'],
])('mistakes are named: %j', (options, message) => {
  expect(() => topicWordIds(documents, words, options)).toThrow(message);
});
