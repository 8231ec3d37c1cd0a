import { uniform } from '@proj/distributions/random';

/**
 * 1 where the decoder sees the symbol before, 0 where it is hidden, with probability `rate`: [B T]. The first of a row, the start, is
 * always seen. Source: word dropout, Bowman et al. 2016, arXiv:1511.06349.
 */
export function shownLetters([batch, steps]: readonly [number, number], rate: number, seed: number): Int32Array {
  const draws = uniform(batch * steps, seed);
  return Int32Array.from(draws, (u, i) => Number(i % steps === 0 || u >= rate));
}
