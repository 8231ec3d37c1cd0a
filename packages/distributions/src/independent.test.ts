import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { Bernoulli } from './bernoulli.ts';
import { real } from './constraint.ts';
import { Distribution, Independent } from './distribution.ts';
import { klDivergence } from './kl-divergence.ts';
import { Normal } from './normal.ts';

const base = () =>
  new Normal(
    tf.tensor([
      [1, -2],
      [0, 3],
      [5, 5],
    ]),
    tf.tensor([0.5, 2]),
  );
const numbers = (t: tf.Tensor) => [...t.dataSync()];

it('moves the last batch axes into the event', () => {
  const p = new Independent(base(), 1);
  expect([p.batchShape, p.eventShape]).toEqual([[3], [2]]);
  expect(p.reparameterized).toBe(true);
  expect(p.sample({ sampleShape: [4], seed: 0 }).shape).toEqual([4, 3, 2]);
  expect(p.logProb(tf.zeros([4, 1, 2])).shape).toEqual([4, 3]);
  expect(p.entropy().shape).toEqual([3]);
  expect(new Independent(p, 1).eventShape).toEqual([3, 2]);
  expect(new Independent(p, 1).logProb(tf.zeros([3, 2])).shape).toEqual([]);
});

it('sums logProb, entropy and KL over the event, and passes the rest on', () => {
  const inner = base();
  const p = new Independent(inner, 1);
  const x = tf.tensor([0.5, 1]);
  expect(numbers(p.logProb(x))).toEqual(numbers(tf.sum(inner.logProb(x), -1)));
  expect(numbers(p.entropy())).toEqual(numbers(tf.sum(inner.entropy(), -1)));
  expect(numbers(p.mean())).toEqual(numbers(inner.mean()));
  expect(numbers(p.mode())).toEqual(numbers(inner.mode()));
  expect(numbers(p.variance())).toEqual(numbers(inner.variance()));
  expect(numbers(p.stddev())).toEqual(numbers(inner.stddev()));
  expect(numbers(p.sample({ seed: 2 }))).toEqual(numbers(inner.sample({ seed: 2 })));
});

// Golden: systems.md 6.7, closed form; the first row of the base is (1, -2), (.25, 4).
it('KL of diagonal Gaussians, broadcast over the batch', () => {
  const q = new Independent(new Normal(tf.tensor([0, 1]), tf.tensor([Math.SQRT2, Math.SQRT1_2])), 1);
  const kl = klDivergence(new Independent(base(), 1), q);
  expect(kl.shape).toEqual([3]);
  expect(kl.dataSync()[0]!).toBeCloseTo(12.3125, 4);
});

it('rank 0 changes nothing', () => {
  const inner = base();
  const p = new Independent(inner, 0);
  expect([p.batchShape, p.eventShape]).toEqual([[3, 2], []]);
  expect(numbers(p.entropy())).toEqual(numbers(inner.entropy()));
});

it('refuses ranks, values and partners that do not fit', () => {
  for (const bad of [3, -1, 0.5, Number.NaN]) {
    expect(() => new Independent(base(), bad)).toThrow(
      new RangeError(
        `Independent: reinterpretedBatchRank must be an integer from 0 to 2 (batch axes of Normal), got ${bad}.`,
      ),
    );
  }
  const p = new Independent(base(), 1);
  for (const shape of [[1], [2, 1], []]) {
    expect(() => p.logProb(tf.zeros(shape))).toThrow(
      `value must end in the event shape [2], got [${shape.join(', ')}].`,
    );
  }
  const wide = new Independent(new Normal(tf.zeros([1]), tf.ones([1])), 1);
  expect(() => klDivergence(p, wide)).toThrow('got [2] of p and [1] of q');
});

it('klDivergence names a pair that it has no formula for', () => {
  const [normal, bernoulli] = [base(), new Bernoulli(tf.scalar(0))];
  const message = (p: string, q: string) =>
    `klDivergence: KL(${p} || ${q}) has no formula here. '@proj/distributions/kl' knows more pairs;`;
  expect(() => klDivergence(normal, bernoulli)).toThrow(TypeError);
  expect(() => klDivergence(normal, bernoulli)).toThrow('monteCarloKl(p, q, { samples, seed })');
  expect(() => klDivergence(normal, bernoulli)).toThrow(message('Normal', 'Bernoulli'));
  expect(() => klDivergence(bernoulli, normal)).toThrow(message('Bernoulli', 'Normal'));
  expect(() => klDivergence(new Independent(normal, 1), normal)).toThrow(message('Independent', 'Normal'));
  expect(() => klDivergence(new Independent(normal, 0), new Independent(bernoulli, 0))).toThrow(
    message('Normal', 'Bernoulli'),
  );
});

it('what a family does not define says so', () => {
  class Bare extends Distribution {
    readonly name = 'Bare';
    readonly reparameterized = false;
    readonly batchShape = [];
    readonly eventShape = [];
    readonly support = real;
    readonly argConstraints = {};
    readonly parameters = {};
    _sample = () => tf.scalar(0);
    _logProb = () => tf.scalar(0);
    mapBatch = () => this;
    dispose() {}
  }
  const bare = new Bare();
  for (const what of ['mean', 'variance', 'stddev', 'mode', 'entropy'] as const) {
    expect(() => bare[what]()).toThrow(`Bare: ${what}() is not defined for this distribution.`);
  }
  expect(() => klDivergence(bare, bare)).toThrow('KL(Bare || Bare)');
});

it('leaves nothing behind but its results', () => {
  const p = new Independent(base(), 1);
  const x = tf.zeros([2]);
  const before = tf.memory().numTensors;
  tf.dispose([p.sample({ seed: 1 }), p.logProb(x), p.klDivergence(p), p.entropy(), p.mean(), p.stddev()]);
  expect(tf.memory().numTensors).toBe(before);
});
