import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinWords } from './join-words.ts';
import { MARKS, plainWords, splitWords } from './split-words.ts';

it('each of the 32 ASCII punctuation marks is a word of its own', () => {
  // Golden: Python's string.punctuation, which the book's regular expression is made of.
  const marks = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
  expect([MARKS, marks.length]).toEqual([marks, 32]);
  expect(splitWords(`a${marks}é`)).toEqual(['a', ...marks, 'é']);
  for (const mark of marks) expect(splitWords(`Salt${mark}pepper`)).toEqual(['salt', mark, 'pepper']);
});

it.each([
  ['Recipe for Pie (Easy) | Mix 1/2 cup; stir.', 'recipe for pie ( easy ) | mix 1 / 2 cup ; stir .'],
  ["Don't\tburn \\ it\r\n\u00a0 at  350°F…", "don ' t burn \\ it at 350°f…"],
  ['CRÈME brûlée – ÉTÉ', 'crème brûlée – été'],
])('splits %j', (text, words) => {
  expect(splitWords(text).join(' ')).toBe(words);
});

it.each(['', ' ', '\n\t\u2003'])('%j has no words', (text) => {
  expect(splitWords(text)).toEqual([]);
  expect(plainWords(text)).toEqual([]);
});

it('deletes punctuation of plain words, which keep their case and are repeated', () => {
  expect(plainWords("Don't stop,\n don't: (stop) -- Zoë-1")).toEqual(['Dont', 'stop', 'dont', 'stop', 'Zoë1']);
});

it.each([
  ['mix flour , salt . bake', 'mix flour, salt. bake'],
  ['pie ( easy ) | cream [ cold ] ; serve ?', 'pie (easy) | cream [cold]; serve?'],
  ["don ' t , it ' s the cooks ' or a cook ' s", "don't, it's the cooks' or a cook's"],
  ["hors d ' oeuvre , o ' brien , rock ' n ' roll", "hors d'oeuvre, o'brien, rock 'n' roll"],
  ['say " whisk well , " then \' rest \' .', 'say "whisk well," then \'rest\'.'],
  ['two 9 " pans , an 8 " - wide " rack " , a 9 x 13 " dish', 'two 9" pans, an 8"-wide "rack", a 9 x 13" dish'],
  ['all - purpose flour , 1 / 2 cup , and / or salt', 'all-purpose flour, 1/2 cup, and/or salt'],
  [
    '8 - to 10 - inch , 2 - or 3 - quart , cold - - very , a 3 - to - 1 mix',
    '8- to 10-inch, 2- or 3-quart, cold--very, a 3-to-1 mix',
  ],
  [
    '1 . 5 cups , 1 , 000 grams at 10 : 30 p . m . , then : 2 . done . . .',
    '1.5 cups, 1,000 grams at 10:30 p.m., then: 2. done...',
  ],
  ['add 5 , 20 and 3 : serve 1 . whisk vitamin c . a lot', 'add 5, 20 and 3: serve 1. whisk vitamin c. a lot'],
  [
    'salt & pepper , 1 + 1 = 2 , 5 % of $ 3 , # 2 , a @ b , x _ y , * optional',
    'salt & pepper, 1 + 1 = 2, 5% of $3, #2, a@b, x_y, *optional',
  ],
  ['add [UNK] ( or [UNK] ) .', 'add [UNK] (or [UNK]).'],
  ['- salt', '-salt'],
  ['', ''],
])('joins %j', (words, text) => {
  expect(joinWords(words.split(' '))).toBe(text);
});

it('what it joins splits into the same words, whatever they are', () => {
  const word = fc.oneof(fc.constantFrom(...MARKS), fc.constantFrom('a', 's', 'pan', '9', '350°f', 'to', 'crème'));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(splitWords(joinWords(words))).toEqual(words);
    }),
    { seed: 1, numRuns: 2000 },
  );
});
