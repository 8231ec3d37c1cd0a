import type * as tf from '@tensorflow/tfjs-core';
import { values as numbers } from './engines.ts';

/** A map of a program of `ProjCausalSampler`; see FusedKernels of @proj/layers. */
export interface Map {
  channels: number;
  stride?: number;
  /** Rows kept; 0 for the latest column alone. */
  rows?: number;
}

export interface Operation {
  kind: 'matrix' | 'relu' | 'elu' | 'concatElu' | 'add' | 'gate' | 'concat' | 'constants';
  out: number;
  a?: number;
  b?: number;
  byRow?: boolean;
  modulus?: number;
  phase?: [number, number];
  /** Map, dy, dx. */
  taps?: [number, number, number][];
  bias?: boolean;
  /** Where its constants begin. */
  from?: number;
}

export interface Sizes {
  height: number;
  width: number;
  channels: number;
  passes: number;
  head: 'softmax' | 'logistics';
  choices: number;
}

const KINDS = ['matrix', 'relu', 'elu', 'concatElu', 'add', 'gate', 'concat', 'constants'];

/** The program's words, and random weights for it: matrix after matrix in panels of 8 columns, each followed by its bias. */
export function assemble(
  sizes: Sizes,
  maps: readonly Map[],
  operations: readonly Operation[],
  read: number,
  seed: number,
): { words: number[]; weights: tf.Tensor; stateSize: number; depth: number } {
  let [state, weights] = [0, 0];
  const values = maps.flatMap(({ channels, stride = 1, rows = 0 }) => {
    const at = state;
    state += Math.max(1, rows * (sizes.width / stride)) * channels;
    return [channels, stride, rows, at];
  });
  const taps: number[] = [];
  const words = operations.flatMap((o) => {
    const { channels, stride = 1 } = maps[o.out]!;
    const firstTap = taps.length / 3;
    taps.push(...(o.taps ?? []).flat());
    const inputs = (o.taps ?? []).reduce((sum, [map]) => sum + maps[map]!.channels, 0);
    const at = o.from ?? weights;
    weights += inputs * 8 * Math.ceil(channels / 8);
    const bias = o.bias ? weights : -1;
    if (o.bias) weights += channels;
    const places = [o.modulus ?? stride, ...(o.phase ?? [0, 0])];
    const kind = KINDS.indexOf(o.kind);
    return [
      kind,
      o.out,
      o.a ?? -1,
      o.b ?? (kind === 0 ? 0 : -1),
      Number(o.byRow ?? false),
      ...places,
      at,
      bias,
      firstTap,
      o.taps?.length ?? 0,
    ];
  });
  const { height, width, channels, passes, head, choices } = sizes;
  const depth = head === 'softmax' ? channels : 1 + channels;
  const header = [height, width, channels, passes, depth, Number(head === 'logistics'), read, choices];
  return {
    words: [...header, maps.length, operations.length, taps.length / 3, state, ...values, ...words, ...taps],
    weights: numbers([weights], seed),
    stateSize: state,
    depth,
  };
}

/**
 * One of everything: rows and pixels, all kinds, two strides with a convolution down to and transposed ones up from the coarser
 * grid, rows kept and columns alone. Channel counts need not be multiples of 4.
 */
export function everything(sizes: Sizes, n: number, m: number): { maps: Map[]; operations: Operation[]; read: number } {
  const { channels, choices, head } = sizes;
  const outputs =
    head === 'softmax' ? channels * choices : choices * (1 + 2 * channels + (channels * (channels - 1)) / 2);
  const own = sizes.passes > 1 ? ([[0, 0, 0]] as [number, number, number][]) : [];
  const maps: Map[] = [
    { channels, rows: 3 },
    { channels: n, rows: 2 }, // 1: of the rows above
    { channels: n, rows: 2 }, // 2: the same by elu
    { channels: m, rows: 2 }, // 3: of pixels
    { channels: m, rows: 1 }, // 4
    { channels: n, stride: 2, rows: 2 }, // 5: rows, coarse
    { channels: m, stride: 2, rows: 2 }, // 6: pixels, coarse
    { channels: m, stride: 2 }, // 7
    { channels: 2 * m, rows: 1 }, // 8: up again
    { channels: m }, // 9
    { channels: 2 * m }, // 10
    { channels: 2 * m + n }, // 11
    { channels: n, rows: 1 }, // 12: up again, rows
    { channels: outputs }, // 13
    { channels: m, rows: 1 }, // 14
    { channels: m }, // 15
  ];
  const up = (byRow: boolean, out: number, from: number): Operation[] =>
    [0, 1, 2, 3].map((i) => ({
      ...{ kind: 'matrix', out, byRow, modulus: 2, phase: [i >> 1, i & 1], bias: i % 2 === 0 },
      taps: [
        [from, 0, 0],
        ...(i & 1 ? [] : ([[from, 0, -1]] as [number, number, number][])),
        ...(i & 2 ? [] : ([[from, -1, 1]] as [number, number, number][])),
      ],
    }));
  const operations: Operation[] = [
    { kind: 'matrix', out: 1, byRow: true, taps: [[0, -1, -1], [0, -1, 0], [0, -2, 1]], bias: true, b: 1 }, // biome-ignore format: one row
    { kind: 'elu', out: 2, a: 1, byRow: true },
    { kind: 'matrix', out: 5, byRow: true, taps: [[1, 0, 1], [2, -1, 0]], bias: true, b: 2 }, // biome-ignore format: one row
    ...up(true, 12, 5),
    { kind: 'matrix', out: 3, taps: [...own, [0, 0, -1], [0, 0, -2], [2, 0, 1], [2, -1, -1]], bias: true, b: 2 },
    { kind: 'constants', out: 14, a: 3, from: 1 },
    { kind: 'relu', out: 4, a: 14 },
    { kind: 'matrix', out: 6, taps: [[4, 0, 0], [5, 0, 1], [6, 0, -1], [6, -1, 1]], bias: true }, // biome-ignore format: one row
    { kind: 'matrix', out: 7, taps: [[6, 0, 0]], a: 6, b: 1 },
    ...up(false, 8, 6),
    { kind: 'gate', out: 9, a: 3, b: 8 },
    { kind: 'gate', out: 15, b: 8 },
    { kind: 'add', out: 4, a: 9, b: 15 },
    { kind: 'concatElu', out: 10, a: 4 },
    { kind: 'concat', out: 11, a: 10, b: 12 },
    { kind: 'matrix', out: 13, taps: [[11, 0, 0]], bias: true },
  ];
  return { maps, operations, read: 13 };
}
