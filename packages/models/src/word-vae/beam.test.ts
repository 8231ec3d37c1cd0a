import { uniform } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import { beamSearch } from './beam.ts';

const [A, B, START, END] = [0, 1, 2, 3] as const;
const LENGTH = 4;

/** Probabilities of a, b and the end after each history of a search, by a table of draws; other symbols never come. */
const chances = (search: number, history: string): number[] => {
  const key = 1000 * search + [...history].reduce((sum, symbol) => 4 * sum + Number(symbol) + 1, 0);
  const draws = Array.from(uniform(3, key), (u) => u ** 3);
  const total = draws.reduce((a, b) => a + b);
  return draws.map((u) => u / total);
};

/** A model whose state is the history itself, carried from row to row as the search says. */
function remembering(batch: number, width: number) {
  let histories = new Array<string>(batch * width).fill('');
  return {
    ...{ batch, width, length: LENGTH, classes: 3, start: START, end: END },
    symbolOf: (index: number) => [A, B, END][index]!,
    async next(symbols: Int32Array, parents: Int32Array) {
      histories = Array.from(parents, (parent, row) => {
        const written = symbols[row]!;
        return histories[parent]! + (written === START ? '' : String(written));
      });
      return Float32Array.from(
        histories.flatMap((history, row) => chances(Math.floor(row / width), history).map(Math.log)),
      );
    },
  };
}

/** The likeliest of all words of up to three letters and of the unfinished ones. */
function likeliest(search: number): number[] {
  let best: { word: number[]; probability: number } = { word: [], probability: 0 };
  const grow = (word: number[], probability: number) => {
    if (word.at(-1) === END || word.length === LENGTH) {
      if (probability > best.probability) best = { word, probability };
      return;
    }
    chances(search, word.join('')).forEach((p, i) => {
      grow([...word, [A, B, END][i]!], probability * p);
    });
  };
  grow([], 1);
  return best.word;
}

it('wide enough, finds the likeliest word of each search', async () => {
  const found = await beamSearch(remembering(60, 40));
  expect(found).toEqual(Array.from({ length: 60 }, (_, search) => likeliest(search)));
});

it('of width 1 takes the likeliest symbol each time, which is not always best', async () => {
  const found = await beamSearch(remembering(60, 1));
  found.forEach((word, search) => {
    word.forEach((symbol, t) => {
      const p = chances(search, word.slice(0, t).join(''));
      expect(p[[A, B, END].indexOf(symbol as 0)]).toBe(Math.max(...p));
    });
  });
  expect(found).not.toEqual(await beamSearch(remembering(60, 40)));
});
