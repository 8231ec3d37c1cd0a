import { LanguageModel } from '@proj/models';
import type { Variant } from '../measure.ts';

const PROMPT = [26, 16]; // "recipe for"
const TOKENS = 100;
const MANY = 1000;
/** Text of so many tokens: the stop, a word like others to random weights, is banned. */
const text = (tokens: number, seed: number) => ({ prompt: PROMPT, maxTokens: PROMPT.length + tokens, seed, ban: [0] });

/** Text drawn token by token from the model of W2 with random weights, one sequence; the drawing is on the host. */
export async function* w3(): AsyncGenerator<Variant> {
  const model = new LanguageModel();
  let seed = 0;
  const common = { amount: TOKENS, rateUnit: 'tokens/s' };
  yield { ...common, name: 'carried state', run: async () => void (await model.generate(text(TOKENS, seed++))) };
  let times: number[] = [];
  const run = async () => {
    times = [performance.now()];
    for await (const _ of model.stream(text(MANY, seed++))) times.push(performance.now());
  };
  const between = (from: number, to: number) => () => times[to]! - times[from]!;
  yield { ...common, name: 'first 100 of 1000', run, counted: between(0, TOKENS) };
  yield { ...common, name: 'last 100 of 1000', run, counted: between(MANY - TOKENS, MANY) };
  const fullRun = async () => void (await model.generateByFullRun(text(TOKENS, seed++)));
  yield { ...common, name: 'full re-run', run: fullRun, dispose: () => model.dispose() };
}
