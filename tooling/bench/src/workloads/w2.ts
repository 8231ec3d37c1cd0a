import { LanguageModel } from '@proj/models';
import type { Variant } from '../measure.ts';
import { ROW, recipeRows, VOCABULARY } from '../text/recipes.ts';
import { trainingStep } from './training-step.ts';

const BATCH = 32;

/** LSTM on recipes, 2,407,248 parameters, batch 32, 200 steps, Adam 1e-3. Padding is masked, so that its loss costs nothing. */
export async function* w2(): AsyncGenerator<Variant> {
  const model = new LanguageModel({ vocabulary: VOCABULARY });
  const step = { name: 'step', model, data: await recipeRows(), itemSize: ROW, batch: BATCH };
  yield trainingStep({ ...step, learningRate: 1e-3, rate: { amount: BATCH * (ROW - 1), unit: 'tokens/s' } });
}
