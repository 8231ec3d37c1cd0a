import { expect, it } from 'vitest';
import { npmi, topWords } from './coherence.ts';

it('topWords: the most probable first, of equal ones the first', () => {
  const beta = [0.1, 0.4, 0.4, 0.1, 0, 0.7, 0.1, 0.2];
  expect(topWords(beta, 2, 3)).toEqual([
    [1, 2, 0],
    [1, 3, 2],
  ]);
});

// Four documents by hand. p(1) = 3/4, p(2) = 2/4, p(1, 2) = 2/4: log((2/4) / (3/4 2/4)) / -log(2/4) = .415037; p(1, 3) = 1/4,
// p(3) = 2/4: log((1/4) / (3/8)) / -log(1/4) = -.292481; 2 and 3 are never together: -1.
it('npmi is a mean over pairs of words', () => {
  const documents = [
    [1, 2],
    [2, 1, 1],
    [1, 3],
    [3, 9],
  ];
  const [pair, three] = npmi(
    [
      [1, 2],
      [1, 2, 3],
    ],
    documents,
  );
  expect(pair).toBeCloseTo(0.415037, 6);
  expect(three).toBeCloseTo((0.415037 - 0.292481 - 1) / 3, 6);
});

it('npmi of words that are always together is 1, of independent ones 0, of one word NaN', () => {
  const always = [[1, 2], [1, 2], [3]];
  expect(npmi([[1, 2]], always)[0]).toBeCloseTo(1, 12);
  expect(npmi([[1, 2]], [[1, 2]])).toEqual([1]);
  const independent = [[1, 2], [1], [2], []];
  expect(npmi([[1, 2]], independent)[0]).toBeCloseTo(0, 12);
  expect(npmi([[1]], always)).toEqual([Number.NaN]);
  expect(npmi([[1, 7]], always)).toEqual([-1]); // no document has word 7
});
