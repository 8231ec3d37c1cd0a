import { expect, it } from 'vitest';
import { CharacterNgram } from './character-ngram.ts';

// Letters a = 0, b = 1; start 2, end 3, pad 4.
const rows = (...words: string[]): Int32Array =>
  Int32Array.from(
    words.flatMap((word) => [...[...word].map((letter) => 'ab'.indexOf(letter)), 3, ...Array(4).fill(4)].slice(0, 4)),
  );
const SEEN = rows('ab', 'ab', 'a');

// By hand, strength 1. Unigrams of 8 symbols: a 3, b 2, end 3; p1(a) = (3 + 1/3) / 9, p1(b) = (2 + 1/3) / 9, p1(end) = p1(a).
const P1 = { a: (3 + 1 / 3) / 9, b: (2 + 1 / 3) / 9, end: (3 + 1 / 3) / 9 };
// After start a 3 of 3; after a: b 2, end 1 of 3; after b: end 2 of 2.
const P2 = {
  startA: (3 + P1.a) / 4,
  startB: P1.b / 4,
  aB: (2 + P1.b) / 4,
  aEnd: (1 + P1.end) / 4,
  bEnd: (2 + P1.end) / 3,
  bA: P1.a / 3,
};

it('bigrams count what followed a symbol, smoothed by unigrams', () => {
  const bigrams = new CharacterNgram(SEEN, 4, { letters: 2 });
  const got = bigrams.logProb(rows('ab', 'ba', ''), 4);
  expect(got[0]).toBeCloseTo(Math.log(P2.startA * P2.aB * P2.bEnd), 12);
  expect(got[1]).toBeCloseTo(Math.log(P2.startB * P2.bA * P2.aEnd), 12);
  expect(got[2]).toBeCloseTo(Math.log((0 + P1.end) / 4), 12);
});

it('trigrams see two symbols, and fall back to bigrams', () => {
  const trigrams = new CharacterNgram(SEEN, 4, { letters: 2, order: 3 });
  // After (start, start) a 3 of 3; after (start, a): b 2, end 1 of 3; after (a, b): end 2 of 2; (start, b) was never seen.
  const ab = ((3 + P2.startA) / 4) * ((2 + P2.aB) / 4) * ((2 + P2.bEnd) / 3);
  const b = (P2.startB / 4) * P2.bEnd;
  const got = trigrams.logProb(rows('ab', 'b'), 4);
  expect(got[0]).toBeCloseTo(Math.log(ab), 12);
  expect(got[1]).toBeCloseTo(Math.log(b), 12);
});

it.each([1, 2, 3])('of order %i: all words and the unfinished ones of one length have the sum one', (order) => {
  const model = new CharacterNgram(SEEN, 4, { letters: 2, order, strength: 0.3 });
  const words: number[][] = [];
  const grow = (word: number[]) => {
    if (word.length === 4) return void words.push(word);
    words.push([...word, 3, ...Array(4).fill(4)].slice(0, 4));
    for (const letter of [0, 1]) grow([...word, letter]);
  };
  grow([]);
  const sum = model.logProb(Int32Array.from(words.flat()), 4).reduce((total, logProb) => total + Math.exp(logProb), 0);
  expect(sum).toBeCloseTo(1, 12);
});

it('says what does not fit', () => {
  expect(() => new CharacterNgram(SEEN, 5, { letters: 2 })).toThrow('rows of 5 symbols, got 12 in all');
  expect(() => new CharacterNgram(Int32Array.of(0, 2), 2, { letters: 2 })).toThrow('got symbol 2');
  expect(() => new CharacterNgram(SEEN, 4, { letters: 2, strength: 0 })).toThrow('strength must be above 0, got 0');
  expect(() => new CharacterNgram(SEEN, 4, { order: 9 })).toThrow('order must be less for 62 letters, got 9');
});
