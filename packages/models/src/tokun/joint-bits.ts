import { uniform } from '@proj/distributions/random';
import { drawToken } from '../sampling/draw-token.ts';
import { type TokenDistributionOptions, tokenDistribution } from '../sampling/token-distribution.ts';

/**
 * Log-probabilities of all 2^K numbers whose bits, the most significant first, are independent with these logits [K]:
 *
 *   log p(v) = sum over bits of log sigmoid(+-logit),  + where the bit of v is 1
 * Not the sum of +-logit alone, which is twice that but for a constant, as if the temperature were 1/2.
 */
export function jointBits(logits: ArrayLike<number>): Float64Array {
  let joint = new Float64Array(1);
  for (let k = 0; k < logits.length; k++) {
    const z = logits[k]!;
    const off = -softplus(z);
    joint = Float64Array.from({ length: 2 * joint.length }, (_, v) => joint[v >> 1]! + off + (v & 1 ? z : 0));
  }
  return joint;
}

const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** Of `sampleBytes`: the cuts go by whole bytes, whose 8 bits are drawn at once. */
export interface SampleBytesOptions extends Pick<TokenDistributionOptions, 'temperature' | 'topK' | 'topP'> {
  readonly seed: number;
}

/**
 * Bytes drawn from the logits of their bits, [N, 8] row by row; temperature 0 takes the likeliest.
 *
 * @throws RangeError unless there are 8 logits a byte, or if an option does not fit.
 */
export function sampleBytes(logits: ArrayLike<number>, { seed, ...options }: SampleBytesOptions): Uint8Array {
  if (logits.length % 8 !== 0) {
    throw new RangeError(`sampleBytes: expected 8 logits a byte, got ${logits.length} numbers.`);
  }
  const draws = uniform(logits.length / 8, seed);
  return Uint8Array.from(draws, (u, i) => {
    const bits = Array.from({ length: 8 }, (_, k) => logits[8 * i + k]!);
    return drawToken(tokenDistribution(jointBits(bits), options), u);
  });
}
