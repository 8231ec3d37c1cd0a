import fc from 'fast-check';
import { type Case, number, param, specs } from '../case.ts';

const bernoulli = (logits: unknown) => ({ distribution: 'Bernoulli', params: { logits } });

export const bernoulliCase: Case = {
  family: 'Bernoulli',
  examples: [bernoulli(0.5), bernoulli([-3, 0, 1.5])],
  lighter: [bernoulli(1), bernoulli([-3.5, 0.25, 2])],
  ordinary: specs('Bernoulli', { logits: param(number(-3, 3)) }),
  extreme: specs('Bernoulli', { logits: param(number(-1e30, 1e30)) }),
  value: (_, size) => fc.array(fc.constantFrom(0, 1), { minLength: size, maxLength: size }),
  enumerate: () => [[0], [1]],
  invalid: [{ spec: bernoulli([0, Number.NaN]), message: /parameter logits .* must be real, got NaN at \[1\]/ }],
  undefined: ['quantile', 'covariance'],
  reparameterized: false,
};
