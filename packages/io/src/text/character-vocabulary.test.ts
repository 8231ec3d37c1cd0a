import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { CharacterVocabulary } from './character-vocabulary.ts';

const vocabulary = new CharacterVocabulary(CharacterVocabulary.alphanumeric);

it('62 letters and digits, then start, end and pad', () => {
  expect(vocabulary).toMatchObject({ start: 62, end: 63, pad: 64, size: 65 });
  expect([...vocabulary.encode('azAZ09')]).toEqual([0, 25, 26, 51, 52, 61, 63]);
  expect([...vocabulary.encode('')]).toEqual([63]);
});

it('writes rows of letters, end and pads', () => {
  expect(vocabulary.rows(['ab', '', 'abc'], 4)).toEqual(Int32Array.of(0, 1, 63, 64, 63, 64, 64, 64, 0, 1, 2, 63));
});

it('every word of the alphabet comes back, end or not, rows too', () => {
  const greek = new CharacterVocabulary('αβγ𝛿');
  expect(greek.size).toBe(7);
  const words = fc.array(fc.constantFrom('α', 'β', 'γ', '𝛿'), { maxLength: 8 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(words, (word) => {
      expect(greek.decode(greek.encode(word))).toBe(word);
      expect(greek.decode(greek.encode(word).slice(0, -1))).toBe(word);
      expect(greek.decode(greek.rows([word], 9))).toBe(word);
    }),
    { seed: 1 },
  );
});

it('reads up to the first end or pad, and writes nothing for a start', () => {
  expect(vocabulary.decode([62, 0, 1, 64, 2])).toBe('ab');
  expect(vocabulary.decode([0, 63, 1])).toBe('a');
  expect(() => vocabulary.decode([65])).toThrow('CharacterVocabulary: expected symbols from 0 to 64, got 65.');
});

it.each([
  ['zoë', '"zoë": expected letters of a-z, A-Z, 0-9, got "ë". Leave the word out'],
  ["o'brien", 'got "\'"'],
  ['a b', 'got " "'],
])('refuses %j', (word, message) => {
  expect(() => vocabulary.encode(word)).toThrow(DataError);
  expect(() => vocabulary.encode(word)).toThrow(message);
  expect(() => vocabulary.rows(['ab', word], 9)).toThrow(message);
});

it('refuses a word that does not fit its row', () => {
  expect(() => vocabulary.rows(['abc', 'abcd'], 4)).toThrow(DataError);
  expect(() => vocabulary.rows(['abcd'], 4)).toThrow('"abcd": expected at most 3 letters, got 4. Leave the word out');
  expect(() => vocabulary.rows([], 0.5)).toThrow("a row's length must be a positive whole number, got 0.5");
});

it('refuses an alphabet without letters, or with one twice', () => {
  expect(() => new CharacterVocabulary('')).toThrow(RangeError);
  expect(() => new CharacterVocabulary('aba')).toThrow('expected an alphabet of distinct letters, got "aba"');
});

it('comes back from its file', () => {
  const again = CharacterVocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)), 'vocabulary.json');
  expect(again.encode('Ab9')).toEqual(vocabulary.encode('Ab9'));
  expect(again).toMatchObject({ alphabet: vocabulary.alphabet, size: 65 });
});

it.each([
  null,
  'abc',
  {},
  { type: 'words', words: [] },
  { type: 'characters', alphabet: '' },
  { type: 'characters', alphabet: 'aa' },
  { type: 'characters', alphabet: ['a'] },
])('%j is no vocabulary', (value) => {
  expect(() => CharacterVocabulary.fromJSON(value, 'v.json')).toThrow(DataError);
  expect(() => CharacterVocabulary.fromJSON(value, 'v.json')).toThrow('v.json: expected a vocabulary of characters');
});
