import { describe, expect, it } from 'vitest';
import { canRun, instantiate } from '../wasm/build.ts';

const [ROWS, N] = [7, 37]; // of 4-byte elements; N leaves a tail
const [X, Y, OUT, TOTALS] = [0, 1 << 14, 1 << 15, 1 << 16];
const [LABELS, LOSSES] = [TOTALS + (1 << 12), TOTALS + (1 << 13)]; // 0 everywhere
const BYTES = ROWS * N * 4;

/** How a kernel is called for [from, to) of `end` parts; what it does for two ranges must be what it does for their union. */
const KERNELS: Record<string, { end: number; args: (from: number, to: number) => number[] }> = {
  expMap: { end: ROWS * N, args: (from, to) => [X, OUT, from, to] },
  clipMap: { end: ROWS * N, args: (from, to) => [X, OUT, from, to, -0.5, 0.5] },
  addFloats: { end: ROWS, args: (from, to) => [X, Y, OUT, from, to, ROWS, N, 0, N, 1, 0, 0, 1] },
  mulFloats: { end: ROWS, args: (from, to) => [X, Y, OUT, from, to, ROWS, N, 0, N, 1, 0, 1, 0] },
  gtFloats: { end: ROWS, args: (from, to) => [X, Y, OUT, from, to, ROWS, N, 0, N, 1, 0, 1, 0] },
  select: { end: ROWS * N, args: (from, to) => [TOTALS, X, Y, OUT, from, to] },
  sumRows: { end: ROWS, args: (from, to) => [X, OUT, from, to, N, 2] },
  maxRows: { end: ROWS, args: (from, to) => [X, OUT, from, to, N] },
  // Columns are shared out by outer index or by column.
  sumColumns: { end: N, args: (from, to) => [X, OUT, 0, 1, ROWS, N, from, to, TOTALS, 2] },
  minColumns: { end: ROWS, args: (from, to) => [X, OUT, from, to, N, 1, 0, 1] },
  sparseCrossEntropy: { end: ROWS, args: (from, to) => [X, LABELS, 0, LOSSES, OUT, from, to, N] },
  softmaxRows: { end: ROWS, args: (from, to) => [X, OUT, from, to, N] },
};

describe.each((['plain', 'fused'] as const).filter(canRun))('build %s', (build) => {
  it.each(Object.entries(KERNELS))(
    '%s of two ranges is %s of both, and writes nothing else',
    async (name, { end, args }) => {
      const memory = new WebAssembly.Memory({ initial: 2 });
      const run = (await instantiate(build, memory))[name] as (...numbers: number[]) => void;
      const floats = new Float32Array(memory.buffer);
      for (let i = 0; i < 1 << 13; i++) floats[i] = ((i * 7919) % 1009) / 500 - 1;
      for (let i = 0; i < ROWS * N; i++) new Uint8Array(memory.buffer)[TOTALS + i] = i % 3;
      const out = () => new Uint8Array(memory.buffer, OUT, BYTES + 64);
      const calls = (ranges: [number, number][]) => {
        out().fill(0xaa);
        for (const [from, to] of ranges) run(...args(from, to));
        return out().slice();
      };
      const whole = calls([[0, end]]);
      const cut = end >> 1;
      expect(
        calls([
          [cut, end],
          [0, cut],
        ]),
      ).toEqual(whole);
      expect(calls([[0, 0]]).every((byte) => byte === 0xaa)).toBe(true);
      expect(whole.slice(BYTES).every((byte) => byte === 0xaa)).toBe(true);
    },
  );
});
