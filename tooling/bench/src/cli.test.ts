import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { run } from './cli.ts';
import type { RunSelf } from './engines.ts';
import { workloads } from './workloads/index.ts';

async function* two() {
  for (const name of ['step', 'epoch']) {
    yield { name, amount: 7, rateUnit: 'images/s', run: () => void tf.tidy(() => tf.exp(tf.ones([10])).dataSync()) };
  }
}

async function bench(argv: readonly string[], runner?: RunSelf) {
  const [printed, complained]: string[][] = [[], []];
  const output = { print: (line: string) => printed!.push(line), complain: (line: string) => complained!.push(line) };
  const status = await run(output, argv, { W1: two }, runner);
  return { status, printed: printed!, complained: complained! };
}

it('--json gives a line a variant with the keys that readers know, and nothing else', async () => {
  const { status, printed, complained } = await bench(['w1', '--engine', 'cpu', '--json']);
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
  const { printed } = await bench(['W1', '--engine', 'cpu', '--profile', '--steps', '4', '--json']);
  expect(printed.map((line) => JSON.parse(line))).toMatchObject([
    {
      workload: 'W1',
      variant: 'step',
      steps: 4,
      kernels: expect.arrayContaining([expect.objectContaining({ kernel: 'Exp', calls: 1 })]),
    },
  ]);
});

it('several engines each run in a process of their own, and end in one table', async () => {
  const asked: string[] = [];
  const runner = async (args: readonly string[]) => {
    asked.push(args.join(' '));
    const engine = args[2]!;
    if (engine === 'webgpu') return { status: 1, text: '' };
    const min = engine === 'wasm' ? 2 : 0.5;
    const line = { workload: 'W1', variant: 'step', engine, ms: 3, min, runs: 5, rate: 1, rateUnit: 'images/s' };
    return { status: 0, text: `a note\n${JSON.stringify(line)}\n` };
  };
  const argv = ['W1', '--engine', 'wasm,node:1,webgpu', '--narrow-vectors'];
  const { status, printed } = await bench(argv, runner);
  expect(status).toBe(1); // webgpu did not run
  expect(asked).toEqual(['wasm', 'node:1', 'webgpu'].map((engine) => `W1 --engine ${engine} --json --narrow-vectors`));
  expect(printed.slice(2)).toEqual([
    '',
    '| ms | wasm | node:1 |',
    '| --- | ---: | ---: |',
    '| W1 step | 2.00 | 0.500 |',
  ]);
  const { printed: lines } = await bench([...argv, '--json'], runner);
  expect(lines.map((line) => JSON.parse(line).engine)).toEqual(['wasm', 'node:1']);
});

it.each([[], ['W9'], ['W1', '--engine', 'x'], ['W1', '--what']])(
  'a mistake is one line, the usage, and status 2: %j',
  async (...argv) => {
    const { status, printed, complained } = await bench(argv);
    expect([status, printed, complained.length]).toEqual([2, [], 1]);
    expect(complained[0]).toMatch(/^error: [^\n]+\nusage: bench /);
  },
);

it('an engine that is not here is status 1', async () => {
  const { status, complained } = await bench(['W1', '--engine', 'webgpu']);
  expect(status).toBe(1);
  expect(complained[0]).toMatch(/^error: webgpu: [^\n]+$/);
});

it('has the workloads of the interface', () => {
  expect(Object.keys(workloads)).toEqual('micro optim W1 W2 W3 W4 W5 W6 W7 W8 W9 W10 W11'.split(' '));
});
