import { checkInteger, fill, TWO_32 } from './internal/draws.ts';
import {
  exponentialFromWord,
  gumbelFromWord,
  logisticFromWord,
  normalFromWord,
  uniformFromWord,
} from './internal/from-word.ts';
import * as Stream from './internal/streams.ts';
import { threefry } from './internal/threefry.ts';
import { BITS, EXPONENTIAL, GUMBEL, LOGISTIC, NORMAL, UNIFORM } from './internal/wasm.ts';

export { binomial } from './internal/draw-binomial.ts';
export { gamma, logGamma } from './internal/draw-gamma.ts';
export { poisson } from './internal/draw-poisson.ts';

function words(who: string, count: number, seed: number, stream: number): Uint32Array {
  checkInteger(who, 'count', count);
  checkInteger(who, 'seed', seed);
  const out = new Uint32Array(count);
  fill(out, seed, stream, BITS);
  return out;
}

function draws(
  who: string,
  count: number,
  seed: number,
  stream: number,
  kind: number,
  fromWord: (word: number) => number,
): Float32Array {
  checkInteger(who, 'count', count);
  checkInteger(who, 'seed', seed);
  const out = new Float32Array(count);
  fill(out, seed, stream, kind, fromWord);
  return out;
}

/** Words 2i and 2i + 1 as one integer of 53 bits. */
const seedAt = (pairs: Uint32Array, i: number): number => pairs[2 * i]! + (pairs[2 * i + 1]! & 0x1fffff) * TWO_32;

/**
 * `count` independent child seeds: one for each thing that draws.
 *
 * The first children do not depend on `count`. Children are 53 bits long, so among a million of them two are equal with
 * probability 6e-5.
 *
 * @throws RangeError unless both are integers from 0 to 2^53 - 1.
 */
export function splitSeed(seed: number, count = 2): number[] {
  checkInteger('splitSeed', 'count', count);
  const pairs = words('splitSeed', 2 * count, seed, Stream.SPLIT);
  return Array.from({ length: count }, (_, i) => seedAt(pairs, i));
}

/**
 * The child seed for one number, such as a step or an epoch: any of them without making those before it.
 * Its children differ from those of `splitSeed`.
 *
 * @throws RangeError unless both are integers from 0 to 2^53 - 1.
 */
export function foldIn(seed: number, data: number): number {
  checkInteger('foldIn', 'seed', seed);
  checkInteger('foldIn', 'data', data);
  const pair = new Uint32Array(2);
  const stream = Stream.FOLD + Math.floor(data / TWO_32);
  threefry(pair, seed % TWO_32, Math.floor(seed / TWO_32), stream, data % TWO_32);
  return seedAt(pair, 0);
}

/**
 * `count` random words of 32 bits. Like all draws here: the same on every machine, and a shorter call gives the
 * beginning of a longer one.
 *
 * @throws RangeError unless both are integers from 0 to 2^53 - 1.
 */
export function bits(count: number, seed: number): Uint32Array {
  return words('bits', count, seed, Stream.BITS);
}

/**
 * `count` uniform draws from the open interval (0, 1): odd multiples of 2^-24, so never 0 or 1.
 *
 * @throws RangeError unless both are integers from 0 to 2^53 - 1.
 */
export function uniform(count: number, seed: number): Float32Array {
  return draws('uniform', count, seed, Stream.UNIFORM, UNIFORM, uniformFromWord);
}

/**
 * `count` standard normal draws, by inversion of 32 bits in float64: bit-identical on every engine, at most 6.34 in size.
 *
 * @throws RangeError unless both are integers from 0 to 2^53 - 1.
 */
export function normal(count: number, seed: number): Float32Array {
  return draws('normal', count, seed, Stream.NORMAL, NORMAL, normalFromWord);
}

/**
 * `count` standard logistic draws, log(u / (1 - u)), at most 22.9 in size. `logits + draw > 0` is a Bernoulli draw, and
 * needs no sigmoid, whose last bit differs between engines.
 *
 * @throws RangeError unless both are integers from 0 to 2^53 - 1.
 */
export function logistic(count: number, seed: number): Float32Array {
  return draws('logistic', count, seed, Stream.LOGISTIC, LOGISTIC, logisticFromWord);
}

/**
 * `count` standard Gumbel draws, -log(-log u), from -3.14 to 22.9. The index of the largest of `logits + draws` is a
 * categorical draw.
 *
 * @throws RangeError unless both are integers from 0 to 2^53 - 1.
 */
export function gumbel(count: number, seed: number): Float32Array {
  return draws('gumbel', count, seed, Stream.GUMBEL, GUMBEL, gumbelFromWord);
}

/**
 * `count` exponential draws of rate 1, -log u, from 1.1e-10 to 22.9.
 *
 * @throws RangeError unless both are integers from 0 to 2^53 - 1.
 */
export function exponential(count: number, seed: number): Float32Array {
  return draws('exponential', count, seed, Stream.EXPONENTIAL, EXPONENTIAL, exponentialFromWord);
}

/**
 * A random order of 0 .. n - 1, each order equally likely (Fisher-Yates; words that would favour small numbers are drawn again).
 *
 * @throws RangeError unless n is an integer from 0 to 2^32 - 1 and seed one from 0 to 2^53 - 1.
 */
export function permutation(n: number, seed: number): Uint32Array {
  checkInteger('permutation', 'seed', seed);
  if (!(Number.isInteger(n) && n >= 0 && n < TWO_32)) {
    throw new RangeError(`permutation: n must be an integer from 0 to 2^32 - 1, got ${n}.`);
  }
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  const batch = new Uint32Array(Math.min(1024, n + (n & 1)));
  let used = batch.length;
  let block = 0;
  for (let i = n - 1; i > 0; i--) {
    const size = i + 1;
    const fair = TWO_32 - (TWO_32 % size); // the largest multiple of size
    let word = fair;
    while (word >= fair) {
      if (used === batch.length) {
        threefry(batch, seed % TWO_32, Math.floor(seed / TWO_32), Stream.PERMUTATION, block);
        block += batch.length / 2;
        used = 0;
      }
      word = batch[used++]!;
    }
    const j = word % size;
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
