import { type EngineName, useEngine } from '@proj/backend';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { ifItRuns } from '../if-it-runs.ts';
import { draws, FAMILIES, shuffled } from './draws.ts';
import { MODELS, type ModelOutcomes, modelOutcomes } from './models.ts';
import { differences, type Outcome } from './outcome.ts';
import { STEPS, tenSteps } from './steps.ts';

/**
 * The same seed gives the same draws, orders, steps, first weights, losses, gradients and samples on an engine as on cpu: whole
 * numbers and letters to the bit, the rest to float error.
 */
export const holdsToCpu = (engine: EngineName): Promise<void> =>
  ifItRuns(engine, () => {
    it.each([...FAMILIES])('draws of %s', async (family) => {
      const [want, got] = await both(engine, async () => draws(family));
      expect(differences(got, want)).toEqual([]);
    });

    it('a shuffled order', async () => {
      const [want, got] = await both(engine, async () => shuffled());
      expect(differences(got, want)).toEqual([]);
    });

    it.each(STEPS)('ten steps of %s', async (name) => {
      const [want, got] = await both(engine, () => tenSteps(name));
      expect(want.values.length).toBe(3 * 38);
      expect(differences(got, want)).toEqual([]);
    });

    it.each(MODELS)('%s: first weights, loss, gradients, samples, codes', async (model) => {
      const [want, got] = await both(engine, () => modelOutcomes(model));
      const parts = Object.keys(want) as (keyof ModelOutcomes)[];
      expect(parts.filter((part) => want[part]!.values.length === 0).length).toBeLessThan(2); // gradients of what has none
      const failures = parts.flatMap((part) =>
        differences(got[part] as Outcome, want[part] as Outcome).map((line) => `${part} ${line}`),
      );
      expect(failures).toEqual([]);
    });
  });

/** `f` on cpu and on the engine. */
async function both<T>(engine: EngineName, f: () => Promise<T>): Promise<[T, T]> {
  const results: T[] = [];
  for (const name of ['cpu', engine] as const) {
    await useEngine(name);
    if (name === 'cpu') expect(tf.getBackend()).toBe('cpu'); // not what PROJ_ENGINE puts in its place
    if (name === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false); // else small tensors are worked on by the processor
    results.push(await f());
  }
  return results as [T, T];
}
