import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from './errors.ts';

const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** How the learning rate goes on after its warm-up: as it is, or down to 0 at the end of the last epoch. */
const scheduleName = z.enum(['constant', 'cosine']);
export const schedules = scheduleName.options;

/** Everything that decides a run's result; config.json of a run folder. */
const runConfigSchema = z.object({
  format: z.literal(2, 'expected 2, the run folder is of another version of the trainer. Train again with this one'),
  model: z.string(),
  set: settings,
  data: z.string(),
  epochs: z.int().min(1),
  limit: z.int().min(1).nullable(),
  batch: z.int().min(1),
  seed: z.int().min(0),
  learningRate: z.number(),
  schedule: scheduleName.default('constant'),
  warmUp: z.int().min(0).default(0),
  patience: z.int().min(1).nullable(),
  clipNorm: z.number().nullable(),
  engine: z.string(),
  /** Build of the WASM kernels; another gives the same figures to float error only. */
  wasmBuild: z.enum(['fused', 'plain']).nullable(),
  /** Of an example; what it holds is the task's: height, width and channels of images. */
  shape: z.record(z.string(), z.number()),
  /** SHA-256 of the files beside the weights that the model needs, by name. */
  assets: z.record(z.string(), z.string()).default({}),
  examples: z.object({ train: z.int(), validation: z.int(), test: z.int() }),
  /** For the reader: where the data came from, what the figures mean, with which versions they were made. */
  source: z.string(),
  notes: z.array(z.string()),
  params: z.int(),
  versions: z.record(z.string(), z.string()),
});

export type RunConfig = z.infer<typeof runConfigSchema>;

/** What `--config FILE` may hold: any of the options of `train`. A run's config.json is such a file too. */
const configFileSchema = runConfigSchema
  .pick({
    model: true,
    set: true,
    data: true,
    epochs: true,
    limit: true,
    batch: true,
    seed: true,
    patience: true,
    engine: true,
  })
  .extend({ schedule: scheduleName, warmUp: z.int().min(0) })
  .extend({ learningRate: z.number().positive(), clipNorm: z.number().positive().nullable() })
  .partial();

export type ConfigFile = z.infer<typeof configFileSchema>;

function parseJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path: at, message } = result.error.issues[0]!;
  throw new UsageError(`${path}: ${at.join('.') || 'the whole'}: ${message}`);
}

export const readRunConfig = (path: string): RunConfig => check(runConfigSchema, parseJson(path), path);
export const readConfigFile = (path: string): ConfigFile => check(configFileSchema, parseJson(path), path);
/** The same of what a file called `name` holds. @throws UsageError if it is none. */
export const parseRunConfig = (value: unknown, name: string): RunConfig => check(runConfigSchema, value, name);
