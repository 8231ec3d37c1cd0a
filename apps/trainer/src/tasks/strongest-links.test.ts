import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { normal } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import { strongestLinks } from './strongest-links.ts';

const NODES = 600; // three blocks of rows
const z = () => tf.tensor2d(normal(NODES * 3, 1), [NODES, 3]);

it('finds the strongest of all pairs but the known ones, in order', async () => {
  const codes = z();
  const logits = tf.matMul(codes, codes, false, true).dataSync();
  const known = Int32Array.of(3, 500, 9, 1);
  const all: { from: number; to: number; logit: number }[] = [];
  for (let i = 0; i < NODES; i++) {
    for (let j = i + 1; j < NODES; j++) {
      if ((i === 3 && j === 500) || (i === 1 && j === 9)) continue;
      all.push({ from: i, to: j, logit: logits[i * NODES + j]! });
    }
  }
  all.sort((a, b) => b.logit - a.logit);
  for (const count of [1, 40, 5000]) {
    const links = await strongestLinks(codes, known, count);
    expect(links.map(({ from, to }) => [from, to])).toEqual(all.slice(0, count).map(({ from, to }) => [from, to]));
    expect(links[0]!.probability).toBeCloseTo(1 / (1 + Math.exp(-all[0]!.logit)), 6);
  }
});

it('asked for more than there are, gives all; equals stand in order of nodes; leaves no tensor', async () => {
  const codes = tf.ones<tf.Rank.R2>([4, 2]);
  const before = tf.memory().numTensors;
  const links = await strongestLinks(codes, Int32Array.of(2, 0), 100);
  expect(links.map(({ from, to }) => [from, to])).toEqual([
    [0, 1],
    [0, 3],
    [1, 2],
    [1, 3],
    [2, 3],
  ]);
  expect(tf.memory().numTensors).toBe(before);
});
