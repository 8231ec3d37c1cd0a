import { type KerasArchive, readKeras, writeKeras } from '@proj/io';
import { glorotUniform } from '@proj/layers';
import { expect, it } from 'vitest';
import { fromTokunArchive } from './tokun-archive.ts';

/** As tokun's archives lie: their paths and class, the numbers ours. */
function archive(token: number, embedding: number, className = 'QuantizedAutoEncoder'): KerasArchive {
  const tensor = (shape: number[], seed: number) => ({ shape, data: glorotUniform([1, ...shape], seed) });
  const weights = new Map([
    ['layers/encoder/layers/embedding/vars/0', tensor([256, embedding], 1)],
    ['layers/decoder/layers/dense/vars/0', tensor([token * embedding, 8 * token], 2)],
    ['layers/decoder/layers/dense/vars/1', tensor([8 * token], 3)],
  ]);
  const config = { module: 'tokun.models.vqvae', class_name: className, config: { token_dim: token } };
  return { metadata: { keras_version: '3.8.0' }, config, weights } as unknown as KerasArchive;
}

// systems.md 1b.2: bytes a token, numbers a byte, weights of the six archives; and one of no round sizes, 256 5 + 35 56 + 56.
it.each([
  [1, 8, 2120],
  [3, 8, 2648],
  [4, 8, 3104],
  [1, 64, 16_904],
  [3, 64, 21_016],
  [4, 64, 24_608],
  [7, 5, 3296],
])('takes %i bytes a token and %i numbers a byte: %i weights', (token, embedding, params) => {
  const written = archive(token, embedding);
  const found = fromTokunArchive(readKeras(writeKeras(written)))!;
  expect(found.set).toEqual({ token, embedding });
  const tensors = Object.values(found.weights);
  expect(tensors.reduce((sum, { data }) => sum + data.length, 0)).toBe(params);
  expect(tensors.map(({ data }) => [...(data as Float32Array)])).toEqual(
    [...written.weights.values()].map(({ data }) => [...(data as Float32Array)]),
  );
});

it('leaves other classes alone, and weights that do not fit', () => {
  expect(fromTokunArchive(archive(1, 8, 'Sequential'))).toBeUndefined();
  const odd = archive(1, 8);
  const bias = odd.weights.get('layers/decoder/layers/dense/vars/1')!;
  const weights = new Map([...odd.weights, ['layers/decoder/layers/dense/vars/1', { ...bias, shape: [7] }]]);
  expect(fromTokunArchive({ ...odd, weights } as KerasArchive)).toBeUndefined();
});
