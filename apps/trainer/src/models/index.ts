import { UsageError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import { autoencoder } from './autoencoder.ts';
import { categoricalVae } from './categorical-vae.ts';
import { dvae } from './dvae.ts';
import { gae } from './gae.ts';
import { gmm } from './gmm.ts';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import { pixelcnn } from './pixelcnn.ts';
import { pixelcnnPp } from './pixelcnn-pp.ts';
import type { ModelSpec } from './spec.ts';
import { tgvae } from './tgvae.ts';
import { tokun } from './tokun.ts';
import { tokunBits } from './tokun-bits.ts';
import { tokunKlvae } from './tokun-klvae.ts';
import { tokunVq } from './tokun-vq.ts';
import { vae } from './vae.ts';
import { vgae } from './vgae.ts';
import { wordVae } from './word-vae.ts';

/** Every model the command line knows, by name. */
export const modelSpecs: readonly ModelSpec[] = [
  autoencoder,
  vae,
  dvae,
  categoricalVae,
  gmm,
  vgae,
  gae,
  pixelcnn,
  pixelcnnPp,
  lstm,
  gru,
  wordVae,
  tgvae,
  tokun,
  tokunBits,
  tokunVq,
  tokunKlvae,
];

/** @throws UsageError with the nearest name. */
export function modelSpec(name: string): ModelSpec {
  const spec = modelSpecs.find((candidate) => candidate.name === name);
  if (!spec) {
    throw new UsageError(
      unknownName(
        'model',
        name,
        modelSpecs.map((known) => known.name),
      ),
    );
  }
  return spec;
}
