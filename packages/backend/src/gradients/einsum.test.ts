import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { always, holds, ints } from '../../tests/differences.ts';
import { distance, on, startEngines, values } from '../../tests/engines.ts';

beforeAll(startEngines);

const EQUATIONS = [
  'i->i',
  'i->',
  'ij->ji',
  'ij->j',
  'ijk->ki',
  'i,i->',
  'i,i->i',
  'i,j->ij',
  'i,j->ji',
  'ij,j->i',
  'ij,jk->ik',
  'ji,jk->ik',
  'ij,kj->ik',
  'ij,jk->ki',
  'ij,jk->i', // k is summed alone
  'ij,jk->',
  'ij,kl->jl', // nothing in common
  'ij,kl->',
  'bij,bjk->bik',
  'bij,bkj->bik',
  'bji,bjk->bik',
  'bij,jk->bik',
  'bij,bij->b',
  'bhid,bhjd->bhij', // attention: scores, then values
  'bhij,bhjd->bihd',
  'ijk,klj->il',
  'ij, ij -> ij',
  'ab,cab->bc',
];

const sizes = fc.record(Object.fromEntries([...'abcdhijkl'].map((label) => [label, fc.integer({ min: 1, max: 4 })])));

function shapesOf(equation: string, size: Record<string, number>): number[][] {
  const inputs = equation.replace(/\s/g, '').split('->')[0]!.split(',');
  return inputs.map((labels) => [...labels].map((label) => size[label]!));
}

/** Loops over every letter: an implementation of its own. */
function loops(equation: string, size: Record<string, number>, tensors: number[][]): number[] {
  const [inputs, output] = equation.replace(/\s/g, '').split('->') as [string, string];
  const terms = inputs.split(',');
  const labels = [...new Set(output + terms.join(''))];
  const index = (term: string, at: number[]) => [...term].reduce((n, l) => n * size[l]! + at[labels.indexOf(l)]!, 0);
  const result: number[] = new Array([...output].reduce((n, l) => n * size[l]!, 1)).fill(0);
  const visit = (at: number[]): void => {
    if (at.length < labels.length) {
      for (let i = 0; i < size[labels[at.length]!]!; i++) visit([...at, i]);
      return;
    }
    const to = index(output, at);
    result[to] = result[to]! + terms.reduce((product, term, i) => product * tensors[i]![index(term, at)]!, 1);
  };
  visit([]);
  return result;
}

it.each(EQUATIONS)('einsum %s', async (equation) => {
  await always(
    sizes,
    async (size) => {
      const shapes = shapesOf(equation, size);
      const op = (...inputs: tf.Tensor[]) => tf.einsum(equation, ...inputs);
      const inputs = () => shapes.map((shape, i) => values(shape, i));
      const expected = loops(
        equation,
        size,
        inputs().map((t) => Array.from(t.dataSync())),
      );
      for (const engine of ['cpu', 'wasm'] as const) {
        const got = await on(engine, () => op(...inputs()));
        expect(got.shape).toEqual([...equation.split('->')[1]!.trim()].map((l) => size[l]));
        expect(distance(got.values, expected)).toBeLessThan(1e-5);
      }
      await holds(op, shapes);
    },
    5,
  );
});

it('integers, and sums over nothing', async () => {
  const product = () => tf.einsum('ij,jk->ik', ints([1, 2, 3, 4], [2, 2]), ints([5, 6, 7, 8], [2, 2]));
  const expected = { shape: [2, 2], dtype: 'int32', values: [19, 22, 43, 50] };
  for (const engine of ['cpu', 'wasm'] as const) expect(await on(engine, product)).toEqual(expected);
  const nothing = () => tf.einsum('ij,jk->ik', tf.zeros([2, 0]), tf.zeros([0, 3]));
  expect((await on('wasm', nothing)).values).toEqual([0, 0, 0, 0, 0, 0]);
});

it('says what it does not take, as tfjs does', async () => {
  await tf.setBackend('wasm');
  expect(() => tf.einsum('ii->i', tf.zeros([2, 2]))).toThrow('duplicate axes');
  expect(() => tf.einsum('ij,jk->ik', tf.zeros([2, 2]), tf.zeros([3, 2]))).toThrow('Expected dimension');
  expect(() => tf.einsum('i->ii', tf.zeros([2]))).toThrow('twice');
});
