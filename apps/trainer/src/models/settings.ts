import type { z } from 'zod';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { ModelSpec, Settings } from './spec.ts';

/** Text of the command line as the JSON value it looks like: 20, true, "mlp". */
function plainValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
}

/** `expected` and `allowed` of the first thing wrong, in words. */
function explain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_type':
      return `must be ${issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`}`;
    default:
      return `is not right: ${issue.message}`;
  }
}

/**
 * The settings of a model from `--set` texts (or the values of a config file), defaults filled in.
 *
 * @throws UsageError that names the key, what came and what is allowed.
 */
export function parseSettings(spec: ModelSpec, given: Record<string, string | number | boolean>): Settings {
  const keys = Object.keys(spec.schema.shape);
  for (const key of Object.keys(given)) {
    if (!keys.includes(key)) {
      const guess = nearest(key, keys);
      throw new UsageError(
        `${spec.name} has no setting '${key}'. Did you mean '${guess}'? There are: ${keys.join(', ')}.`,
      );
    }
  }
  const values = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, typeof value === 'string' ? plainValue(value) : value]),
  );
  const result = spec.schema.safeParse(values);
  if (result.success) return result.data as Settings;
  const issue = result.error.issues[0]!;
  const key = String(issue.path[0]);
  throw new UsageError(`${spec.name}: setting ${key} ${explain(issue)}, got '${given[key]}'.`);
}
