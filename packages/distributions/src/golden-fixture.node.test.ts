import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// The file's form and reach: nothing here runs our code, so a browser has nothing to add.
// Goldens: fixtures/golden.py, which says what each field means.
type Value = number | 'inf' | '-inf' | 'nan' | Value[];
interface Specification {
  distribution?: string;
  bijector?: string;
  params: Record<string, unknown>;
}
interface Golden extends Specification {
  method: string;
  args: unknown[];
  value: Value;
  region: string;
  call: string;
}

const file = readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8');
const { versions, records } = JSON.parse(file) as { versions: Record<string, string>; records: Golden[] };

const DISTRIBUTIONS = [
  'Normal',
  'LogNormal',
  'HalfNormal',
  'MultivariateNormalDiag',
  'MultivariateNormalTriL',
  'Laplace',
  'Logistic',
  'Gumbel',
  'Uniform',
  'Exponential',
  'Cauchy',
  'StudentT',
  'Gamma',
  'Beta',
  'Dirichlet',
  'Poisson',
  'Bernoulli',
  'Binomial',
  'Categorical',
  'OneHotCategorical',
  'OneHotCategoricalStraightThrough',
  'RelaxedOneHotCategorical',
  'ExpRelaxedOneHotCategorical',
  'RelaxedBernoulli',
  'Deterministic',
  'Independent',
  'MixtureSameFamily',
  'Mixture',
  'Quantized',
  'TransformedDistribution',
  'TruncatedNormal',
  'TruncatedLogistic',
  'MixtureOfLogistics',
];
const BIJECTORS = [
  'Shift',
  'Scale',
  'ScaleTriL',
  'Exp',
  'Sigmoid',
  'Tanh',
  'Softplus',
  'SoftmaxCentered',
  'Householder',
  'Permute',
  'Chain',
  'Invert',
];
const OF_VALUE = ['logProb', 'prob', 'cdf', 'logCdf', 'survival', 'logSurvival', 'quantile'];
const OF_BIJECTOR = ['forward', 'inverse', 'forwardLogDetJacobian'];
const OF_PAIR = ['klDivergence', 'crossEntropy'];
const OF_NOTHING = ['entropy', 'mean', 'mode', 'variance', 'stddev', 'covariance'];

const numbers = (value: Value): Value[] => (Array.isArray(value) ? value.flatMap(numbers) : [value]);
const count = (of: Golden[]): number => of.reduce((total, { value }) => total + numbers(value).length, 0);

/** Every plain number of a specification or an argument, however deep. */
function* inputs(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) for (const part of value) yield* inputs(part);
  else if (typeof value === 'object' && value !== null)
    yield* inputs(Object.values('params' in value ? (value as Specification).params : value));
  else yield value;
}

it('has the versions of all that computed it, and one record a line', () => {
  for (const name of ['numpy', 'scipy', 'mpmath', 'tensorflow_probability', 'torch'])
    expect(versions[name]).toMatch(/^\d+\.\d+/);
  expect(file.trimEnd().split('\n')).toHaveLength(records.length + 3);
});

it('has at least 1,000 numbers, some in the tails', () => {
  expect(count(records)).toBeGreaterThanOrEqual(1000);
  expect(count(records.filter(({ region }) => region === 'tail'))).toBeGreaterThanOrEqual(300);
});

it.each(DISTRIBUTIONS)('has log probabilities of %s', (name) => {
  const mine = records.filter(({ distribution, method }) => distribution === name && method === 'logProb');
  expect(count(mine)).toBeGreaterThanOrEqual(4);
});

it.each(BIJECTORS)('has %s, its inverse and its log-determinant', (name) => {
  const methods = records.filter(({ bijector }) => bijector === name).map(({ method }) => method);
  expect(methods).toEqual(expect.arrayContaining(OF_BIJECTOR));
});

it('has every method', () => {
  const methods = new Set(records.map(({ method }) => method));
  expect([...methods].sort()).toEqual([...OF_VALUE, ...OF_BIJECTOR, ...OF_PAIR, ...OF_NOTHING].sort());
});

it('holds records that a reader can run', () => {
  const broken = records.filter(({ distribution, bijector, params, method, args, value, region, call }) => {
    const known = bijector === undefined ? DISTRIBUTIONS.includes(distribution ?? '') : BIJECTORS.includes(bijector);
    const valid = numbers(value).every((v) => typeof v === 'number' || /^(-?inf|nan)$/.test(String(v)));
    // Rounding of an input would be taken for an error of the result.
    const exact = [...inputs(params), ...inputs(args)].every((v) => typeof v === 'number' && Math.fround(v) === v);
    const arity = args.length === (OF_NOTHING.includes(method) ? 0 : 1);
    return !(known && valid && exact && arity && /^(body|tail)$/.test(region) && call !== '');
  });
  expect(broken).toEqual([]);
});

it('repeats no record', () => {
  const keys = records.map(({ value, call, region, ...question }) => JSON.stringify(question));
  const seen = new Set<string>();
  expect(keys.filter((key) => seen.size === seen.add(key).size)).toEqual([]);
});
