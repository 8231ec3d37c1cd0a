import { expect, it } from 'vitest';
import { parseOptions, UsageError } from './options.ts';

const known = ['micro', 'W1', 'W7'];
const labels = (line: string) => parse(line).engines.map(({ label }) => label);
const parse = (line: string) => parseOptions(line.split(' ').filter(Boolean), known);

it('takes workloads in any case, each once', () => {
  expect(parse('w7 MICRO W7').workloads).toEqual(['W7', 'micro']);
  expect(parse('All').workloads).toEqual(known);
  expect(parse('--vs-torch').workloads).toEqual(known);
  expect(parse('--vs-torch w1').workloads).toEqual(['W1']);
});

it('reads the options', () => {
  expect(parse('w1')).toEqual({
    workloads: ['W1'],
    engines: [{ label: 'auto', engine: 'auto', threads: undefined }],
    build: undefined,
    wideVectors: 'auto',
    json: false,
    vsTorch: false,
    profile: false,
    steps: 20,
  });
  expect(parse('w1 --engine wasm --build plain --json')).toMatchObject({ build: 'plain', json: true });
  expect(labels('w1 --build plain')).toEqual(['wasm']);
  expect(labels('w1 --wide-vectors')).toEqual(['wasm']);
  expect(parse('w1 --wide-vectors').wideVectors).toBe(true);
  expect(labels('w1 --narrow-vectors')).toEqual(['auto']);
  expect(parse('w1 --narrow-vectors').wideVectors).toBe(false);
  expect(labels('w1 --engine wasm,node,wasm')).toEqual(['wasm', 'node']);
  expect(parse('w1 --engine node:2').engines).toEqual([{ label: 'node:2', engine: 'node', threads: 2 }]);
  expect(parse('w1 --profile --steps 3')).toMatchObject({ profile: true, steps: 3 });
});

it.each([
  ['', 'no workload given.'],
  ['w12', "unknown workload 'w12'."],
  ['w1 --engine gpu', "--engine must be one of auto, wasm, cpu, node, node-gpu, webgpu, got 'gpu'."],
  ['w1 --engine wasm:1', "--engine must be one of auto, wasm, cpu, node, node-gpu, webgpu, got 'wasm:1'."],
  ['w1 --engine wasm,node --build plain', "--build is of the engine wasm, not of 'node'."],
  ['w1 --engine wasm,node --profile', '--profile is of one engine.'],
  ['w1 --wide-vectors --engine cpu', "--wide-vectors is of the engine wasm, not of 'cpu'."],
  ['w1 --wide-vectors --narrow-vectors', '--wide-vectors and --narrow-vectors exclude each other.'],
  ['w1 --build fast', "--build must be one of plain, fused, got 'fast'."],
  ['w1 --engine cpu --build plain', "--build is of the engine wasm, not of 'cpu'."],
  ['w1 --profile --steps 0', "--steps must be a positive whole number, got '0'."],
  ['w1 --steps 2', '--steps goes with --profile.'],
  ['w1 --profile --vs-torch', '--vs-torch and --profile exclude each other.'],
])('refuses "%s" with one line', (line, message) => {
  expect(() => parse(line)).toThrow(new UsageError(message));
});

it('refuses an unknown option with one line', () => {
  expect(() => parse('w1 --fast')).toThrow(UsageError);
  expect(() => parse('w1 --fast')).toThrow(/^[^\n]*--fast[^\n]*$/);
});
