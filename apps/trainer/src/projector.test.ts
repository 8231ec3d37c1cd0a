import { readProjectorMetadata, readProjectorTensors } from '@proj/io';
import { TokunAutoencoder } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { projectorFiles } from './projector.ts';
import { take } from './tasks/take.ts';

const codecOf = (model: TokunAutoencoder) => ({
  tokenSize: model.tokenSize,
  width: 256,
  encode: (bytes: Uint8Array) => take(tf.tidy(() => model.encode(tf.tensor1d(Int32Array.from(bytes), 'int32')))),
  decode: () => Promise.reject(new Error('not asked for')),
});

// systems.md 1.8.2 and 1.9: a row a different chunk in the order of first sight, aligned with its vector whatever came before.
it('a row for each chunk of four characters, 256 columns, labels that stay in their line', async () => {
  await tf.setBackend('cpu');
  const model = new TokunAutoencoder();
  const { tensors, metadata } = await projectorFiles(codecOf(model), 'efghabcdefgha\nc');
  expect(readProjectorMetadata(metadata)).toEqual([
    'efgh #00000065 #00000066 #00000067 #00000068',
    'abcd #00000061 #00000062 #00000063 #00000064',
    'a\nc #00000061 #0000000A #00000063',
  ]);
  expect(metadata.split('\n')[2]).toBe('a\\nc #00000061 #0000000A #00000063');
  const { data, shape } = readProjectorTensors(tensors);
  expect(shape).toEqual([3, 256]);
  const alone = await projectorFiles(codecOf(model), 'a\nc');
  const row = readProjectorTensors(alone.tensors).data;
  row.forEach((value, i) => {
    expect(Math.abs(value - data[512 + i]!)).toBeLessThan(1e-5);
  });
  model.dispose();
});

it('tokens that are not whole characters have no rows', async () => {
  const codec = { tokenSize: 1, width: 8, encode: () => Promise.reject(), decode: () => Promise.reject() };
  await expect(projectorFiles(codec, 'a')).rejects.toThrow('tokens of 1 bytes have none');
});
