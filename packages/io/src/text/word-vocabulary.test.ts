import { expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { MARKS } from './split-words.ts';
import { WordVocabulary } from './word-vocabulary.ts';

const corpus = ['Mix flour, salt.', 'Bake. Mix; bake, cool', 'zest APPLES apples (flour)'];

// Golden: numpy 2.4, as in finalize_state of Keras 3's IndexLookup: tokens[np.lexsort((tokens, counts))[::-1]] with
// tokens b', . ( ) ; apples bake cool flour mix salt zest'.split(b' ') and counts 2 2 1 1 1 2 2 1 2 2 1 1.
const words = ['', '[UNK]', 'mix', 'flour', 'bake', 'apples', '.', ',', 'zest', 'salt', 'cool', ';', ')', '('];

it('numbers words from 2 by falling frequency, ties in falling order', () => {
  const vocabulary = WordVocabulary.fromTexts(corpus);
  expect(vocabulary.words).toEqual(words);
  expect(vocabulary.size).toBe(14);
  expect([...vocabulary.encode('mix FLOUR, yeast.')]).toEqual([2, 3, 7, 1, 6]);
  expect([...vocabulary.encode(' ')]).toEqual([]);
});

it('keeps size - 2 words; the rest is unknown', () => {
  const vocabulary = WordVocabulary.fromTexts(corpus, 5);
  expect(vocabulary.words).toEqual(words.slice(0, 5));
  expect([...vocabulary.encode('bake apples')]).toEqual([4, 1]);
});

it('cuts and pads rows', () => {
  const rows = WordVocabulary.fromTexts(corpus).rows(['mix', 'Bake. Mix; bake', '', 'eggs, salt'], 3);
  expect(rows).toEqual(Int32Array.of(2, 0, 0, 4, 6, 2, 0, 0, 0, 1, 7, 9));
});

it('knows every mark', () => {
  const vocabulary = WordVocabulary.fromTexts([MARKS]);
  expect(vocabulary.size).toBe(34);
  expect([...vocabulary.encode(MARKS)].sort((a, b) => a - b)).toEqual([...Array(34).keys()].slice(2));
});

it('writes text up to the stop', () => {
  const vocabulary = WordVocabulary.fromTexts(corpus);
  expect(vocabulary.decode(vocabulary.encode('Mix flour, yeast. Bake (apples)'))).toBe(
    'mix flour, [UNK]. bake (apples)',
  );
  expect(vocabulary.decode([2, 7, 3, 0, 4])).toBe('mix, flour');
  expect(vocabulary.decode([0])).toBe('');
  expect(() => vocabulary.decode([14])).toThrow('WordVocabulary: expected ids from 0 to 13, got 14.');
  expect(() => vocabulary.decode([-1])).toThrow(RangeError);
});

it('comes back from its file', () => {
  const vocabulary = WordVocabulary.fromTexts(corpus, 9);
  const again = WordVocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)), 'vocabulary.json');
  expect(again.words).toEqual(vocabulary.words);
  expect(again.encode(corpus.join())).toEqual(vocabulary.encode(corpus.join()));
});

it.each([
  [null, 'v.json: expected a vocabulary of words, { "type": "words", "words": [...] }. Give its file.'],
  [['', '[UNK]', 'a'], 'expected a vocabulary of words'],
  [{ type: 'characters', alphabet: 'ab' }, 'expected a vocabulary of words'],
  [{ type: 'words', words: 'abc' }, 'expected a vocabulary of words'],
  [{ type: 'words', words: [] }, 'v.json: expected word 0 to be "", the stop, got nothing.'],
  [{ type: 'words', words: ['', 'a'] }, 'v.json: expected word 1 to be "[UNK]", got "a".'],
  [{ type: 'words', words: ['', '[UNK]', 'a', 'b', 'a'] }, 'expected word 4 to be one lower-case word or mark that no'],
  [{ type: 'words', words: ['', '[UNK]', 'a b'] }, 'expected word 2 to be one lower-case word or mark'],
  [{ type: 'words', words: ['', '[UNK]', 'A'] }, 'got "A"'],
  [{ type: 'words', words: ['', '[UNK]', ''] }, 'got ""'],
  [
    { type: 'words', words: ['', '[UNK]', 7] },
    'expected word 2 to be one lower-case word or mark that no other id has, got 7',
  ],
])('refuses %j', (value, message) => {
  expect(() => WordVocabulary.fromJSON(value, 'v.json')).toThrow(DataError);
  expect(() => WordVocabulary.fromJSON(value, 'v.json')).toThrow(message);
});

it('refuses an empty corpus and other sizes', () => {
  expect(() => WordVocabulary.fromTexts([' ', ''])).toThrow(DataError);
  expect(() => WordVocabulary.fromTexts([])).toThrow('expected texts with words, got none');
  expect(() => WordVocabulary.fromTexts(corpus, 2)).toThrow('size must be a whole number above 2, got 2');
  expect(() => WordVocabulary.fromTexts(corpus).rows(corpus, 0)).toThrow("a row's length must be a positive");
});
