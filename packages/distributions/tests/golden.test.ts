import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import golden from '../fixtures/golden.json' with { type: 'json' };
import type { Distribution } from '../src/index.ts';
import { crossEntropy, klDivergence } from '../src/kl.ts';
import type { Method } from './case.ts';
import { CASES } from './cases/index.ts';
import { numbers, onEngines } from './on-engines.ts';
import { type BijectorSpec, build, buildBijector, type Spec, tensorOf } from './spec.ts';

/** A value of fixtures/golden.json, made by fixtures/golden.py with TFP, SciPy or mpmath in float64 or better. */
interface Golden {
  distribution?: string;
  bijector?: string;
  params: Record<string, unknown>;
  method: string;
  args: unknown[];
  value: unknown;
  region: 'body' | 'tail';
  /** Of a bijector's log-determinant. */
  eventRank?: number;
  /** The Python that made it. */
  call: string;
}

const records = golden.records as unknown as Golden[];

const SPECIAL: Record<string, number> = {
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};
const unpack = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(unpack) : typeof value === 'string' ? SPECIAL[value] : value;
const flat = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flat) : [value as number]);

/** What is never 0 between two values of either sign: judged by its relative error alone. */
const SIZES = ['prob', 'cdf', 'survival', 'variance', 'stddev'];
const TOLERANCE = { body: 1e-5, tail: 1e-4 };
/** Of a log, a mean, a difference: below this, the error is judged as that of a number of this size. */
const FLOOR = 0.1;
/** Where float32 loses its digits. */
const TINY = 1e-34;

function compute({ distribution, bijector, params, method, args, eventRank }: Golden): number[] {
  return tf.tidy(() => {
    const inputs = args.map((arg) => unpack(arg));
    if (bijector !== undefined) {
      const b = buildBijector({ bijector, params } as BijectorSpec) as unknown as Record<
        string,
        (x: tf.Tensor, rank?: number) => tf.Tensor
      >;
      return numbers(b[method]!(tensorOf(inputs[0] as number), ...(method.endsWith('Jacobian') ? [eventRank] : [])));
    }
    const p = build({ distribution, params } as Spec);
    if (method === 'klDivergence') return numbers(klDivergence(p, build(args[0] as Spec)));
    if (method === 'crossEntropy') return numbers(crossEntropy(p, build(args[0] as Spec)));
    const call = (p as never as Record<string, (...values: tf.Tensor[]) => tf.Tensor>)[method as keyof Distribution];
    return numbers(
      call!.apply(
        p,
        inputs.map((value) => tensorOf(value as number)),
      ),
    );
  });
}

const groups = new Map<string, Golden[]>();
/** What TFP, SciPy or mpmath give and we leave undefined; that it throws is tested for every family. */
const undefinedHere = ({ distribution, method }: Golden): boolean =>
  CASES.find(({ family }) => family === distribution)?.undefined.includes(method as Method) ?? false;

for (const record of records) {
  if (undefinedHere(record)) continue;
  const key = `${record.distribution ?? record.bijector}.${record.method}`;
  groups.set(key, [...(groups.get(key) ?? []), record]);
}

onEngines(() => {
  describe('golden values', () => {
    it.each([...groups])('%s', (_, goldens) => {
      const wrong: string[] = [];
      for (const golden of goldens) {
        const [got, want] = [compute(golden), flat(unpack(golden.value))];
        if (got.length !== want.length) wrong.push(`${golden.call}: ${got.length} numbers for ${want.length}`);
        for (const [i, w] of want.entries()) {
          const g = got[i]!;
          const size = SIZES.includes(golden.method) ? Math.max(Math.abs(w), TINY) : Math.max(Math.abs(w), FLOOR);
          const right = Number.isFinite(w) ? Math.abs(g - w) <= TOLERANCE[golden.region] * size : Object.is(g, w);
          if (!right)
            wrong.push(
              `${golden.call} [${i}]: ${g} for ${w} (${golden.region}, relative ${((g - w) / size).toExponential(1)})`,
            );
        }
      }
      expect(wrong.join('\n')).toBe('');
    });
  });
});
