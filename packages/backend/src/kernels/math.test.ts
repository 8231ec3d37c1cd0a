import { describe, expect, it } from 'vitest';
import { canRun, instantiate } from '../wasm/build.ts';

const N = 1 << 18;

/** By its series, and for large x by the continued fraction of 1 - erf: to 1e-15. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 3) {
    let [sum, term] = [0, a];
    for (let n = 0; n < 200; n++) {
      sum += term / (2 * n + 1);
      term *= (-a * a) / (n + 1);
    }
    return (Math.sign(x) * sum * 2) / Math.sqrt(Math.PI);
  }
  let rest = 0;
  for (let k = 60; k > 0; k--) rest = k / 2 / (a + rest);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + rest));
}

/** In float64, and how many units in the last place of a float32 ours may be off. */
const EXACT: Record<string, [(x: number) => number, number]> = {
  exp: [Math.exp, 2],
  log: [Math.log, 2],
  log1p: [Math.log1p, 2],
  expm1: [Math.expm1, 2],
  tanh: [Math.tanh, 2],
  sigmoid: [(x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))), 2.5],
  softplus: [(x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 2],
  erf: [erf, 2],
  rsqrt: [(x) => 1 / Math.sqrt(x), 2],
};

/** The distance between neighbouring float32 at y. */
function ulp(y: number): number {
  const a = Math.abs(y);
  if (a < 2 ** -126) return 2 ** -149;
  let exponent = Math.floor(Math.log2(a));
  if (2 ** exponent > a) exponent--;
  return 2 ** (Math.min(127, exponent) - 23);
}

const EDGES = [
  ...[
    0,
    -0,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    -1,
    1,
    1e-8,
    -1e-8,
    1e-45,
    -1e-45,
    1.17e-38,
  ],
  ...[88.72283, 88.7229, 87, -87, -87.4, -103.97, -103.98, -104.1, 3.4e38, -3.4e38, 0.625, -0.625, 0.927734375, 4, 10],
];
/** Floats of every exponent and sign; 220 wide, where exp neither overflows nor vanishes; about 0. */
const SAMPLES: ((i: number) => number)[] = [
  (i) => new Float32Array(Int32Array.of(i * (2 ** 32 / N) + (Math.imul(i, 0x9e3779b1) >>> 18)).buffer)[0]!,
  (i) => (i / N - 0.5) * 220,
  (i) => (i / N - 0.5) * 4,
];

describe.each((['plain', 'fused'] as const).filter(canRun))('build %s', (build) => {
  it.each(Object.entries(EXACT))(
    '%s is within ulps of float64, and as IEEE says at its edges',
    async (name, [f, ulps]) => {
      const memory = new WebAssembly.Memory({ initial: (N * 8) / 65536 });
      const run = (await instantiate(build, memory))[`${name}Map`] as (...numbers: number[]) => void;
      const [x, y] = [new Float32Array(memory.buffer, 0, N), new Float32Array(memory.buffer, N * 4, N)];
      let worst = 0;
      const wrong: number[][] = [];
      for (const sample of SAMPLES) {
        for (let i = 0; i < N; i++) x[i] = i < EDGES.length ? EDGES[i]! : sample(i);
        run(0, N * 4, 0, N - 1); // N - 1: the last three by the code for tails
        for (let i = 0; i < N - 1; i++) {
          const exact = f(x[i]!);
          const rounded = Math.fround(exact);
          if (!Number.isFinite(rounded) || !Number.isFinite(y[i]!) || x[i] === 0) {
            if (!Object.is(rounded, y[i])) wrong.push([x[i]!, exact, y[i]!]);
          } else worst = Math.max(worst, Math.abs(y[i]! - exact) / ulp(rounded));
        }
      }
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(worst).toBeLessThanOrEqual(ulps);
    },
  );

  it('log1p(1e-8) and expm1(1e-8) are 1e-8', async () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const exports = (await instantiate(build, memory)) as Record<string, (...numbers: number[]) => void>;
    const cells = new Float32Array(memory.buffer);
    cells[0] = 1e-8;
    for (const name of ['log1pMap', 'expm1Map', 'tanhMap']) {
      exports[name]!(0, 4, 0, 1);
      expect(cells[1]).toBe(cells[0]);
    }
  });
});
