import { expect, it } from 'vitest';
import { tableLines } from './report.ts';

const result = (variant: string, engine: string, min: number) => ({
  ...{ workload: 'W1', variant, engine, ms: 2 * min, min, runs: 5, rate: 1, rateUnit: 'images/s' },
});

it('the table has a row a variant, a column an engine, PyTorch last, and what each takes times PyTorch', () => {
  const results = [
    ...[
      result('step', 'wasm', 2),
      result('epoch', 'wasm', 1234.5),
      result('step', 'node', 1),
      result('gone', 'node', 4),
    ],
    ...[result('step', 'torch', 4), result('epoch', 'torch', 1000)],
  ];
  expect(tableLines(results)).toEqual([
    '| ms | wasm | node | torch | wasm / torch | node / torch |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    '| W1 step | 2.00 | 1.00 | 4.00 | 0.500 | 0.250 |',
    '| W1 epoch | 1235 |  | 1000 | 1.23 |  |',
    '| W1 gone |  | 4.00 |  |  |  |',
  ]);
});
