import * as tf from '@tensorflow/tfjs-core';
import { show } from './show.ts';

/** See ProjCausalSampler of FusedKernels in @proj/layers. `T` is Tensor, or TensorInfo in compiled kernels. */
export interface CausalSamplerInputs<T extends tf.TensorInfo = tf.TensorInfo> {
  program: T;
  weights: T;
  image: T;
  state: T;
  noise: T;
  known?: T;
  constants?: T;
}

export interface CausalSamplerAttrs {
  from: number;
  to: number;
  temperature: number;
  inputScale: number;
  inputShift: number;
  low: number;
  high: number;
  scaleFloor: number;
}

const HEADER = 12;
const VALUE = 4;
const OPERATION = 12;
const TAP = 3;
const PANEL = 8;
const KIND = { matrix: 0, relu: 1, elu: 2, concatElu: 3, add: 4, gate: 5, concat: 6, constants: 7 } as const;

interface Value {
  channels: number;
  stride: number;
  rows: number;
  at: number;
}

interface Tap {
  value: Value;
  dy: number;
  dx: number;
}

interface Operation {
  kind: number;
  out: Value;
  a: Value | undefined;
  b: Value | undefined;
  activation: number;
  byRow: boolean;
  modulus: number;
  phase: readonly [y: number, x: number];
  weights: number;
  bias: number;
  taps: readonly Tap[];
}

export interface CausalProgram {
  height: number;
  width: number;
  channels: number;
  passes: number;
  noise: number;
  head: number;
  read: Value;
  choices: number;
  values: readonly Value[];
  operations: readonly Operation[];
  stateSize: number;
}

/**
 * What the words say.
 * @throws RangeError if they are not a program: an index or address that leads outside of what it points into.
 */
export function readProgram(words: ArrayLike<number>, weights: number, constants: number): CausalProgram {
  const wrong = (what: string): never => {
    throw new RangeError(`ProjCausalSampler: program with ${what}. See FusedKernels of @proj/layers.`);
  };
  const word = (i: number) => words[i] ?? wrong(`${words.length} words, too few`);
  const [height, width, channels, passes, noise, head] = Array.from({ length: 6 }, (_, i) => word(i)) as SixNumbers;
  const [readAt, choices, valueCount, operationCount, tapCount, stateSize] = Array.from({ length: 6 }, (_, i) =>
    word(6 + i),
  ) as SixNumbers;
  if (Math.min(height, width, channels, passes, choices, valueCount) < 1) wrong('a size below 1');
  const size = HEADER + VALUE * valueCount + OPERATION * operationCount + TAP * tapCount;
  if (words.length !== size) wrong(`${words.length} words in place of ${size}`);

  const values = Array.from({ length: valueCount }, (_, i): Value => {
    const at = HEADER + VALUE * i;
    const value = { channels: word(at), stride: word(at + 1), rows: word(at + 2), at: word(at + 3) };
    if (!(value.channels > 0 && value.stride > 0 && value.rows >= 0)) wrong(`a wrong value ${i}`);
    if (height % value.stride !== 0 || width % value.stride !== 0) wrong(`the stride ${value.stride}`);
    const end = value.at + Math.max(1, value.rows * (width / value.stride)) * value.channels;
    if (value.at < 0 || end > stateSize) wrong(`value ${i} outside its state`);
    return value;
  });
  const valueAt = (i: number): Value => values[i] ?? wrong(`no value ${i}`);
  const maybe = (i: number) => (i === -1 ? undefined : valueAt(i));
  const tapsFrom = HEADER + VALUE * valueCount + OPERATION * operationCount;
  const operations = Array.from({ length: operationCount }, (_, i): Operation => {
    const at = HEADER + VALUE * valueCount + OPERATION * i;
    const [kind, out, a, b, byRow, modulus, phaseY, phaseX, weightsAt, bias, firstTap, taps] = Array.from(
      { length: OPERATION },
      (_, j) => word(at + j),
    ) as [...SixNumbers, ...SixNumbers];
    if (firstTap < 0 || taps < 0 || firstTap + taps > tapCount) wrong(`operation ${i} outside its taps`);
    const operation: Operation = {
      ...{ kind, out: valueAt(out), a: maybe(a), b: kind === KIND.matrix ? undefined : maybe(b), byRow: byRow !== 0 },
      ...{ activation: b, modulus, phase: [phaseY, phaseX], weights: weightsAt, bias },
      taps: Array.from({ length: taps }, (_, j) => {
        const t = tapsFrom + TAP * (firstTap + j);
        return { value: valueAt(word(t)), dy: word(t + 1), dx: word(t + 2) };
      }),
    };
    if (!fits(operation, weights, constants)) wrong(`operation ${i} of the wrong kind, channels or addresses`);
    return operation;
  });
  const read = valueAt(readAt);
  const pairs = (channels * (channels - 1)) / 2;
  const needs = head === 0 ? channels * choices : choices * (1 + 2 * channels + pairs);
  const draws = head === 0 ? channels : 1 + channels;
  if (head < 0 || head > 1 || read.channels !== needs || read.stride !== 1 || noise !== draws) wrong('a wrong head');
  if (valueAt(0).channels !== channels || valueAt(0).stride !== 1) wrong('a value 0 that is not the image');
  return { height, width, channels, passes, noise, head, read, choices, values, operations, stateSize };
}

type SixNumbers = [number, number, number, number, number, number];

function fits(operation: Operation, weights: number, constants: number): boolean {
  const { kind, out, a, b, modulus, phase, taps, byRow } = operation;
  const rowKept = !byRow || out.rows > 0;
  if (!(rowKept && modulus > 0 && modulus % out.stride === 0 && phase.every((p) => p >= 0 && p % out.stride === 0))) {
    return false;
  }
  const own = [a, b].every((v) => v === undefined || v.stride === out.stride);
  if (!own || taps.some(({ dy }) => dy > 0)) return false;
  if (byRow && [a, b, ...taps.map(({ value }) => value)].some((v) => v?.rows === 0)) return false;
  if (taps.some(({ value, dy }) => value.rows < 1 - dy && !(value.rows === 0 && dy === 0))) return false;
  switch (kind) {
    case KIND.matrix: {
      const inputs = taps.reduce((sum, { value }) => sum + value.channels, 0);
      const panels = PANEL * Math.ceil(out.channels / PANEL);
      const held = operation.weights >= 0 && operation.weights + inputs * panels <= weights;
      const biased = operation.bias === -1 || (operation.bias >= 0 && operation.bias + out.channels <= weights);
      return held && biased && (a === undefined || a.channels === out.channels);
    }
    case KIND.relu:
    case KIND.elu:
      return a?.channels === out.channels;
    case KIND.concatElu:
      return a !== undefined && 2 * a.channels === out.channels;
    case KIND.add:
      return a?.channels === out.channels && b?.channels === out.channels;
    case KIND.gate:
      return b?.channels === 2 * out.channels && (a === undefined || a.channels === out.channels);
    case KIND.concat:
      return a !== undefined && b !== undefined && a.channels + b.channels === out.channels;
    case KIND.constants:
      return a?.channels === out.channels && operation.weights >= 0 && operation.weights + out.channels <= constants;
    default:
      return false;
  }
}

/** @throws RangeError or TypeError unless shapes and types fit the program. */
export function checkCausalSampler(
  inputs: CausalSamplerInputs,
  { from, to, temperature }: CausalSamplerAttrs,
  { height, width, channels, noise, stateSize }: CausalProgram,
): number {
  const [batch = 0] = inputs.image.shape;
  const expected: Record<string, number[]> = {
    image: [batch, height, width, channels],
    state: [batch, stateSize],
    noise: [batch, height, width, noise],
    known: [batch, height, width, channels],
  };
  for (const [name, info] of Object.entries(inputs) as [string, tf.TensorInfo | undefined][]) {
    if (info === undefined) continue;
    const dtype = name === 'program' ? 'int32' : 'float32';
    if (info.dtype !== dtype) throw new TypeError(`ProjCausalSampler: ${name} must be ${dtype}, got ${info.dtype}.`);
    const shape = expected[name];
    if (shape !== undefined && String(info.shape) !== String(shape)) {
      throw new RangeError(`ProjCausalSampler: ${name} must be [${shape.join(', ')}], got ${show({ [name]: info })}.`);
    }
  }
  if (inputs.constants !== undefined && inputs.constants.shape[0] !== batch) {
    throw new RangeError(`ProjCausalSampler: constants must be [${batch}, N], got ${show({ it: inputs.constants })}.`);
  }
  const inside = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= height * width;
  if (!inside) {
    throw new RangeError(
      `ProjCausalSampler: pixels from ${from} to ${to} must be a range within 0 to ${height * width}.`,
    );
  }
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(`ProjCausalSampler: temperature must be 0 or more, got ${temperature}.`);
  }
  return batch;
}

/** `ProjCausalSampler` in plain JavaScript: it reads everything from the engine at every call. */
export function causalSampler(inputs: CausalSamplerInputs<tf.Tensor>, attrs: CausalSamplerAttrs): tf.Tensor[] {
  const weights = inputs.weights.dataSync() as Float32Array;
  const perImage = inputs.constants?.shape[1] ?? 0;
  const program = readProgram(inputs.program.dataSync(), weights.length, perImage);
  const batch = checkCausalSampler(inputs, attrs, program);
  const image = new Float32Array(inputs.image.dataSync()); // tfjs has bytes in a tensor cast from bool
  const state = new Float32Array(inputs.state.dataSync());
  const run = new Run(program, attrs, batch, weights, state, image, inputs.noise.dataSync() as Float32Array);
  if (inputs.known !== undefined) run.known = inputs.known.dataSync() as Float32Array;
  if (inputs.constants !== undefined) run.constants = inputs.constants.dataSync() as Float32Array;
  for (let pixel = attrs.from; pixel < attrs.to; pixel++) run.pixel(pixel);
  return [tf.tensor(image, inputs.image.shape), tf.tensor(state, inputs.state.shape)];
}

class Run {
  known: Float32Array | undefined;
  constants: Float32Array = new Float32Array(0);
  private readonly rowOperations: Operation[];
  private readonly pixelOperations: Operation[];

  constructor(
    private readonly program: CausalProgram,
    private readonly attrs: CausalSamplerAttrs,
    private readonly batch: number,
    private readonly weights: Float32Array,
    private readonly state: Float32Array,
    private readonly image: Float32Array,
    private readonly noise: Float32Array,
  ) {
    this.rowOperations = program.operations.filter(({ byRow }) => byRow);
    this.pixelOperations = program.operations.filter(({ byRow }) => !byRow);
  }

  pixel(pixel: number): void {
    const { width, passes, channels, values } = this.program;
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    if (x === 0) {
      for (const operation of this.rowOperations) {
        for (let column = 0; column < width; column++) this.runAt(operation, y, column);
      }
    }
    const own = this.column(values[0]!, y, x, 0, 0)!;
    this.state.fill(0, own, own + this.batch * channels);
    for (let pass = 0; pass < passes; pass++) {
      for (const operation of this.pixelOperations) this.runAt(operation, y, x);
      for (let b = 0; b < this.batch; b++) {
        if (this.program.head === 0) this.drawLevel(pixel, own, b, pass);
        else this.drawLogistics(pixel, own, b);
      }
    }
  }

  /** Where the column at (dy, dx) from the place of pixel (y, x) begins in the state; undefined outside the map. */
  private column(
    { stride, rows, at, channels }: Value,
    y: number,
    x: number,
    dy: number,
    dx: number,
  ): number | undefined {
    const width = this.program.width / stride;
    const [row, column] = [Math.floor(y / stride) + dy, Math.floor(x / stride) + dx];
    if (row < 0 || column < 0 || column >= width) return undefined;
    const place = rows === 0 ? 0 : (row % rows) * width + column;
    return this.batch * (at + place * channels);
  }

  private runAt(operation: Operation, y: number, x: number): void {
    const { modulus, phase, kind, out, a, b } = operation;
    if (y % modulus !== phase[0] || x % modulus !== phase[1]) return;
    const { state } = this;
    const to = this.column(out, y, x, 0, 0)!;
    const one = a && this.column(a, y, x, 0, 0)!;
    const other = b && this.column(b, y, x, 0, 0)!;
    for (let image = 0; image < this.batch; image++) {
      const o = to + image * out.channels;
      const p = one === undefined ? -1 : one + image * a!.channels;
      const q = other === undefined ? -1 : other + image * b!.channels;
      if (kind === KIND.matrix) {
        this.matrix(operation, y, x, image, o, p);
        continue;
      }
      for (let j = 0; j < out.channels; j++) {
        if (kind === KIND.relu) state[o + j] = Math.max(0, state[p + j]!);
        else if (kind === KIND.elu) state[o + j] = elu(state[p + j]!);
        else if (kind === KIND.concatElu) {
          const half = a!.channels;
          state[o + j] = elu(j < half ? state[p + j]! : -state[p + j - half]!);
        } else if (kind === KIND.add) state[o + j] = state[p + j]! + state[q + j]!;
        else if (kind === KIND.gate) {
          const gated = state[q + j]! / (1 + Math.exp(-state[q + out.channels + j]!));
          state[o + j] = p < 0 ? gated : state[p + j]! + gated;
        } else if (kind === KIND.concat) {
          state[o + j] = j < a!.channels ? state[p + j]! : state[q + j - a!.channels]!;
        } else {
          const perImage = this.constants.length / this.batch;
          state[o + j] = state[p + j]! + this.constants[image * perImage + operation.weights + j]!;
        }
      }
    }
  }

  private matrix(operation: Operation, y: number, x: number, image: number, to: number, plus: number): void {
    const { out, taps, activation, bias } = operation;
    const { state, weights } = this;
    const inputs = taps.reduce((sum, { value }) => sum + value.channels, 0);
    for (let j = 0; j < out.channels; j++) {
      let sum = (bias < 0 ? 0 : weights[bias + j]!) + (plus < 0 ? 0 : state[plus + j]!);
      let w = operation.weights + Math.floor(j / PANEL) * PANEL * inputs + (j % PANEL);
      for (const { value, dy, dx } of taps) {
        const from = this.column(value, y, x, dy, dx);
        if (from !== undefined) {
          const at = from + image * value.channels;
          for (let i = 0; i < value.channels; i++) sum += state[at + i]! * weights[w + PANEL * i]!;
        }
        w += PANEL * value.channels;
      }
      state[to + j] = activation === 1 ? Math.max(0, sum) : activation === 2 ? elu(sum) : sum;
    }
  }

  private drawLevel(pixel: number, own: number, b: number, channel: number): void {
    const { channels, choices, noise, read, width } = this.program;
    const logits = this.column(read, Math.floor(pixel / width), pixel % width, 0, 0)! + b * read.channels;
    const from = logits + channel * choices;
    const u = this.noise[(b * this.pixels + pixel) * noise + channel]!;
    const level = this.attrs.low + choose(this.state.subarray(from, from + choices), this.attrs.temperature, u);
    this.write(pixel, own, b, channel, level, channels);
  }

  private drawLogistics(pixel: number, own: number, b: number): void {
    const { channels, choices, noise, read, width } = this.program;
    const { temperature, low, high, inputScale, inputShift, scaleFloor } = this.attrs;
    const start = this.column(read, Math.floor(pixel / width), pixel % width, 0, 0)! + b * read.channels;
    const draws = (b * this.pixels + pixel) * noise;
    const k = choose(this.state.subarray(start, start + choices), temperature, this.noise[draws]!);
    const locs = start + choices + k * channels;
    const scales = locs + choices * channels;
    let slope = start + choices * (1 + 2 * channels) + (k * channels * (channels - 1)) / 2;
    for (let c = 0; c < channels; c++) {
      const scale = softplus(this.state[scales + c]!) + scaleFloor;
      let v = this.state[locs + c]! + temperature * scale * this.noise[draws + 1 + c]!;
      for (let j = 0; j < c; j++) v += this.state[slope++]! * this.state[own + b * channels + j]!;
      const nearest = Math.floor((v - inputShift) / inputScale + 0.5);
      this.write(pixel, own, b, c, Math.min(high, Math.max(low, nearest)), channels);
    }
  }

  private get pixels(): number {
    return this.program.height * this.program.width;
  }

  private write(pixel: number, own: number, b: number, c: number, drawn: number, channels: number): void {
    const at = (b * this.pixels + pixel) * channels + c;
    if (!this.known?.[at]) this.image[at] = drawn;
    this.state[own + b * channels + c] = this.attrs.inputScale * this.image[at]! + this.attrs.inputShift;
  }
}

const elu = (x: number): number => (x >= 0 ? x : Math.expm1(x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The first index whose cumulated probability exceeds u; at temperature 0 the first of the largest logits. */
function choose(logits: Float32Array, temperature: number, u: number): number {
  let best = 0;
  for (let k = 1; k < logits.length; k++) if (logits[k]! > logits[best]!) best = k;
  if (temperature === 0) return best;
  const weight = (k: number) => Math.exp((logits[k]! - logits[best]!) / temperature);
  let total = 0;
  for (let k = 0; k < logits.length; k++) total += weight(k);
  let left = u * total;
  for (let k = 0; k < logits.length - 1; k++) {
    left -= weight(k);
    if (left < 0) return k;
  }
  return logits.length - 1;
}
