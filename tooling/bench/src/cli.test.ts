import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { run } from './cli.ts';
import { workloads } from './workloads/index.ts';

async function* two() {
  for (const name of ['step', 'epoch']) {
    yield { name, amount: 7, rateUnit: 'images/s', run: () => void tf.tidy(() => tf.exp(tf.ones([10])).dataSync()) };
  }
}

async function bench(...argv: string[]) {
  const [printed, complained]: string[][] = [[], []];
  const output = { print: (line: string) => printed!.push(line), complain: (line: string) => complained!.push(line) };
  const status = await run(output, argv, { W1: two });
  return { status, printed: printed!, complained: complained! };
}

it('--json gives a line a variant with the keys that readers know, and nothing else', async () => {
  const { status, printed, complained } = await bench('w1', '--engine', 'cpu', '--json');
  expect([status, complained]).toEqual([0, []]);
  const lines = printed.map((line) => JSON.parse(line));
  expect(lines.map(({ variant }) => variant)).toEqual(['step', 'epoch']);
  for (const line of lines) {
    expect(Object.keys(line)).toEqual(['workload', 'variant', 'engine', 'ms', 'min', 'runs', 'rate', 'rateUnit']);
    expect(line).toMatchObject({ workload: 'W1', engine: 'cpu', rateUnit: 'images/s' });
    expect(line.rate).toBeCloseTo(7 / (line.ms / 1000), 3);
  }
});

it('--profile tells of the first variant', async () => {
  const { printed } = await bench('W1', '--engine', 'cpu', '--profile', '--steps', '4', '--json');
  expect(printed.map((line) => JSON.parse(line))).toMatchObject([
    {
      workload: 'W1',
      variant: 'step',
      steps: 4,
      kernels: expect.arrayContaining([expect.objectContaining({ kernel: 'Exp', calls: 1 })]),
    },
  ]);
});

it.each([[], ['W9'], ['W1', '--engine', 'x'], ['W1', '--what']])(
  'a mistake is one line, the usage, and status 2: %j',
  async (...argv) => {
    const { status, printed, complained } = await bench(...argv);
    expect([status, printed, complained.length]).toEqual([2, [], 1]);
    expect(complained[0]).toMatch(/^error: [^\n]+\nusage: bench /);
  },
);

it('an engine that is not here is status 1', async () => {
  const { status, complained } = await bench('W1', '--engine', 'webgpu');
  expect(status).toBe(1);
  expect(complained[0]).toMatch(/^error: webgpu: [^\n]+$/);
});

it('has the workloads of the interface', () => {
  expect(Object.keys(workloads)).toEqual('micro optim W1 W2 W3 W4 W5 W6 W7 W8 W9 W10 W11'.split(' '));
});
