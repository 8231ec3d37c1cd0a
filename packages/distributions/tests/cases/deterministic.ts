import { anywhere, type Case, number, param, specs, values } from '../case.ts';

const deterministic = (loc: unknown) => ({ distribution: 'Deterministic', params: { loc } });

export const deterministicCase: Case = {
  family: 'Deterministic',
  examples: [deterministic(0.5), deterministic([-3, 0, 100])],
  lighter: [null, null],
  ordinary: specs('Deterministic', { loc: param(number(-5, 5)) }),
  extreme: specs('Deterministic', { loc: param(anywhere) }),
  value: (_, size) => values(anywhere, size),
  outside: () => [[2], [-1e30]],
  invalid: [{ spec: deterministic([0, Number.NaN]), message: /parameter loc .* must be real, got NaN at \[1\]/ }],
  undefined: ['covariance'],
  reparameterized: true,
};
