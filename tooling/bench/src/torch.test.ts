import { expect, it } from 'vitest';
import { parseResults } from './measure.ts';
import { better, compare, findPython } from './torch.ts';

const result = (variant: string, engine: string, min: number) => ({
  workload: 'W1',
  variant,
  engine,
  ms: min * 2,
  min,
  runs: 5,
  rate: 1,
  rateUnit: 'images/s',
});

it('takes of each variant the run with the lower minimum', () => {
  const runs = [
    result('step', 'torch', 3),
    result('epoch', 'torch', 9),
    result('step', 'torch', 2),
    result('epoch', 'torch', 10),
  ];
  expect(better(runs).map(({ variant, min }) => [variant, min])).toEqual([
    ['step', 2],
    ['epoch', 9],
  ]);
});

it('compares minima of the variants that both have', () => {
  const ours = [result('step', 'wasm', 6), result('other', 'wasm', 1)];
  expect(compare(ours, [result('step', 'torch', 4)])).toEqual([
    { workload: 'W1', variant: 'step', engine: 'wasm', ours: 6, torch: 4, ratio: 1.5 },
  ]);
});

it('reads the lines of a program that may say other things', () => {
  const line = result('step', 'torch', 3);
  expect(parseResults(`a warning\n${JSON.stringify(line)}\n\n`)).toEqual([line]);
});

it('says how to get PyTorch where it is not', () => {
  expect(findPython({ PYTHON: '/no/such/python' })).toEqual({
    missing: expect.stringMatching(/^no PyTorch: 'import torch' fails in \/no\/such\/python\. Install .*PYTHON/),
  });
});
