import { Command } from 'commander';
import { engineName, startRunEngine } from '../engine.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { modelSpec, modelSpecs } from '../models/index.ts';
import { natural, nonNegative, pair, positiveInteger, share } from '../options.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession } from '../session.ts';
import type { SamplingOptions } from '../tasks/task.ts';
import { deliver } from './product.ts';

interface SampleOptions extends SamplingOptions {
  count?: number;
  temperature: number;
  seed: number;
  out?: string;
  engine?: string;
  json?: boolean;
}

/** On the way from one to another, both included, if nobody says how many. */
const WORDS_BETWEEN = 10;

export const sample = (io: Io) =>
  new Command('sample')
    .description(
      'Draw from a trained model: images, text; of a graph, the most probable links that it was not trained on.',
    )
    .argument('<run>', 'run folder')
    .option('--count <n>', 'how many (default: 100 images or words, fewer texts)', positiveInteger)
    .option(
      '--temperature <t>',
      'times the standard deviation of the prior (of a graph, of the posterior), 0 is its mean; of pixels and of tokens, 0 is always the likeliest',
      nonNegative,
      1,
    )
    .option('--prompt <text>', 'text to go on from')
    .option('--top <k>', 'show the k likeliest tokens at every step, with their probabilities', positiveInteger)
    .option('--top-k <k>', 'draw from the k likeliest tokens alone', positiveInteger)
    .option('--top-p <p>', 'draw from the fewest tokens that hold this share of the probability', share)
    .option('--max-tokens <n>', 'prompt and generated tokens together, at most', positiveInteger)
    .option('--topic <n>', 'under this topic, from 0', natural)
    .option('--between <a,b>', 'the way from one word to another', pair)
    .option('--seed <n>', 'same seed, same draws', natural, 0)
    .option('--out <file>', 'file to write (default for pictures: samples-SEED.png in the run folder)')
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object on stdout')
    .action(async (run: string, options: SampleOptions) => {
      const started = Date.now();
      const { folder, config } = RunFolder.open(run);
      const { task } = modelSpec(config.model);
      const usual = options.between ? WORDS_BETWEEN : (task.usualSamples ?? 100);
      const { temperature, seed, count = usual } = options;
      const special = samplingOptions(config.model, options);
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const load = () => task.load(io, config.data, config.limit);
        const product = await task.sample(session, load, { ...special, count, seed, temperature });
        await deliver(io, product, {
          model: config.model,
          started,
          out: options.out,
          usual: folder.file(`samples-${seed}`),
          json: options.json === true,
          what: (n) => `${n} ${task.noun} (seed ${seed}, temperature ${temperature})`,
        });
      } finally {
        session.model.dispose();
      }
    });

const flags: Readonly<Record<keyof SamplingOptions, string>> = {
  prompt: '--prompt',
  top: '--top',
  topK: '--top-k',
  topP: '--top-p',
  maxTokens: '--max-tokens',
  topic: '--topic',
  between: '--between',
};

/** Those that were given. @throws UsageError for one that this model does not take, with the models that do. */
function samplingOptions(model: string, options: SamplingOptions): SamplingOptions {
  const taken = (name: string) => modelSpec(name).task.samplingOptions ?? [];
  const given = (Object.keys(flags) as (keyof SamplingOptions)[]).filter((key) => options[key] !== undefined);
  const foreign = given.find((key) => !taken(model).includes(key));
  if (foreign !== undefined) {
    const takers = modelSpecs.map(({ name }) => name).filter((name) => taken(name).includes(foreign));
    throw new UsageError(`${flags[foreign]} is for ${takers.join(', ')}; this run is of ${model}. Leave it out.`);
  }
  return Object.fromEntries(given.map((key) => [key, options[key]]));
}
