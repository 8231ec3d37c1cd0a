import type { Variant } from '../measure.ts';
import { ROW, recipeRows } from '../text/recipes.ts';
import { RecipeLstm } from './recipe-lstm.ts';
import { trainingStep } from './training-step.ts';

const BATCH = 32;

/** LSTM on recipes, 2,407,248 parameters, batch 32, 200 steps, Adam 1e-3. */
export async function* w2(): AsyncGenerator<Variant> {
  const step = { name: 'step', model: new RecipeLstm(), data: await recipeRows(), itemSize: ROW, batch: BATCH };
  yield trainingStep({ ...step, learningRate: 1e-3, rate: { amount: BATCH * (ROW - 1), unit: 'tokens/s' } });
}
