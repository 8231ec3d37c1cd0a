import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EngineOptions, useEngine } from '../index.ts';
import { canRun, type WasmBuild } from '../wasm/build.ts';
import { composedGru, composedGruGrad } from './gru.ts';
import { composedLstm, composedLstmGrad } from './lstm.ts';
import type { Composed } from './register.ts';

type Matrix = number[][];
/** What a sequence is made of, in float64: [B][T][G H], [H][G H], [G H], [B][H] each, [B][T]. */
interface Sequence {
  readonly kind: 'lstm' | 'gru';
  readonly batch: number;
  readonly steps: number;
  readonly units: number;
  readonly backward: boolean;
  readonly resetAfter: boolean;
  readonly masked: boolean;
  readonly biased: boolean;
  readonly seed: number;
}

const sequence = (max: { batch: number; steps: number; units: number }, kind = fc.constantFrom('lstm', 'gru')) =>
  fc.record({
    kind: kind as fc.Arbitrary<Sequence['kind']>,
    batch: fc.integer({ min: 0, max: max.batch }),
    steps: fc.integer({ min: 0, max: max.steps }),
    units: fc.integer({ min: 1, max: max.units }),
    backward: fc.boolean(),
    resetAfter: fc.boolean(),
    masked: fc.boolean(),
    biased: fc.boolean(),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });

/** Numbers of [-1, 1), exact in float32. */
function numbers(size: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}

/** Inputs by name, as arrays with shapes; what is not in `differentiable` has no gradient. */
function inputsOf(s: Sequence): { values: Record<string, Float32Array>; shapes: Record<string, number[]> } {
  const gates = s.kind === 'lstm' ? 4 : 3;
  const shapes: Record<string, number[]> = {
    projected: [s.batch, s.steps, gates * s.units],
    recurrent: [s.units, gates * s.units],
    h: [s.batch, s.units],
  };
  if (s.kind === 'lstm') shapes.c = [s.batch, s.units];
  if (s.kind === 'gru' && s.resetAfter && s.biased) shapes.recurrentBias = [3 * s.units];
  const values: Record<string, Float32Array> = {};
  for (const [i, [name, shape]] of Object.entries(shapes).entries()) {
    const scale = name === 'recurrent' ? 1 / Math.sqrt(s.units) : name === 'projected' ? 2 : 1;
    values[name] = numbers(tf.util.sizeFromShape(shape), s.seed + 7919 * i).map((v) => Math.fround(v * scale));
  }
  if (s.masked) {
    shapes.mask = [s.batch, s.steps];
    values.mask = numbers(s.batch * s.steps, s.seed + 5).map((v) => (v > -0.3 ? 1 : 0));
  }
  return { values, shapes };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The definitions, step by step in float64: states after each step [B, T, H] and the last ones, flat. */
function oracle(s: Sequence, values: Record<string, ArrayLike<number>>): number[] {
  const { batch, steps, units: H } = s;
  const { projected, recurrent, recurrentBias, mask } = values as Record<string, ArrayLike<number>>;
  const G = s.kind === 'lstm' ? 4 : 3;
  const rows = (name: string): Matrix =>
    Array.from({ length: batch }, (_, b) => Array.from({ length: H }, (_, j) => values[name]![b * H + j]!));
  const h = rows('h');
  const c = s.kind === 'lstm' ? rows('c') : [];
  const states = new Array<number>(batch * steps * H);
  for (let b = 0; b < batch; b++) {
    for (let k = 0; k < steps; k++) {
      const t = s.backward ? steps - 1 - k : k;
      if (mask === undefined || mask[b * steps + t] !== 0) {
        const p = (gate: number, j: number) => projected![(b * steps + t) * G * H + gate * H + j]!;
        const u = (x: number[], gate: number, j: number) =>
          x.reduce((sum, v, i) => sum + v * recurrent![i * G * H + gate * H + j]!, recurrentBias?.[gate * H + j] ?? 0);
        const units = Array.from({ length: H }, (_, j) => j);
        const before = [...h[b]!];
        if (s.kind === 'lstm') {
          const gate = (g: number, j: number) => p(g, j) + u(before, g, j);
          c[b] = units.map((j) => sigmoid(gate(1, j)) * c[b]![j]! + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)));
          h[b] = units.map((j) => sigmoid(gate(3, j)) * Math.tanh(c[b]![j]!));
        } else {
          const z = units.map((j) => sigmoid(p(0, j) + u(before, 0, j)));
          const r = units.map((j) => sigmoid(p(1, j) + u(before, 1, j)));
          const reset = before.map((v, j) => r[j]! * v);
          const n = units.map((j) => Math.tanh(p(2, j) + (s.resetAfter ? r[j]! * u(before, 2, j) : u(reset, 2, j))));
          h[b] = units.map((j) => z[j]! * before[j]! + (1 - z[j]!) * n[j]!);
        }
      }
      for (let j = 0; j < H; j++) states[(b * steps + t) * H + j] = h[b]![j]!;
    }
  }
  return [...states, ...h.flat(), ...c.flat()];
}

/** The kernel of the engine that runs: the public outputs. */
function run(s: Sequence, inputs: tf.NamedTensorMap): tf.Tensor[] {
  const [name, count] = s.kind === 'lstm' ? ['ProjLstmSequence', 3] : ['ProjGruSequence', 2];
  const { backward, resetAfter } = s;
  return (tf.engine().runKernel(name as string, inputs, { backward, resetAfter }) as tf.Tensor[]).slice(
    0,
    count as number,
  );
}

const flat = (tensors: tf.Tensor[]): number[] => tensors.flatMap((tensor) => [...tensor.dataSync()]);

/** Outputs, and gradients by the inputs of their sum weighted with `weights`, by name; checks that nothing else is left. */
function outputsAndGradients(
  s: Sequence,
  weights: Float32Array,
): { outputs: number[]; grads: Record<string, number[]> } {
  const { values, shapes } = inputsOf(s);
  const before = tf.memory().numTensors;
  // What the engine's memory holds where nothing is written, in pieces large and small.
  tf.dispose(Array.from({ length: 200 }, (_, i) => tf.fill([1 + 4 * i], Number.NaN)));
  const result = tf.tidy(() => {
    const inputs = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, tf.tensor(value, shapes[name]!)]),
    );
    const outputs = run(s, inputs);
    const { mask, ...rest } = inputs;
    const names = Object.keys(rest);
    const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
      const named: tf.NamedTensorMap = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
      const parts = run(s, mask === undefined ? named : { ...named, mask });
      let at = 0;
      const weighted = parts.map((part) => {
        const weight = tf.tensor(weights.slice(at, at + part.size), part.shape);
        at += part.size;
        return tf.sum(tf.mul(part, weight));
      });
      return tf.addN(weighted) as tf.Scalar;
    };
    const grads = tf.grads(loss)(Object.values(rest) as tf.Tensor[]);
    return {
      outputs: flat(outputs),
      grads: Object.fromEntries(names.map((name, i) => [name, [...grads[i]!.dataSync()]])),
    };
  });
  expect(tf.memory().numTensors).toBe(before);
  return result;
}

const outputSize = (s: Sequence) => s.batch * s.units * (s.steps + (s.kind === 'lstm' ? 2 : 1));

function expectClose(got: readonly number[], wanted: readonly number[], tolerance: number, what: string): void {
  expect(got.length, what).toBe(wanted.length);
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  got.forEach((value, i) => {
    if (!(Math.abs(value - wanted[i]!) <= tolerance * scale)) expect.fail(`${what}[${i}]: ${value}, not ${wanted[i]}`);
  });
}

const engines: [string, 'cpu' | 'wasm', EngineOptions][] = [
  ['cpu, composed', 'cpu', {}],
  ...(['plain', 'fused'] as WasmBuild[])
    .filter(canRun)
    .map((wasmBuild): [string, 'wasm', EngineOptions] => [`wasm, ${wasmBuild} build`, 'wasm', { wasmBuild }]),
];

describe.each(engines)('ProjLstmSequence and ProjGruSequence: %s', (_, engine, options) => {
  // Goldens: the definitions and their central differences, both in float64.
  it('are the definitions over small shapes, masks, directions and forms, with their gradients', async () => {
    await useEngine(engine, options);
    const property = fc.property(sequence({ batch: 6, steps: 4, units: 5 }), (s) => {
      const weights = numbers(outputSize(s), s.seed + 1);
      const { outputs, grads } = outputsAndGradients(s, weights);
      const { values } = inputsOf(s);
      expectClose(outputs, oracle(s, values), 2e-6, 'outputs');
      const loss = (name: string, i: number, by: number) => {
        const moved = Float64Array.from(values[name]!);
        moved[i]! += by;
        return oracle(s, { ...values, [name]: moved }).reduce((sum, v, k) => sum + v * weights[k]!, 0);
      };
      const step = 1e-4;
      for (const [name, got] of Object.entries(grads)) {
        const slopes = got.map((_, i) => (loss(name, i, step) - loss(name, i, -step)) / (2 * step));
        expectClose(got, slopes, 4e-6, `gradient by ${name}`);
      }
    });
    fc.assert(property, { seed: 5, numRuns: engine === 'cpu' ? 25 : 60 });
  });

  it('keep numbers finite and right where every gate saturates', async () => {
    await useEngine(engine, options);
    for (const kind of ['lstm', 'gru'] as const) {
      const s: Sequence = {
        kind,
        batch: 5,
        steps: 3,
        units: 6,
        backward: false,
        resetAfter: true,
        masked: false,
        biased: true,
        seed: 3,
      };
      const { values, shapes } = inputsOf(s);
      const extreme = {
        ...values,
        projected: values.projected!.map((v) => v * 1e30),
        h: values.h!.map((v) => v * 1e4),
      };
      const outputs = tf.tidy(() =>
        flat(
          run(s, Object.fromEntries(Object.entries(extreme).map(([name, v]) => [name, tf.tensor(v, shapes[name]!)]))),
        ),
      );
      expectClose(outputs, oracle(s, extreme), 2e-6, kind);
      const grads = tf.tidy(() => {
        const { projected, ...rest } = Object.fromEntries(
          Object.entries(extreme).map(([name, v]) => [name, tf.tensor(v, shapes[name]!)]),
        );
        return flat([tf.grad((x) => tf.sum(run(s, { projected: x, ...rest })[0]!))(projected!)]);
      });
      expect(grads.every(Number.isFinite)).toBe(true);
    }
  });

  it('say which input has the wrong shape or type', async () => {
    await useEngine(engine, options);
    const call = (name: string, changes: Record<string, tf.Tensor>, gates: number) => () =>
      tf.tidy(() => {
        const inputs = {
          projected: tf.ones([2, 3, gates * 4]),
          recurrent: tf.ones([4, gates * 4]),
          h: tf.ones([2, 4]),
        };
        const c: tf.NamedTensorMap = gates === 4 ? { c: tf.ones([2, 4]) } : {};
        return tf.engine().runKernel(name, { ...inputs, ...c, ...changes }, { backward: false, resetAfter: false });
      });
    const mistakes: [string, Record<string, tf.Tensor>, number, string][] = [
      [
        'ProjLstmSequence',
        { projected: tf.ones([2, 3, 12]) },
        4,
        'projected must be float32 [2,3,16], got float32 [2,3,12].',
      ],
      ['ProjLstmSequence', { recurrent: tf.ones([4, 12]) }, 4, 'recurrent must be float32 [4,16], got float32 [4,12].'],
      ['ProjLstmSequence', { c: tf.ones([2, 3]) }, 4, 'c must be float32 [2,4], got float32 [2,3].'],
      ['ProjGruSequence', { h: tf.ones([1, 4]) }, 3, 'h must be float32 [2,4], got float32 [1,4].'],
      ['ProjGruSequence', { mask: tf.ones([2, 3], 'int32') }, 3, 'mask must be float32 [2,3], got int32 [2,3].'],
      [
        'ProjGruSequence',
        { recurrentBias: tf.ones([12]) },
        3,
        'recurrentBias came without resetAfter; add it to the bias.',
      ],
    ];
    for (const [name, changes, gates, message] of mistakes) {
      expect(call(name, changes, gates)).toThrow(new RangeError(`${name}: ${message}`));
      tf.dispose(changes);
    }
  });
});

// Shapes that take several blocks of the packed product, and few rows, that are not packed. Golden: the composed form, held above.
describe.each(engines.slice(1))('large sequences: %s', (_, engine, options) => {
  it.each(
    (['lstm', 'gru'] as const).flatMap((kind) =>
      [
        ...[
          [1, 5, 64],
          [4, 4, 33],
          [7, 3, 130],
          [13, 2, 16],
          [100, 2, 70],
          [97, 3, 24],
          [9, 2, 270],
          [6, 1, 259],
        ],
        ...[
          [40, 12, 8],
          [5, 7, 7],
        ],
      ].map(([batch, steps, units]) => [kind, batch!, steps!, units!] as const),
    ),
  )('%s of %i x %i steps, %i units', async (kind, batch, steps, units) => {
    await useEngine(engine, options);
    tf.tidy(() => {
      const [backward, resetAfter, masked] = [batch % 2 === 0, steps % 2 === 0, units % 2 === 0];
      const s: Sequence = {
        kind,
        batch,
        steps,
        units,
        backward,
        resetAfter,
        masked,
        biased: true,
        seed: batch + units,
      };
      const { values, shapes } = inputsOf(s);
      const inputs = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, tf.tensor(value, shapes[name]!)]),
      );
      const compose = <T>(lstm: T, gru: T) => (kind === 'lstm' ? lstm : gru) as unknown as Composed;
      const composed = compose(composedLstm as unknown, composedGru)(inputs as never, s as never) as tf.Tensor[];
      run(s, inputs).forEach((tensor, i) => {
        expectClose(flat([tensor]), flat([composed[i]!]), 3e-6, `output ${i}`);
      });

      const random = (shape: number[], seed: number) => tf.tensor(numbers(tf.util.sizeFromShape(shape), seed), shape);
      const dLast = random([batch, units], 2);
      const gradInputs: tf.NamedTensorMap = { ...inputs, states: composed[0]!, dLastH: dLast };
      gradInputs.dStates = random([batch, steps, units], 1);
      if (kind === 'lstm') Object.assign(gradInputs, { gates: composed[3]!, cells: composed[4]!, dLastC: dLast });
      else Object.assign(gradInputs, { gates: composed[2]!, inner: composed[3]! });
      const golden = compose(composedLstmGrad as unknown, composedGruGrad)(
        gradInputs as never,
        s as never,
      ) as tf.Tensor[];
      const name = kind === 'lstm' ? 'ProjLstmSequenceGrad' : 'ProjGruSequenceGrad';
      const got = tf.engine().runKernel(name, gradInputs, { backward, resetAfter }) as tf.Tensor[];
      expect(got.map((tensor) => tensor.shape)).toEqual(golden.map((tensor) => tensor.shape));
      got.forEach((tensor, i) => {
        expectClose(flat([tensor]), flat([golden[i]!]), 5e-6, `output ${i} of the gradient`);
      });
    });
  });
});
