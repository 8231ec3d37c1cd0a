import type { ForeignModel, ModelSpec } from './spec.ts';

const BYTES = 256;
const BITS = 8;

/**
 * The table and the linear map of an archive of tokun 0.18, of any bytes a token and numbers a byte. Source: apehex/tokun, whose
 * class `QuantizedAutoEncoder` quantises nothing: it is `BitAutoencoder` of `@proj/models`.
 */
export const fromTokunArchive: NonNullable<ModelSpec['fromKeras']> = ({
  config,
  weights,
}): ForeignModel | undefined => {
  if (config.class_name !== 'QuantizedAutoEncoder') return undefined;
  const table = weights.get('layers/encoder/layers/embedding/vars/0');
  const kernel = weights.get('layers/decoder/layers/dense/vars/0');
  const bias = weights.get('layers/decoder/layers/dense/vars/1');
  if (table === undefined || kernel === undefined || bias === undefined) return undefined;
  const [embedding, token] = [table.shape[1] ?? 0, (bias.shape[0] ?? 0) / BITS];
  const [inputs, outputs] = kernel.shape;
  const fits = table.shape[0] === BYTES && inputs === token * embedding && outputs === token * BITS;
  if (!fits) return undefined;
  return {
    set: { token, embedding },
    weights: { 'encoder/embedding': table, 'decoder/kernel': kernel, 'decoder/bias': bias },
  };
};
