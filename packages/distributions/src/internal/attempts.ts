import { checkInteger, fill, TWO_32 } from './draws.ts';
import { threefry } from './threefry.ts';
import { BITS } from './wasm.ts';

const SPARE = 0xffffff;

/**
 * Two words for each attempt at one element, from its own part of the stream: what an element draws depends on the seed,
 * its index and its parameters, never on other elements.
 */
export class Attempts {
  first = 0;
  second = 0;
  private index = 0;
  private attempt = 0;
  private readonly pair = new Uint32Array(2);

  constructor(
    private readonly seed: number,
    private readonly stream: number,
  ) {}

  /** The first attempt at an element, whose words are known. */
  begin(index: number, first: number, second: number): void {
    this.index = index;
    this.attempt = 0;
    this.first = first;
    this.second = second;
  }

  /** The words of the next attempt. */
  next(): void {
    this.attempt += 1;
    this.make(this.attempt);
    this.first = this.pair[0]!;
    this.second = this.pair[1]!;
  }

  /** One more word, which is no attempt's. */
  spare(): number {
    this.make(SPARE);
    return this.pair[0]!;
  }

  private make(attempt: number): void {
    threefry(this.pair, this.seed % TWO_32, Math.floor(this.seed / TWO_32), this.stream + attempt, this.index);
  }
}

/**
 * One draw an element.
 *
 * @throws RangeError, in the name of `who`, for a bad seed.
 */
export function drawEach(
  who: string,
  count: number,
  seed: number,
  stream: number,
  draw: (index: number, attempts: Attempts) => number,
): Float32Array {
  checkInteger(who, 'seed', seed);
  const words = new Uint32Array(2 * count);
  fill(words, seed, stream, BITS);
  const attempts = new Attempts(seed, stream);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    attempts.begin(i, words[2 * i]!, words[2 * i + 1]!);
    out[i] = draw(i, attempts);
  }
  return out;
}
