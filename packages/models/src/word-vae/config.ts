import { checkOneOf, checkPositiveInteger, checkSeed } from '../internal/check.ts';

export interface WordVaeConfig {
  /**
   * 'full': the decoder sees the letter before and z at every step, and its state starts from z. 'small': the network of the seed's
   * sizes, 20 units and 10 latent numbers, whose decoder sees z alone at every step and starts from a state of zeros.
   */
  config?: 'full' | 'small';
  /** L, letters of the alphabet, 62 if omitted. Symbols L, L + 1 and L + 2 are start, end and pad. */
  letters?: number;
  /** Z, numbers of a code: 16; 'small' 10. */
  latent?: number;
  /** H, units of both GRUs: 64; 'small' 20. */
  units?: number;
  /** Numbers of a symbol's embedding: 20. */
  embedding?: number;
  /** What the reset gates of the GRUs work on: see `gru` of @proj/layers. 'after' if omitted, which has a second bias. */
  reset?: 'before' | 'after';
  /** Probability that the loss hides a letter from the decoder's input: 0.3. 'small' has no such input. */
  wordDropout?: number;
  /** Weight of the KL in the loss, once warm: 1. */
  beta?: number;
  /** Steps over which that weight rises from 0: 2,000. */
  warmup?: number;
  /** Nats a dimension of z that the loss does not charge for, of the batch's mean KL: 0.05. */
  freeBits?: number;
  /** Symbols of a drawn word at most, its end included: 16. What is given to the model may have any length. */
  length?: number;
  seed?: number;
}

const SIZES = { full: { latent: 16, units: 64 }, small: { latent: 10, units: 20 } };

/** @throws RangeError if a value does not fit. */
export function completeConfig(given: WordVaeConfig): Required<WordVaeConfig> {
  const { config = 'full' } = given;
  checkOneOf('WordVae', 'config', config, ['full', 'small']);
  const complete = {
    ...{ config, letters: 62, ...SIZES[config], embedding: 20, reset: 'after' as const },
    ...{ wordDropout: 0.3, beta: 1, warmup: 2000, freeBits: 0.05, length: 16, seed: 0 },
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  for (const name of ['letters', 'latent', 'units', 'embedding', 'length'] as const) {
    checkPositiveInteger('WordVae', name, complete[name]);
  }
  checkOneOf('WordVae', 'reset', complete.reset, ['before', 'after']);
  checkNumber('wordDropout', complete.wordDropout, 1);
  for (const name of ['beta', 'warmup', 'freeBits'] as const) checkNumber(name, complete[name]);
  checkSeed('WordVae', complete.seed);
  return complete;
}

function checkNumber(name: string, value: number, below = Infinity): void {
  if (value >= 0 && value < below) return;
  const allowed = below === Infinity ? '0 or more' : `at least 0 and less than ${below}`;
  throw new RangeError(`WordVae: ${name} must be ${allowed}, got ${value}.`);
}
