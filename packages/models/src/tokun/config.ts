import { checkOneOf, checkPositiveInteger, checkSeed } from '../internal/check.ts';

export const tokunActivations = ['silu', 'relu', 'gelu', 'tanh'] as const;

/** Between the layers of a `TokunAutoencoder`. */
export type TokunActivation = (typeof tokunActivations)[number];

export interface TokunAutoencoderConfig {
  /** How many positions each block merges into one, from the bytes up; the decoder has them in reverse. A token has their product in bytes. */
  groups?: readonly number[];
  /** D, numbers of an embedding, of bytes and of tokens. */
  dim?: number;
  activation?: TokunActivation;
  /** Whether the positions of a group attend to each other. It has no weights. */
  attention?: boolean;
  /** Scale of the scores, 1 / sqrt(D); false leaves them as they are, which makes attention all but the identity. */
  scaledAttention?: boolean;
  /** Whether each block has a layer normalisation. */
  normalization?: boolean;
  /** Of the first weights. */
  seed?: number;
}

/** @throws RangeError if a value does not fit. */
export function complete({
  groups = [4, 4],
  dim = 256,
  activation = 'silu',
  attention = true,
  scaledAttention = false,
  normalization = true,
  seed = 0,
}: TokunAutoencoderConfig): Required<TokunAutoencoderConfig> {
  const who = 'TokunAutoencoder';
  if (groups.length === 0) throw new RangeError(`${who}: groups must be one positive integer or more. Use [4, 4].`);
  for (const group of groups) checkPositiveInteger(who, 'groups', group);
  checkPositiveInteger(who, 'dim', dim);
  checkOneOf(who, 'activation', activation, tokunActivations);
  checkSeed(who, seed);
  return { groups: [...groups], dim, activation, attention, scaledAttention, normalization, seed };
}
