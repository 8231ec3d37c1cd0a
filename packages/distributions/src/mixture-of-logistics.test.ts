import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MixtureOfLogistics, type MixtureOfLogisticsOptions } from './mixture-of-logistics.ts';
import { logistic, normal, splitSeed, uniform } from './random.ts';

// ------------------------------------------------------------------ the same in float64, one pixel at a time
interface Pixel {
  readonly logits: ArrayLike<number>; // [K]
  readonly loc: ArrayLike<number>; // [K * C]
  readonly scale: ArrayLike<number>;
  readonly coefficients?: ArrayLike<number>; // [K * C (C - 1) / 2]
}

const log1pExp = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

function logSumExp(terms: readonly number[]): number {
  const most = Math.max(...terms);
  return most + Math.log(terms.reduce((sum, t) => sum + Math.exp(t - most), 0));
}

/** systems.md 5.2, with mu and s in grey levels and its three cases. */
function reference(y: readonly number[], pixel: Pixel, low = 0, high = 255): number {
  const channels = y.length;
  const pairs = (channels * (channels - 1)) / 2;
  const rescaled = y.map((v) => (2 * (v - low)) / (high - low) - 1);
  const terms = Array.from(pixel.logits, (logit, k) => {
    let total = logit;
    y.forEach((v, c) => {
      let loc = pixel.loc[k * channels + c]!;
      for (let j = 0; j < c; j++) loc += (pixel.coefficients?.[k * pairs + (c * (c - 1)) / 2 + j] ?? 0) * rescaled[j]!;
      const mu = low + ((high - low) * (loc + 1)) / 2;
      const s = (pixel.scale[k * channels + c]! * (high - low)) / 2;
      const [a, b] = [(v + 0.5 - mu) / s, (v - 0.5 - mu) / s];
      if (v === low) total -= log1pExp(-a);
      else if (v === high) total -= log1pExp(b);
      else total += Math.log(-Math.expm1(-1 / s)) - log1pExp(-a) - log1pExp(b);
    });
    return total;
  });
  return logSumExp(terms) - logSumExp(Array.from(pixel.logits));
}
